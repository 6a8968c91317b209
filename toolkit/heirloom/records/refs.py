"""The text that names an artifact, some of its versions, or one: ``sales[region=emea]@7``."""

from __future__ import annotations

import keyword
import re
import unicodedata
from dataclasses import dataclass, replace

from heirloom.errors import DeclarationError, PartitionError
from heirloom.records.clauses import Clause
from heirloom.records.given import given_text
from heirloom.records.names import check_name, is_word
from heirloom.records.tokens import Reader

__all__ = ["SCHEME", "Ref", "parse_query_string", "variable"]

SCHEME = "heirloom://"
_DIGITS = 18  # what the index can count to
_NAME = re.compile(r"[^\W\d][\w.\-]*(?:/[^\W\d][\w.\-]*)*")


@dataclass(frozen=True, slots=True)
class Ref:
    """A parsed ref; ``str`` gives its text back.

    `project` is `None` where the text names none (the session's own is meant); `at` is a
    version number, an alias, ``latest``, or `None`.
    """

    name: str
    project: str | None = None
    clauses: tuple[Clause, ...] = ()
    at: int | str | None = None

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Read `text` by the grammar.

        Raises:
            RefError: It is no ref; the message points at the spot.
            InputError: It is no text.
        """
        written = given_text(text, "A ref such as 'sales[region=emea]@7'")
        reader = Reader(unicodedata.normalize("NFC", written))
        project = _project(reader)
        name = _name(reader)
        clauses = _brackets(reader)
        at = _at(reader)
        if reader.at != len(reader.text):
            message = "Unexpected text after the ref"
            raise reader.fail(message)
        return cls(name, project, clauses, at)

    def __str__(self) -> str:
        scheme = f"{SCHEME}{self.project}/" if self.project else ""
        inside = f"[{','.join(map(str, self.clauses))}]" if self.clauses else ""
        return f"{scheme}{self.name}{inside}" + ("" if self.at is None else f"@{self.at}")

    def __heirloom_source__(self) -> str:
        return f"heirloom.ref({str(self)!r})"

    def within(self, project: str) -> Ref:
        """The same ref with its project filled in."""
        return self if self.project else replace(self, project=project)

    @property
    def word(self) -> str:
        """The last word of the name: what ``--from`` binds it under."""
        return self.name.rpartition("/")[2]

    def values(self) -> dict[str, str]:
        """The brackets as ``key=value`` pairs, as on writing.

        Raises:
            PartitionError: A clause is anything but ``key=value``.
        """
        for clause in self.clauses:
            if clause.op != "=" or clause.negated:
                msg = f"Only key=value names what is written; got {str(clause)!r} in {str(self)!r}."
                raise PartitionError(msg)
        return {clause.key: clause.values[0] for clause in self.clauses}


def _project(reader: Reader) -> str | None:
    if not reader.text.startswith(SCHEME):
        return None
    start = len(SCHEME)
    project, slash, _ = reader.text[start:].partition("/")
    if not slash or not is_word(project):
        message = f"Expected a project and a '/' after {SCHEME!r}"
        raise reader.fail(message, start)
    reader.at = start + len(project) + 1
    return project


def _name(reader: Reader) -> str:
    found = _NAME.match(reader.text, reader.at)
    if found is None:
        message = "Expected an artifact's name"
        raise reader.fail(message)
    reader.at = found.end()
    try:
        return check_name(found.group())
    except DeclarationError as error:
        raise reader.fail(str(error), found.start()) from None


def _brackets(reader: Reader) -> tuple[Clause, ...]:
    if not reader.text.startswith("[", reader.at):
        return ()
    reader.at += 1
    if reader.peek().kind == "]":
        message = "Empty brackets"
        raise reader.fail(message)
    clauses = [reader.clause()]
    while (token := reader.next()).kind == ",":
        clauses.append(reader.clause())
    if token.kind != "]":
        message = "Expected ',' or ']'"
        raise reader.fail(message, token.at)
    return tuple(clauses)


def _at(reader: Reader) -> int | str | None:
    text = reader.text
    if not text.startswith("@", reader.at):
        return None
    start = reader.at + 1
    word = text[start:]
    reader.at = len(text)
    if word.isascii() and word.isdigit():
        if word.startswith("0") or len(word) > _DIGITS:
            message = f"Versions are whole numbers from 1, of {_DIGITS} digits at most"
            raise reader.fail(message, start)
        return int(word)
    if not is_word(word):
        message = "Expected a version number, an alias or 'latest' after '@'"
        raise reader.fail(message, start)
    return word


def parse_query_string(text: str) -> str:
    """``sales?region=emea&day=3`` as the command line takes it, in the ref's own form."""
    head, mark, tail = text.partition("?")
    if not mark or "[" in head:
        return text
    base, at, version = head.partition("@")
    clauses = ",".join(part for part in tail.split("&") if part)
    return f"{base}[{clauses}]{at}{version}"


def variable(name: str) -> str:
    """A name that Python takes, of the last word of an artifact's: ``daily_sum``, ``class_``."""
    word = name.rpartition("/")[2]
    made = "".join(sign if f"_{sign}".isidentifier() else "_" for sign in word)
    return f"{made}_" if keyword.iskeyword(made) else made
