"""A value that a run will have, and the values that a body builds around such."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import reduce
from operator import or_
from types import GenericAlias, ModuleType
from typing import Any, Literal, NoReturn

from heirloom.codecs import class_name
from heirloom.codecs.objects import fields_of, parts_of, revived, state_of
from heirloom.errors import DeclarationError, NotSupported

__all__ = ["Promise", "check_reachable", "fields_promised", "filled", "promises_in", "type_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Promise:
    """A value that a run will have: an input of the workflow, or an output of a node.

    It can be passed on, not looked at: what a body did with it now would be wrong in the run.
    """

    node: str
    output: str
    type: Any

    def _looked_at(self, *_: object) -> NoReturn:
        msg = (
            f"{self!r} is looked at while the workflow is declared: its value is known only in a "
            "run. Do that inside a task, or give it to a @dynamic workflow, which sees its inputs."
        )
        raise DeclarationError(msg)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):  # what Python itself and notebooks ask of any object
            raise AttributeError(name)
        self._looked_at()

    def with_overrides(self, **options: Any) -> NoReturn:
        """Refused: a call has no options of its own.

        Raises:
            NotSupported: Always.
        """
        given = ", ".join(f"{name}={value!r:.40}" for name, value in options.items())
        msg = f"{self!r} has no options of its own. Give them to the task: @task({given})."
        raise NotSupported(msg)

    __bool__ = __iter__ = __len__ = __contains__ = __reversed__ = __call__ = _looked_at
    __getitem__ = __setitem__ = __delitem__ = __enter__ = __await__ = _looked_at
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _looked_at
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _looked_at
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _looked_at
    __divmod__ = __rdivmod__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = _looked_at
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __invert__ = _looked_at
    __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _looked_at
    __neg__ = __pos__ = __abs__ = __round__ = __trunc__ = __floor__ = __ceil__ = _looked_at
    __int__ = __float__ = __complex__ = __index__ = __str__ = __format__ = _looked_at
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<promise {self.node}.{self.output}>" if self.node else f"<input {self.output}>"


def promises_in(value: Any) -> Iterator[Promise]:
    """Every promise inside of containers and objects with fields, in order."""
    if isinstance(value, Promise):
        yield value
    else:
        for part in parts_of(value):
            yield from promises_in(part)


def filled(value: Any, value_of: Callable[[Promise], Any]) -> Any:
    """`value` with the promises inside it kept; containers and objects stay what they are."""
    if isinstance(value, Promise):
        return value_of(value)
    if not any(True for _ in promises_in(value)):
        return value
    if isinstance(value, Mapping):
        return {key: filled(item, value_of) for key, item in value.items()}
    if (state := state_of(value)) is not None:
        fields = {name: filled(part, value_of) for name, part in state.fields.items()}
        return revived(type(value), replace(state, fields=fields))
    kind = next(kind for kind in (list, tuple, set, frozenset) if isinstance(value, kind))
    return kind(filled(item, value_of) for item in value)


def check_reachable(value: Any) -> None:
    """Hold that every promise stands where a run can put its value.

    Raises:
        DeclarationError: One is a dict's key, or an attribute of an object of some other class.
    """
    for promise, where in _unreachable(value):
        msg = (
            f"{promise!r} stands {where}, where no run can put its value. Build that in a task; "
            "lists, tuples, sets, dicts, dataclasses and named tuples may hold what calls return."
        )
        raise DeclarationError(msg)


def _unreachable(value: Any) -> Iterator[tuple[Promise, str]]:
    if isinstance(value, Promise | type | ModuleType):
        return
    if isinstance(value, Mapping):
        yield from ((key, "as the key of a dict") for key in value if isinstance(key, Promise))
    parts = list(parts_of(value))
    for part in parts:
        yield from _unreachable(part)
    if not parts:
        inside = promises_in(_attributes(value))
        yield from ((each, f"inside of a {class_name(type(value))}") for each in inside)


def _attributes(value: Any) -> list[Any]:
    """What an object of some class has beside its methods; of an array of objects its members."""
    if str(getattr(value, "dtype", "")) == "object" and hasattr(value, "tolist"):
        return [value.tolist()]
    return list(getattr(value, "__dict__", {}).values())


def fields_promised(value: Any) -> Iterator[tuple[str, Any, Any]]:
    """The fields of objects that hold promises: the name of each, its annotation, what it holds."""
    state = state_of(value)
    hints = fields_of(type(value)) if state is not None else {}
    for name, part in (state.fields if state is not None else {}).items():
        if any(True for _ in promises_in(part)):
            yield f"{class_name(type(value))}.{name}", hints[name].hint, part
    for part in parts_of(value):
        yield from fields_promised(part)


def type_of(value: Any) -> Any:
    """The type of what holds promises: theirs, of a container that of its members too."""
    if isinstance(value, Promise):
        return value.type
    if not any(True for _ in promises_in(value)):
        plain = isinstance(value, bool | int | str | bytes | Enum | None)
        return Literal[value] if plain else type(value)
    if isinstance(value, Mapping):
        return GenericAlias(dict, (_union(value), _union(value.values())))
    if type(value) is tuple:
        return GenericAlias(tuple, tuple(map(type_of, value)))
    if isinstance(value, list | set | frozenset):
        return GenericAlias(type(value), (_union(value),))
    return type(value)


def _union(values: Iterable[Any]) -> Any:
    """The union of the types of some values; `Any` where Python has none for them."""
    try:
        return reduce(or_, map(type_of, values))
    except TypeError:
        return Any
