"""What is said of versions after they were emitted: aliases, cards, notes, yanks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heirloom.catalog import Batch
from heirloom.catalog.protocol import Catalog
from heirloom.engine.looks import Looks
from heirloom.errors import DeclarationError
from heirloom.records.clock import now
from heirloom.records.given import given_text
from heirloom.records.marks import Mark
from heirloom.records.names import is_word
from heirloom.records.versions import ArtifactVersion, Card

__all__ = ["Marking"]


@dataclass(frozen=True, slots=True)
class Marking:
    """The marks that `user` makes: each is one transaction, and fires nothing."""

    catalog: Catalog
    looks: Looks
    user: str

    def alias(self, ref: Any, alias: str, reason: str) -> ArtifactVersion:
        """Move an alias of the name to this version; where it was stays in its history."""
        if not is_word(given_text(alias, "An alias")) or alias == "latest":
            msg = f"An alias is one word, never 'latest' or digits; got {alias!r:.60}."
            raise DeclarationError(msg)
        said = {"alias": alias, "reason": given_text(reason, "reason")}
        return self._mark(ref, {"alias": said})

    def annotate(self, ref: Any, card: Card | str | None, note: str | None) -> ArtifactVersion:
        """Revise the card of a version, or add a note to it, or both at once."""
        said: dict[str, Mapping[str, Any]] = {}
        if (revised := Card.of(card)) is not None:
            said["card"] = {"text": revised.text, "kind": revised.kind}
        if note is not None:
            said["note"] = {"text": given_text(note, "note")}
        if not said:
            msg = "annotate takes a card, a note, or both."
            raise DeclarationError(msg)
        return self._mark(ref, said)

    def yank(self, ref: Any, reason: str) -> ArtifactVersion:
        """Take a version out of ``latest`` and of queries; its number still reaches it."""
        return self._mark(ref, {"yank": {"reason": given_text(reason, "reason")}})

    def restore(self, ref: Any, reason: str) -> ArtifactVersion:
        """Take a yank back; a version that is not yanked is refused.

        Raises:
            DeclarationError: It is not yanked.
        """
        version = self.looks.get(ref)
        if version.state != "yanked":
            msg = f"{version.name}@{version.version} is not yanked; it is {version.state}."
            raise DeclarationError(msg)
        return self._mark(version.ref, {"restore": {"reason": given_text(reason, "reason")}})

    def _mark(self, ref: Any, said: Mapping[str, Mapping[str, Any]]) -> ArtifactVersion:
        """Say of a version all that is in `said`, by kind of mark, in one transaction."""
        version = self.looks.get(ref)
        if version.state == "purged":
            msg = f"{version.name}@{version.version} is purged; nothing more is said of it."
            raise DeclarationError(msg)
        marks = [
            Mark(
                project=version.project,
                name=version.name,
                version=version.version,
                kind=kind,
                at=now(),
                by=self.user,
                data=data,
            )
            for kind, data in said.items()
        ]
        self.catalog.commit(lambda _: Batch(marks=marks))
        return self.looks.get(version.ref)
