"""The tokenizer of refs and searches: words, quoted values, operators, brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from heirloom.errors import RefError
from heirloom.records.clauses import OPERATORS, Clause

__all__ = ["Reader", "Token"]

_SINGLES = frozenset(",[]()")
_STOPS = frozenset(",[]()=!<>")
_LONGEST = 100_000
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `kind` is ``word``, ``quoted``, ``op``, a single sign, or ``end``."""

    kind: str
    text: str
    at: int


class Reader:
    """Reads tokens from `text` one by one; every error points at its spot.

    `depth` is for whoever reads what nests.
    """

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at
        self.depth = 0
        if len(text) > _LONGEST:
            raise self.fail(f"At most {_LONGEST:,} signs are read; got {len(text):,}", _LONGEST)
        half = _HALF.search(text)
        if half is not None:
            raise self.fail("Half of a surrogate pair is no character", half.start())

    def fail(self, message: str, at: int | None = None) -> RefError:
        """The error to raise at `at`, or here."""
        return RefError.pointing(message, self.text, self.at if at is None else at)

    def peek(self) -> Token:
        """The next token, left where it is."""
        mark = self.at
        token = self.next()
        self.at = mark
        return token

    def next(self) -> Token:
        """The next token; blanks before it are skipped."""
        text, size = self.text, len(self.text)
        while self.at < size and text[self.at].isspace():
            self.at += 1
        start = self.at
        if start == size:
            return Token("end", "", start)
        char = text[start]
        if char in _SINGLES:
            self.at += 1
            return Token(char, char, start)
        if char == '"':
            return self._quoted(start)
        for op in OPERATORS:
            if text.startswith(op, start):
                self.at += len(op)
                return Token("op", op, start)
        if char == "!":
            message = "'!' stands only in '!='"
            raise self.fail(message, start)
        while self.at < size and not (text[self.at].isspace() or text[self.at] in _STOPS):
            self.at += 1
        return Token("word", text[start : self.at], start)

    def _quoted(self, start: int) -> Token:
        out: list[str] = []
        at = start + 1
        while at < len(self.text):
            char = self.text[at]
            if char == '"':
                self.at = at + 1
                return Token("quoted", "".join(out), start)
            if char == "\\" and at + 1 < len(self.text):
                at += 1
                char = self.text[at]
            out.append(char)
            at += 1
        message = "A quote is not closed"
        raise self.fail(message, start)

    def expect(self, kind: str, what: str) -> Token:
        """The next token, which must be of `kind`; `what` names it in the error."""
        token = self.next()
        if token.kind != kind:
            got = repr(token.text) if token.text else "the end"
            message = f"Expected {what}, got {got}"
            raise self.fail(message, token.at)
        return token

    def value(self) -> str:
        """A bare or quoted value."""
        token = self.next()
        if token.kind not in {"word", "quoted"}:
            message = "Expected a value"
            raise self.fail(message, token.at)
        return token.text

    def clause(self) -> Clause:
        """One clause, ``not`` included."""
        key = self.expect("word", "a partition key")
        negated = key.text == "not"
        if negated:
            key = self.expect("word", "a partition key")
        if not key.text.isidentifier():
            message = f"{key.text!r} is no partition key"
            raise self.fail(message, key.at)
        op = self.next()
        if op.kind == "word" and op.text == "in":
            return Clause(key.text, "in", self._several(), negated)
        if op.kind != "op":
            message = f"Expected an operator after {key.text!r}"
            raise self.fail(message, op.at)
        return Clause(key.text, op.text, (self.value(),), negated)

    def _several(self) -> tuple[str, ...]:
        self.expect("(", "'('")
        values = [self.value()]
        while (token := self.next()).kind == ",":
            values.append(self.value())
        if token.kind != ")":
            message = "Expected ',' or ')'"
            raise self.fail(message, token.at)
        return tuple(values)
