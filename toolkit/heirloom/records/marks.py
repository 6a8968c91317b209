"""What is said of a version after it was made: aliases, cards, notes, yanks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from heirloom.records.clock import stamp, unstamp
from heirloom.records.versions import ArtifactVersion, Card

__all__ = ["MARKS", "Mark", "marked"]

MARKS = ("alias", "card", "note", "yank", "purge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One statement on a version; marks are only ever added.

    Attributes:
        kind: One of `MARKS`. ``alias`` moves ``data["alias"]`` here from wherever it was.
        data: ``alias``: alias, reason; ``card``: text, kind; ``note``: text; ``yank``: reason.
    """

    project: str
    name: str
    version: int
    kind: str
    at: datetime
    by: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_doc(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "project": self.project,
            "name": self.name,
            "version": self.version,
            "kind": self.kind,
            "at": stamp(self.at),
            "by": self.by,
            "data": dict(self.data),
        }

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> Mark:
        """What `to_doc` wrote."""
        return cls(
            project=doc["project"],
            name=doc["name"],
            version=doc["version"],
            kind=doc["kind"],
            at=unstamp(doc["at"]),
            by=doc["by"],
            data=doc["data"],
        )


def marked(version: ArtifactVersion, marks: Iterable[Mark]) -> ArtifactVersion:
    """`version` as its own marks, in commit order, leave it.

    Aliases are not decided here: where an alias points depends on the other versions.
    """
    for mark in marks:
        match mark.kind:
            case "card":
                card = Card(mark.data["text"], mark.data.get("kind", ""))
                version = replace(version, card=card)
            case "note":
                version = replace(version, notes=(*version.notes, mark.data["text"]))
            case "yank":
                version = replace(version, state="yanked")
            case "purge":
                version = replace(version, state="purged")
    return version
