"""One immutable emission: what it is, where its payload is, who made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from heirloom import render
from heirloom.errors import InputError
from heirloom.records.clauses import Clause
from heirloom.records.clock import stamp, unstamp
from heirloom.records.given import given_text
from heirloom.records.items import value_item, version_item
from heirloom.records.names import moment
from heirloom.records.payloads import Payload
from heirloom.records.refs import Ref, variable

__all__ = ["MAX_CARD", "ArtifactVersion", "Card", "Value"]

MAX_CARD = 900_000  # the rest of its record has room under the million of a record


@dataclass(frozen=True, slots=True)
class Card:
    """Markdown beside a version; `kind` is ``model``, ``data`` or empty.

    Raises:
        InputError: It is no text, or has more than `MAX_CARD` bytes.
    """

    text: str
    kind: str = ""

    def __post_init__(self) -> None:
        text = given_text(self.text, "A card")
        if len(text) * 4 > MAX_CARD and (size := _size(text)) > MAX_CARD:
            msg = (
                f"A card has at most {MAX_CARD:,} bytes; got {size:,}. "
                "Publish the text as a file, and name that in the card."
            )
            raise InputError(msg, name="card", given=f"{size} bytes")

    @classmethod
    def of(cls, given: Card | str | None) -> Card | None:
        """A card as it is given: one, its text, or none.

        Raises:
            InputError: It is none of these.
        """
        return given if given is None or isinstance(given, Card) else Card(given)

    def __str__(self) -> str:
        return self.text


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A nameless task output, known by the execution that made it."""

    execution_id: str
    output: str
    payload: Payload

    @property
    def item(self) -> str:
        """Its id in edges."""
        return value_item(self.execution_id, self.output)

    def __repr__(self) -> str:
        return f"<{self.item} {self.payload.type_name}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactVersion:
    """One version of an artifact.

    Attributes:
        version: A whole number from 1, in commit order; 0 before it is committed.
        partitions: Canonical strings by key, without the time partition.
        time_partition: An aware UTC time, or `None`.
        execution_id: The leaf that made it, or the envelope of a workflow-level output.
        root_id: The outermost execution of its run.
        path: Its place in that run; with `root_id` and `output` the key of the emission.
        aliases: Names that point at it now.
        state: ``live``, ``draft``, ``yanked`` or ``purged``.
        partial: Names that went into it and that no recorded cell had bound, so that nobody knows
            where they came from; empty where its provenance is whole as far as cells tell.
        snippet: The line that pulls it, in what the front gives.
        uri: Where the payload lies, in what the front gives: its URL in its store (of a
            directory, its manifest's), a link's own, or the ref where the record holds the value.
    """

    project: str
    name: str
    version: int
    payload: Payload
    partitions: Mapping[str, str]
    created_at: datetime
    created_by: str
    execution_id: str
    root_id: str
    path: str
    output: str
    time_partition: datetime | None = None
    card: Card | None = None
    attachments: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    state: str = "live"
    partial: tuple[str, ...] = ()
    snippet: str = ""
    uri: str = ""

    @property
    def ref(self) -> str:
        """The full ref of just this version."""
        return version_item(self.project, self.name, self.version)

    @property
    def label(self) -> str:
        """The ref as people write it, which the same project reads back: ``sales[region=emea]@3``.

        It says all partitions.
        """
        clauses = tuple(Clause(key, "=", (text,)) for key, text in self.conditions.items())
        return str(Ref(self.name, None, clauses, self.version))

    @property
    def variable(self) -> str:
        """The name that the line which pulls it binds: Python takes it."""
        return variable(self.name)

    @property
    def item(self) -> str:
        """Its id in edges: the full ref."""
        return self.ref

    @property
    def kind(self) -> str:
        """``data``, ``model``, ``file`` or ``value``."""
        return self.payload.kind

    @property
    def type_name(self) -> str:
        """The Python type of the payload."""
        return self.payload.type_name

    @property
    def format(self) -> str:
        """The codec of the payload."""
        return self.payload.format

    @property
    def size(self) -> int:
        """Bytes of the payload as stored."""
        return self.payload.size

    @property
    def digest(self) -> str | None:
        """The payload's digest; `None` for a link."""
        return self.payload.digest

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """Columns and rows of a frame, shape of an array."""
        return self.payload.schema

    @property
    def emission(self) -> str:
        """The key under which this emission exists once."""
        return f"{self.root_id}|{self.path}|{self.output}"

    @property
    def conditions(self) -> dict[str, str]:
        """The partitions as clauses see them, the time partition under ``time``."""
        found = dict(self.partitions)
        if self.time_partition is not None:
            found["time"] = moment(self.time_partition)
        return found

    def numbered(self, version: int) -> ArtifactVersion:
        """The same emission with its number."""
        return replace(self, version=version)

    def to_doc(self) -> dict[str, Any]:
        """The JSON form of the emission; what later marks say of it is not in it."""
        doc: dict[str, Any] = {
            "project": self.project,
            "name": self.name,
            "version": self.version,
            "payload": self.payload.to_doc(),
            "partitions": dict(self.partitions),
            "created_at": stamp(self.created_at),
            "created_by": self.created_by,
            "execution": self.execution_id,
            "root": self.root_id,
            "path": self.path,
            "output": self.output,
        }
        if self.time_partition is not None:
            doc["time"] = stamp(self.time_partition)
        if self.card is not None:
            doc["card"] = {"text": self.card.text, "kind": self.card.kind}
        if self.attachments:
            doc["attachments"] = dict(self.attachments)
        if self.state == "draft":
            doc["draft"] = True
        if self.partial:
            doc["partial"] = list(self.partial)
        return doc

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> ArtifactVersion:
        """What `to_doc` wrote."""
        card = doc.get("card")
        when = doc.get("time")
        return cls(
            project=doc["project"],
            name=doc["name"],
            version=doc["version"],
            payload=Payload.from_doc(doc["payload"]),
            partitions=doc["partitions"],
            created_at=unstamp(doc["created_at"]),
            created_by=doc["created_by"],
            execution_id=doc["execution"],
            root_id=doc["root"],
            path=doc["path"],
            output=doc["output"],
            time_partition=unstamp(when) if when else None,
            card=Card(card["text"], card["kind"]) if card else None,
            attachments=doc.get("attachments", {}),
            state="draft" if doc.get("draft") else "live",
            partial=tuple(doc.get("partial", ())),
        )

    def __repr__(self) -> str:
        inside = ",".join(f"{key}={value}" for key, value in self.conditions.items())
        where = f"[{inside}]" if inside else ""
        return f"<{self.name}{where}@{self.version} {self.type_name}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        facts = {
            "type": self.type_name,
            "created": f"{render.time_text(self.created_at)} by {self.created_by}",
            "size": render.size_text(self.size),
            "ref": self.ref,
        }
        facts["provenance"] = render.partial_text(self.partial)
        words = {
            "title": repr(self).strip("<>").rpartition(" ")[0],
            "kind": self.kind,
            "state": self.state,
            "aliases": self.aliases,
            "partial": self.partial,
            "facts": {**self.conditions, **facts},
            "snippet": self.snippet,
            "card": self.card.text if self.card else "",
        }
        return {"text/plain": repr(self), "text/html": render.version_html(words)}
