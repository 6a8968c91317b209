"""Which definition a name of the notebook goes back to, through whatever decorators made of it."""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import Any, TypeAlias

from heirloom.declare.code.bound import Bound
from heirloom.declare.code.classes import of_class
from heirloom.declare.code.home import is_local, is_notebook
from heirloom.declare.code.source import of_function

__all__ = ["Raw", "contents", "is_own", "origin"]

Raw: TypeAlias = FunctionType | type

_FAR = 200
"""How many objects are looked at before the search gives up."""


def origin(value: Any, name: str) -> Raw | None:
    """The function or class whose text, with its decorators, binds `name` to `value`.

    Args:
        value: What the name is bound to: the definition itself, or what decorators made of it.
        name: The name; a wrapped definition has to be of that name and to be decorated.

    Returns:
        `None` if `value` was made in another way, by a plain call for example, or if what
        defines it belongs to a library.
    """
    if isinstance(value, MethodType):
        return None
    own = value if isinstance(value, Raw) and is_own(value) else None
    if own is not None and (isinstance(own, type) or _is_named(own, name)):
        return own
    seen, queue = {id(value)}, [value]
    for item in queue:
        for inner in _inside(item):
            if id(inner) in seen or len(seen) > _FAR:
                continue
            seen.add(id(inner))
            queue.append(inner)
            if not isinstance(inner, Raw) or not is_own(inner) or not _is_named(inner, name):
                continue
            if _is_decorated(inner):
                return inner
    return own


def contents(function: FunctionType) -> dict[str, Any]:
    """What the free variables of a function hold; those that hold nothing yet are left out."""
    held = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            held[name] = cell.cell_contents
        except ValueError:
            continue
    return held


def is_own(raw: Raw) -> bool:
    """Whether it was defined in the notebook or in a module of the user's own."""
    # A wrapper may have been given the module of what it wraps; its globals are its own.
    space = raw.__globals__ if isinstance(raw, FunctionType) else vars(raw)
    module = space.get("__name__" if isinstance(raw, FunctionType) else "__module__")
    return is_notebook(module) or (isinstance(module, str) and is_local(module))


def _is_named(raw: Raw, name: str) -> bool:
    # A wrapper may have been given the name of what it wraps; its code keeps its own.
    return (raw.__name__ if isinstance(raw, type) else raw.__code__.co_name) == name


def _is_decorated(raw: Raw) -> bool:
    try:
        node = of_class(raw).node if isinstance(raw, type) else of_function(raw).node
    except Bound:
        return False
    return bool(getattr(node, "decorator_list", ()))


def _inside(value: Any) -> Iterator[Any]:
    """The functions and classes that an object was made around, and what may hold them."""
    for key in ("__heirloom_function__", "__wrapped__", "__func__", "func", "fget"):
        try:
            yield getattr(value, key)
        except Exception:  # any object may refuse to be asked
            continue
    if isinstance(value, FunctionType):
        yield from contents(value).values()
    elif not isinstance(value, type):
        attributes = getattr(value, "__dict__", {})
        yield from (held for held in attributes.values() if isinstance(held, Raw))
