"""A magic's line: split at blanks, ``{expr}`` filled in, options read."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from heirloom.errors import DeclarationError, RefError, did_you_mean
from heirloom.magics.fields import evaluated, field_at
from heirloom.records.clauses import quote
from heirloom.records.names import canonical

__all__ = ["Options", "split"]


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


class Options(argparse.ArgumentParser):
    """The options of one magic, whose errors are one line of ours."""

    def __init__(self, magic: str, usage: str, description: str) -> None:
        """Take none yet.

        Args:
            magic: How the user writes it: ``%%artifact``.
            usage: What follows on the line.
            description: What it does.
        """
        self.magic = magic
        super().__init__(
            prog=magic,
            usage=f"%(prog)s {usage}",
            description=description,
            add_help=False,
            allow_abbrev=False,
            formatter_class=_Wide,
        )

    @property
    def flags(self) -> list[str]:
        """Every option, as it is written."""
        return [*self._option_string_actions, "--help"]

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """What the words say.

        Raises:
            DeclarationError: An option is unknown, or something is missing or too much.
        """
        said, surplus = self.parse_known_args(list(words))
        for word in surplus:
            if word.startswith("-"):
                self.error(f"no option {word!r}.{did_you_mean(word, self.flags)}")
            self.error(f"{word!r} is too much")
        return said

    def help(self) -> str:
        """The text that ``?`` and ``--help`` show."""
        return self.format_help().strip()

    def error(self, message: str) -> NoReturn:
        """Refuse, in one line."""
        end = "" if message.endswith(("?", ".")) else "."
        msg = f"{self.magic}: {message}{end} {self.magic}? tells how it is written."
        raise DeclarationError(msg)


class _Wide(argparse.RawDescriptionHelpFormatter):
    """Help of one width wherever it is made."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=24, width=96)
