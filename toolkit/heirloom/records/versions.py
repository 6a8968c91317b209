"""One immutable emission: what it is, where its payload is, who made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from heirloom import render
from heirloom.records.clock import stamp, unstamp
from heirloom.records.names import moment
from heirloom.records.payloads import Payload
from heirloom.records.refs import SCHEME

__all__ = ["ArtifactVersion", "Card", "Value", "version_item"]


@dataclass(frozen=True, slots=True)
class Card:
    """Markdown beside a version; `kind` is ``model``, ``data`` or empty."""

    text: str
    kind: str = ""

    def __str__(self) -> str:
        return self.text


def version_item(project: str, name: str, number: int) -> str:
    """The id of a version in edges: its full ref."""
    return f"{SCHEME}{project}/{name}@{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A nameless task output, known by the execution that made it."""

    execution_id: str
    output: str
    payload: Payload

    @property
    def item(self) -> str:
        """Its id in edges."""
        return f"value:{self.execution_id}/{self.output}"


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
    snippet: str = ""

    @property
    def ref(self) -> str:
        """The full ref of just this version."""
        return version_item(self.project, self.name, self.version)

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
    def uri(self) -> str:
        """Where the payload is: a link's URL, the digest in the store, or ``record:``."""
        if self.payload.inline:
            return f"record:{self.ref}"
        return self.payload.link or f"store:{self.payload.digest}"

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
        words = {
            "title": repr(self).strip("<>").rpartition(" ")[0],
            "kind": self.kind,
            "state": self.state,
            "aliases": self.aliases,
            "facts": {**self.conditions, **facts},
            "snippet": self.snippet,
            "card": self.card.text if self.card else "",
        }
        return {"text/plain": repr(self), "text/html": render.version_html(words)}
