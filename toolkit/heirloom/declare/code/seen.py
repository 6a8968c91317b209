"""What names stood for when code was looked at, and whether they still do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

__all__ = ["ALTERABLE", "Enclosed", "Look", "Seen", "called"]

ALTERABLE = (list, dict, set, deque, bytearray, SimpleNamespace)
"""What a constant can be that is changed in place."""

_ABSENT = object()
Look = tuple[Mapping[str, Any], str]
"""A name, and the names among which it was looked up."""


class Enclosed(Mapping[str, Any]):
    """What the free variables of a function hold, whenever it is asked."""

    def __init__(self, function: FunctionType) -> None:
        names, cells = function.__code__.co_freevars, function.__closure__ or ()
        self._cells = dict(zip(names, cells, strict=True))

    def __getitem__(self, name: str) -> Any:
        try:
            return self._cells[name].cell_contents
        except ValueError:  # it holds nothing yet, or no more
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)


@dataclass(frozen=True, slots=True)
class Seen:
    """What each name stood for."""

    checks: tuple[Callable[[], bool], ...] = ()

    @classmethod
    def of(cls, looks: Iterable[Look], failed: Iterable[str] = ()) -> Seen:
        """What the names stand for now.

        Args:
            looks: The names.
            failed: Those that bind code to this kernel: of what they hold only the type is kept,
                for it may be large.
        """
        once = {(id(home), name): (home, name) for home, name in looks}
        bound = frozenset(failed)
        return cls(tuple(_check(home, name, name in bound) for home, name in once.values()))

    def holds(self) -> bool:
        """Whether every name stands for the same."""
        return all(check() for check in self.checks)


def _check(home: Mapping[str, Any], name: str, failed: bool) -> Callable[[], bool]:
    value = home.get(name, _ABSENT)
    if failed and not isinstance(value, FunctionType | type | ModuleType):
        kind = type(value)
        return lambda: type(home.get(name, _ABSENT)) is kind
    if isinstance(value, ALTERABLE):
        text = repr(value)
        return lambda: home.get(name, _ABSENT) is value and repr(value) == text
    if isinstance(value, ModuleType):
        spec = getattr(value, "__spec__", None)  # a module that is loaded again gets another
        return lambda: home.get(name) is value and getattr(value, "__spec__", None) is spec
    return lambda: home.get(name, _ABSENT) is value


def called(function: FunctionType) -> Iterator[Look]:
    """The names that a call of `function` can read, in it and in the functions beside it."""
    home = function.__globals__
    queue, seen = [function.__code__], {function.__code__}
    for code in queue:
        inner = [each for each in code.co_consts if isinstance(each, type(code))]
        for name in code.co_names:
            yield home, name
            held = home.get(name)
            if isinstance(held, FunctionType) and held.__globals__ is home:
                inner.append(held.__code__)
        queue += [each for each in dict.fromkeys(inner) if each not in seen]
        seen.update(inner)
