"""The text that defines a function or class anew, wherever it was defined the first time."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Protocol

from heirloom.declare.code.bound import Bound
from heirloom.declare.code.classes import methods, of_class
from heirloom.declare.code.expression import Expressions, alias
from heirloom.declare.code.home import is_notebook
from heirloom.declare.code.indentation import indented
from heirloom.declare.code.origin import Raw, contents, origin
from heirloom.declare.code.scope import bindings
from heirloom.declare.code.signature import edited, missing_hints
from heirloom.declare.code.source import Definition, Source, of_function
from heirloom.declare.trace import Names, names
from heirloom.records.secrets import secret_of

__all__ = ["Context", "Told", "tell"]


class Context(Protocol):
    """What a definition asks of those who collect it."""

    def expressions(self, owner: str, home: Mapping[str, Any]) -> tuple[Expressions, set[str]]:
        """A writer of values in `home`, and the set that it fills with the names it uses."""
        ...

    def look_into(self, function: FunctionType) -> None:
        """Note that what `function` closes over was looked at."""
        ...


_POSTPONE = "from __future__ import annotations"


@dataclass(frozen=True, slots=True)
class Told:
    """A definition as a fragment's text."""

    text: str
    names: Names
    """What it reads of the names around it."""
    own: frozenset[str]
    """Those of the names that the text itself gives."""
    uses: frozenset[str]
    """The names that its captured values are written with."""
    home: Mapping[str, Any]
    """Where its names are looked up."""
    members: Mapping[str, Any]
    """What else the text binds: functions that it shares a circle with, by name."""


def tell(context: Context, name: str, value: Any, raw: Raw, home: Mapping[str, Any]) -> Told:
    """The text that binds `name` to what `value` is.

    Args:
        context: What collects it.
        name: The name to bind.
        value: What decorators made of `raw`, or `raw` itself.
        raw: A function or class whose text can be found.
        home: The names around it, for a class that does not know them.

    Raises:
        Bound: Its text, or the value of a variable that it closes over, cannot be told.
    """
    registry = getattr(value, "registry", None)
    if isinstance(registry, Mapping) and len(registry) > 1 and hasattr(value, "dispatch"):
        raise Bound("its registered implementations are no part of its text", "use isinstance")
    pieces = [_Piece.of(raw, value, home)]
    pieces += [_Piece.of(other, held, home) for other, held in _circle(raw)]
    return _Telling(context, name, pieces).told()


@dataclass(frozen=True, slots=True)
class _Piece:
    """One definition with what it closes over."""

    raw: Raw
    value: Any
    source: Source[Definition]
    home: Mapping[str, Any]
    cells: Mapping[str, Any]

    @classmethod
    def of(cls, raw: Raw, value: Any, home: Mapping[str, Any]) -> _Piece:
        if isinstance(raw, FunctionType):
            return cls(raw, value, of_function(raw), raw.__globals__, contents(raw))
        cells: dict[str, Any] = {}
        for method in methods(raw):
            home, cells = method.__globals__, cells | contents(method)
        cells.pop("__class__", None)
        return cls(raw, value, of_class(raw), home, cells)

    @property
    def own(self) -> str:
        """The name that its text binds; empty for a lambda."""
        return getattr(self.source.node, "name", "")

    def is_it(self, value: Any) -> bool:
        return value is self.raw or value is self.value


