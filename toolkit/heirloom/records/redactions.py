"""What a redaction takes out of records, and what stands there afterwards."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from heirloom.errors import InputError

__all__ = ["MARKER", "OfExecution", "OfVersion", "Redaction", "Text"]

MARKER = "[redacted]"
_SHORTEST = 4


class Redaction(ABC):
    """What goes. `str` says it in words that hold nothing of the value."""

    @property
    def needles(self) -> tuple[bytes, ...]:
        """The bytes by which copies of it are found; empty where it is no text."""
        return ()

    @abstractmethod
    def may_be_in(self, table: str, body: bytes) -> bool:
        """Whether a document of `table` may hold it, by its text."""

    @abstractmethod
    def taken_from(self, table: str, doc: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
        """The document without it, and in how many values it stood."""


class Text(Redaction):
    """A text, wherever it stands: in values, cards, notes, code, errors, tables of the user's."""

    def __init__(self, text: str) -> None:
        """Take `text` out.

        Raises:
            InputError: It is too short to be told from other text, or no text of a record.
        """
        if len(text) < _SHORTEST:
            msg = (
                f"A text of {len(text)} characters is too short to be told from other text; "
                f"give {_SHORTEST} or more."
            )
            raise InputError(msg)
        try:
            once = orjson.dumps(text)[1:-1].decode()
        except TypeError as error:
            msg = f"No record can hold that text: {error}."
            raise InputError(msg) from error
        twice = orjson.dumps(once)[1:-1].decode()
        self._text = text
        self._forms = tuple(dict.fromkeys((text, once)))
        self._needles = tuple({form.encode() for form in (text, once, twice)})

    @property
    def needles(self) -> tuple[bytes, ...]:
        """The text as it stands in a file, and as JSON writes it, once and twice."""
        return self._needles

    def may_be_in(self, table: str, body: bytes) -> bool:
        """See `Redaction.may_be_in`."""
        return any(needle in body for needle in self._needles)

    def taken_from(self, table: str, doc: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
        """See `Redaction.taken_from`."""
        found, places = self._without(doc)
        return found, places

    def _without(self, value: Any, *, valued: bool = False) -> tuple[Any, int]:
        """`valued` is true below a ``value``: only there a number is not Heirloom's own."""
        if isinstance(value, str):
            return self._without_text(value)
        if isinstance(value, Mapping):
            pairs = [
                (self._without_text(key), self._without(each, valued=valued or key == "value"))
                for key, each in value.items()
            ]
            places = sum(key[1] + each[1] for key, each in pairs)
            found = {key[0]: each[0] for key, each in pairs}
            return (_resealed(found) if places else found), places
        if isinstance(value, list | tuple):
            items = [self._without(each, valued=valued) for each in value]
            return [item for item, _ in items], sum(places for _, places in items)
        if valued and isinstance(value, int | float) and str(value) == self._text:
            return MARKER, 1
        return value, 0

    def _without_text(self, value: str) -> tuple[str, int]:
        places = 0
        for form in self._forms:
            places += value.count(form)
            value = value.replace(form, MARKER)
        return value, places

    def __str__(self) -> str:
        return "that text"


@dataclass(frozen=True, slots=True)
class OfExecution(Redaction):
    """The value of one parameter of one execution."""

    execution_id: str
    parameter: str

    def may_be_in(self, table: str, body: bytes) -> bool:
        """See `Redaction.may_be_in`."""
        return table == "executions" and self.execution_id.encode() in body

    def taken_from(self, table: str, doc: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
        """See `Redaction.taken_from`."""
        inputs = dict(doc.get("inputs", {}))
        bound = inputs.get(self.parameter, {})
        if doc["id"] != self.execution_id or "value" not in bound.get("value", {}):
            return dict(doc), 0
        inputs[self.parameter] = {**bound, "value": _resealed({**bound["value"], "value": MARKER})}
        return {**doc, "inputs": inputs}, 1

    def __str__(self) -> str:
        return f"a value of parameter {self.parameter!r} in execution {self.execution_id}"


@dataclass(frozen=True, slots=True)
class OfVersion(Redaction):
    """What one version has in its record: its ``card`` (every revision), ``notes`` or ``value``."""

    project: str
    name: str
    version: int
    part: str

    def may_be_in(self, table: str, body: bytes) -> bool:
        """See `Redaction.may_be_in`."""
        return table in {"versions", "marks"}

    def taken_from(self, table: str, doc: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
        """See `Redaction.taken_from`."""
        found = dict(doc)
        if (doc["project"], doc["name"], doc["version"]) != (self.project, self.name, self.version):
            return found, 0
        if table == "marks":
            said = {"card": "card", "notes": "note"}.get(self.part)
            if doc["kind"] != said:
                return found, 0
            return found | {"data": {**doc["data"], "text": MARKER}}, 1
        if self.part == "card" and "card" in doc:
            return found | {"card": {**doc["card"], "text": MARKER}}, 1
        if self.part == "value" and "value" in doc["payload"]:
            return found | {"payload": _resealed({**doc["payload"], "value": MARKER})}, 1
        return found, 0

    def __str__(self) -> str:
        return f"a {self.part} of {self.name}@{self.version}"


def _resealed(doc: dict[str, Any]) -> dict[str, Any]:
    """A payload in a record with the digest of what it holds now: the old one tells the value."""
    if "value" not in doc or not {"format", "type", "digest"} <= doc.keys():
        return doc
    text = orjson.dumps(doc["value"], option=orjson.OPT_SORT_KEYS)
    digest = f"sha256:{hashlib.sha256(text).hexdigest()}"
    return doc | {"digest": digest, "size": len(text)}
