"""A magic's line: split at blanks, ``{expr}`` filled in."""

from __future__ import annotations

from typing import Any

from heirloom.errors import DeclarationError, RefError
from heirloom.lines.fields import evaluated, field_at, fields_in
from heirloom.records.clauses import quote
from heirloom.records.names import canonical

__all__ = ["as_written", "begun", "split"]


def split(line: str, namespace: dict[str, Any]) -> list[str]:
    """The words of a line.

    Blanks inside square brackets and quotes do not split. Quotes outside of brackets are taken
    away; inside, they belong to the ref, and a field that stands there is quoted where it has
    to be.

    Raises:
        RefError: A quote or a brace is not closed; the message points at it.
        DeclarationError: A field has no value.
    """
    return _Splitter(line, namespace).words()


def begun(line: str) -> tuple[list[str], str]:
    """The words of a line that is still being written, as they stand; and the last, unfinished.

    Blanks inside quotes, brackets and braces do not split, closed or not.
    """
    words, word, depth, quote = list[str](), "", 0, ""
    for sign in line:
        if sign.isspace() and not quote and not depth:
            words += [word] if word else []
            word = ""
            continue
        word += sign
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        else:
            depth = max(depth + (sign in "[{") - (sign in "]}"), 0)
    return words, word


def as_written(line: str) -> list[str]:
    """The words of a line that is read and not run.

    Raises:
        RefError: A quote or a brace is not closed; the message points at it.
        DeclarationError: A field stands in it.
    """
    if (field := next(fields_in(line), None)) is not None:
        msg = f"{{{field}}} on its line is filled in when it runs: write what it is."
        raise DeclarationError(msg)
    return split(line, {})


class _Splitter:
    def __init__(self, line: str, namespace: dict[str, Any]) -> None:
        self.line = line
        self.namespace = namespace
        self.at = 0
        self.depth = 0
        self.quote = ""
        self.quoted_at = 0

    def words(self) -> list[str]:
        found: list[str] = []
        word: str | None = None
        while self.at < len(self.line):
            sign = self.line[self.at]
            if sign.isspace() and not self.quote and not self.depth:
                self.at += 1
                found += [] if word is None else [word]
                word = None
            else:
                word = (word or "") + self._piece(sign)
        if self.quote:
            raise RefError.pointing("A quote is not closed", self.line, self.quoted_at)
        return found if word is None else [*found, word]

    def _piece(self, sign: str) -> str:
        pair = self.line[self.at : self.at + 2]
        if sign in "{}" and pair not in ("{{", "}}"):
            return self._field()
        self.at += 2 if sign in "{}" or (self.quote and pair in ('\\"', "\\\\")) else 1
        if self.quote and pair in ('\\"', "\\\\"):
            return pair if self.depth else pair[1]
        if sign == self.quote or (sign in "'\"" and not self.quote):
            self.quote, self.quoted_at = ("" if self.quote else sign), self.at - 1
            return sign if self.depth else ""
        if not self.quote:
            self.depth = max(self.depth + (sign == "[") - (sign == "]"), 0)
        return sign

    def _field(self) -> str:
        expression, self.at = field_at(self.line, self.at)
        value = evaluated(expression, self.namespace)
        if not self.depth:
            return str(value)
        text = canonical(value, expression)
        if self.quote:
            return text.replace("\\", "\\\\").replace('"', '\\"')
        return quote(text)
