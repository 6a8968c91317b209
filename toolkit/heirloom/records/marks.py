"""What is said of a version after it was made: aliases, cards, notes, yanks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from heirloom.records.clock import stamp, unstamp
from heirloom.records.versions import ArtifactVersion, Card

__all__ = ["MARKS", "STATES", "Mark", "emitted_card", "marked", "state_after"]

MARKS = ("alias", "card", "note", "yank", "restore", "purge")
STATES = {"yank": "yanked", "restore": "restored", "purge": "purged"}
"""What a mark of that kind does to its version, in a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One statement on a version; marks are only ever added.

    Attributes:
        kind: One of `MARKS`. ``alias`` moves ``data["alias"]`` here from wherever it was.
        data: ``alias``: alias, reason; ``card``: text, kind; ``note``: text; ``yank``
            and ``restore``: reason.
    """

    project: str
    name: str
    version: int
    kind: str
    at: datetime
    by: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What it says, in one line."""
        match self.kind:
            case "alias":
                said = f"is {self.data['alias']} from now on"
            case "card" | "note":
                said = f"{self.kind}: {_first_line(self.data['text'])}"
            case _:
                said = STATES[self.kind]
        reason = self.data.get("reason")
        return f"{said} ({_first_line(reason)})" if reason else said

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


def emitted_card(version: ArtifactVersion) -> list[Mark]:
    """The card of a version that nothing was said of yet, as the first mark on it; or nothing."""
    if version.card is None:
        return []
    data = {"text": version.card.text, "kind": version.card.kind}
    return [
        Mark(
            project=version.project,
            name=version.name,
            version=version.version,
            kind="card",
            at=version.created_at,
            by=version.created_by,
            data=data,
        )
    ]


def marked(version: ArtifactVersion, marks: Iterable[Mark]) -> ArtifactVersion:
    """`version` as its own marks, in commit order, leave it.

    Aliases are not decided here: where an alias points depends on the other versions.
    """
    made = version.state
    for mark in marks:
        match mark.kind:
            case "card":
                card = Card(mark.data["text"], mark.data.get("kind", ""))
                version = replace(version, card=card)
            case "note":
                version = replace(version, notes=(*version.notes, mark.data["text"]))
            case _:
                version = replace(version, state=state_after(mark.kind, version.state, made))
    return version


def state_after(kind: str, state: str, made: str) -> str:
    """The state of a version after a mark; `made` is the one that it was emitted in."""
    match kind:
        case "yank":
            return "yanked"
        case "restore":
            return made if state == "yanked" else state
        case "purge":
            return "purged"
    return state


def _first_line(text: str) -> str:
    line = next(iter(text.strip().splitlines()), "")
    return line if len(line) <= 80 and line == text.strip() else f"{line[:79]}…"