class _Telling:
    """Puts pieces together; the first of them is what is told, the others are its circle."""

    def __init__(self, context: Context, name: str, pieces: list[_Piece]) -> None:
        self.name = name
        self.pieces = pieces
        self.main = pieces[0]
        for piece in pieces:
            for function in (
                [piece.raw] if isinstance(piece.raw, FunctionType) else methods(piece.raw)
            ):
                context.look_into(function)
        self.writer, self.uses = context.expressions(name, self.main.home)
        self.cells = self._cells()

    def told(self) -> Told:
        around = {**self.main.home, **{p.own: p.value for p in self.pieces if p.own}, **self.cells}
        texts = [self._edited(piece, around) for piece in self.pieces]
        given = dict(self.cells)
        for piece, text in zip(self.pieces, texts, strict=True):
            given |= missing_hints(text, piece.raw, around)
        text = self._flat(texts[0]) if not given and len(texts) == 1 else ""
        read = self._names(text or "\n".join(texts))
        members = {self._target(piece): piece.value for piece in self.pieces[1:]}
        text = text or self._scope(texts, given)
        text += "".join(self._patches())
        head = [_POSTPONE] if self.main.source.postponed else []
        whole = "\n".join([*head, *self.writer.imports(), text])
        own = {*given, *self.uses, *map(alias, self.writer.modules)}
        own |= {piece.own for piece in self.pieces if len(texts) > 1}
        return Told(whole, read, frozenset(own), frozenset(self.uses), self.main.home, members)

    def _cells(self) -> dict[str, Any]:
        """What the pieces close over, without one another."""
        cells: dict[str, Any] = {}
        for piece in self.pieces:
            for name, value in piece.cells.items():
                if any(other.own == name and other.is_it(value) for other in self.pieces):
                    continue
                if cells.setdefault(name, value) is not value:
                    raise Bound.ambiguous()
                if any(other.is_it(value) for other in self.pieces):
                    raise Bound.circle()
        return cells

    def _edited(self, piece: _Piece, around: Mapping[str, Any]) -> str:
        return edited(piece.source.text, piece.raw, around, self._write)

    def _write(self, called: str, value: Any) -> str:
        if (why := secret_of(called, value)) is not None:
            raise Bound.secret(called, why)
        try:
            return self.writer.write(value)
        except Bound as bound:
            raise Bound(bound.reason, bound.mend, bound.name or called) from None

    def _names(self, text: str) -> Names:
        return names(f"{_POSTPONE}\n{text}" if self.main.source.postponed else text)

    def _flat(self, text: str) -> str:
        """The definition as it stands, if it can bind the name; else nothing."""
        own, node = self.main.own, self.main.source.node
        if isinstance(node, ast.Lambda):
            return f"{self.name} = ({text})" if "\n" in text else f"{self.name} = {text}"
        if isinstance(node, ast.ClassDef) or node.decorator_list:
            return text if own == self.name else ""
        # What the text calls by its old name is what bears that name now, not itself.
        if own != self.name:
            text = re.sub(rf"(def\s+){own}\b", rf"\g<1>{self.name}", text, count=1)
        called = self.main.raw.__name__
        if called == self.name:
            return text
        return f"{text}\n{self.name}.__name__ = {self.name}.__qualname__ = {called!r}"

    def _target(self, piece: _Piece) -> str:
        return self.name if piece is self.main else f"{self.name}__{piece.own}"

    def _scope(self, texts: list[str], given: Mapping[str, Any]) -> str:
        """The definitions inside a function that gives them what they close over."""
        if len(texts) > 1 and not all(piece.own for piece in self.pieces):
            raise Bound.circle()
        parameters = ", ".join(sorted(given))
        arguments = ", ".join(f"{n}={self._write(n, v)}" for n, v in sorted(given.items()))
        results = ", ".join(piece.own or texts[0] for piece in self.pieces)
        lines = [f"def {self.name}__scope({parameters}):"]
        lines += [indented(text) for text in texts if self.main.own]
        lines += [indented(f"return {results}" if self.main.own else f"return ({results})")]
        targets = ", ".join(map(self._target, self.pieces))
        return "\n".join([*lines, f"{targets} = {self.name}__scope({arguments})"])

    def _patches(self) -> Iterator[str]:
        """Methods that a class was given after its body had run."""
        cls, node = self.main.raw, self.main.source.node
        if not isinstance(cls, type) or not isinstance(node, ast.ClassDef):
            return
        written = set(bindings(node.body))
        for name, value in vars(cls).items():
            if not isinstance(value, FunctionType) or name in written:
                continue
            if is_notebook(value.__module__) and "." not in value.__qualname__:
                yield f"\n{self.name}.{name} = {self._write(name, value)}"


def _circle(raw: Raw) -> list[tuple[FunctionType, Any]]:
    """The nested functions that `raw` holds and that hold it in turn, with their values."""
    if not isinstance(raw, FunctionType):
        return []
    found, holds = {id(raw): (raw, raw)}, dict[int, set[int]]()
    queue: list[FunctionType] = [raw]
    for function in queue:
        for name, held in contents(function).items():
            inner = origin(held, name) if callable(held) else None
            if isinstance(inner, FunctionType) and inner.__closure__:
                holds.setdefault(id(function), set()).add(id(inner))
                if id(inner) not in found:
                    found[id(inner)] = (inner, held)
                    queue.append(inner)
    back, size = {id(raw)}, 0
    while len(back) > size:
        size = len(back)
        back |= {each for each, inner in holds.items() if inner & back}
    return [found[each] for each in found if each in back and each != id(raw)]
