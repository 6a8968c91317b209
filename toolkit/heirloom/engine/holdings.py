"""What a name's value holds: the notebook's functions, and the objects that can be changed.

Values are looked at while a cell's end is taken in, and none is kept: an object is known by its
identity, and one that has gone may be taken for another that came to its place.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FrameType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import Any

__all__ = ["Holding", "Holdings"]

FAR = 300
"""How many objects are looked at before the search gives up."""
_NOTHING = frozenset(
    {
        *(type(None), bool, int, float, complex, str, bytes, range, slice, type(...)),
        *(CodeType, FrameType, BuiltinFunctionType),
    }
)
_FIXED = frozenset({tuple, frozenset, MethodType, CellType})
_CONTAINERS = (list, tuple, set, frozenset, dict)
_DECLARED = "heirloom.declare."
_WHOLE = ("numpy", "pandas", "polars", "pyarrow", "torch", "xarray")
"""Objects of these libraries hold data; what they are made of is not looked at."""


@dataclass(slots=True)
class Holding:
    """What was found in one value.

    Attributes:
        codes: Of the notebook's functions in it.
        definitions: Identities of the notebook's functions and classes in it.
        objects: Identities of what else can be changed in place; they hold for as long as the value
            is not let go.
        opaque: Whether a library's object is around one of the functions: it may keep what
            the function is given.
        whole: Whether all of it was looked at.
    """

    codes: set[CodeType] = field(default_factory=set)
    definitions: set[int] = field(default_factory=set)
    objects: set[int] = field(default_factory=set)
    opaque: bool = False
    whole: bool = True


class Holdings:
    """What the names of one notebook hold: each is looked at once, until it is forgotten."""

    def __init__(self) -> None:
        """Have looked at nothing."""
        self._found: dict[str, tuple[int, Holding]] = {}

    def at(self, name: str, namespace: Mapping[str, Any]) -> Holding:
        """What is in the value of `name`, as it was found; in one that is new, as it is now."""
        value = namespace.get(name)
        if type(value) in _NOTHING or isinstance(value, ModuleType):
            return _EMPTY
        identity, found = self._found.get(name, (0, _EMPTY))
        if identity != id(value):
            found = holding(value, namespace)
            self._found[name] = id(value), found
        return found

    def forget(self, names: Iterable[str]) -> None:
        """Look at these again when they are asked for: what they hold was changed."""
        for name in names:
            self._found.pop(name, None)


_EMPTY = Holding()


def holding(value: Any, namespace: Mapping[str, Any]) -> Holding:
    """Look into a value of the notebook whose names are `namespace`, not too far."""
    found, seen, stack = Holding(), set[int](), [value]
    library = False
    while stack and len(seen) < FAR:
        one = stack.pop()
        kind = type(one)
        if kind in _NOTHING or one is namespace or id(one) in seen or isinstance(one, ModuleType):
            continue
        seen.add(id(one))
        if isinstance(one, type) and not _is_own(one, namespace):
            continue
        if kind.__module__.startswith(_DECLARED):  # a call of it changes nothing of its own
            stack.append(getattr(one, "__heirloom_function__", getattr(one, "task", None)))
            continue
        if isinstance(one, FunctionType):
            if one.__globals__ is namespace:
                found.codes.add(one.__code__)
                found.definitions.add(id(one))
            else:
                library = True
        elif isinstance(one, type):
            found.definitions.add(id(one))
        else:
            library = library or not (kind.__module__ == "builtins" or _is_own(kind, namespace))
            if kind not in _FIXED:
                found.objects.add(id(one))
        stack += _inside(one)
        if kind in _CONTAINERS and len(one) > FAR:
            found.whole = False
    found.whole = found.whole and not stack
    found.opaque = library and bool(found.codes)
    return found


def _inside(one: Any) -> Iterable[Any]:
    """What an object refers to, without its class's and its function's surroundings."""
    if isinstance(one, FunctionType):
        held = [*(one.__defaults__ or ()), *(one.__kwdefaults__ or {}).values()]
        return [*held, *(one.__closure__ or ()), *one.__dict__.values()]
    if isinstance(one, type):
        return [*vars(one).values(), *one.__bases__]
    if type(one) is dict:
        return islice(chain(one.values(), one), FAR)
    if type(one) in _CONTAINERS:
        return islice(one, FAR)
    if type(one).__module__.partition(".")[0] in _WHOLE:
        return filter(None.__ne__, [getattr(one, "base", None)])
    return gc.get_referents(one)


def _is_own(kind: type, namespace: Mapping[str, Any]) -> bool:
    return kind.__dict__.get("__module__") == namespace.get("__name__")
