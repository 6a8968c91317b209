"""Values that carry their own sources, whatever is done to them: the truth about lineage."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

__all__ = ["Marked", "marks_in"]

_TEXT = re.compile(r"«(\w+)»")
_OPERATORS = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "matmul", "pow"),
    *("and", "or", "xor", "lshift", "rshift"),
)
_COMPARED = ("lt", "le", "gt", "ge", "eq", "ne")


class Marked:
    """A value with marks; what is made of it has them too, what is put into it gives it its own."""

    def __init__(self, *marks: str) -> None:
        vars(self)["marks"] = set(marks)

    def _with(self, *others: Any) -> Marked:
        return Marked(*self.marks.union(*map(marks_in, others)))

    def _take(self, *others: Any) -> Marked:
        self.marks.update(*map(marks_in, others))
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Marked:
        return self._take(args, kwargs)._with()

    def __getattr__(self, name: str) -> Any:
        if name == "marks" or name.startswith("__"):
            raise AttributeError(name)
        return self if name == "itself" else lambda *args, **kw: self._take(args, kw)._with()

    def __setattr__(self, name: str, value: Any) -> None:
        self._take(value)

    def __getitem__(self, key: Any) -> Marked:
        return self._with(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._take(key, value)

    def __delitem__(self, key: Any) -> None:
        self._take(key)

    def __delattr__(self, name: str) -> None:
        pass

    def __iter__(self) -> Iterator[Marked]:
        return iter([self._with(), self._with()])

    def __enter__(self) -> Marked:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    async def __aenter__(self) -> Marked:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    def __await__(self) -> Generator[None, None, Marked]:
        yield from ()
        return self

    async def __aiter__(self) -> AsyncIterator[Marked]:
        yield self._with()

    def __len__(self) -> int:
        return 2

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> bool:
        return True

    def __contains__(self, _: object) -> bool:
        return True

    def __neg__(self) -> Marked:
        return self._with()

    def __repr__(self) -> str:
        return "".join(f"«{mark}»" for mark in sorted(self.marks)) or "unmarked"


for _name in _OPERATORS:
    setattr(Marked, f"__{_name}__", lambda self, other: self._with(other))
    setattr(Marked, f"__r{_name}__", lambda self, other: self._with(other))
    setattr(Marked, f"__i{_name}__", lambda self, other: self._take(other))
for _name in _COMPARED:
    setattr(Marked, f"__{_name}__", lambda self, other: self._with(other))


def marks_in(value: Any, seen: frozenset[int] = frozenset()) -> set[str]:
    """Every mark that can be reached in a value: in containers, in objects, in text."""
    if id(value) in seen:
        return set()
    seen |= {id(value)}
    if isinstance(value, Marked):
        return set(value.marks)
    if isinstance(value, str):
        return set(_TEXT.findall(value))
    inner: list[Any] = []
    if isinstance(value, dict):
        inner = [*value, *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inner = list(value)
    elif isinstance(value, slice):
        inner = [value.start, value.stop, value.step]
    elif not isinstance(value, type) and not callable(value):
        inner = list(getattr(value, "__dict__", {}).values())
    return set().union(*(marks_in(each, seen) for each in inner))
