"""Emitting from anywhere, and what is said of versions afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from heirloom.catalog import Batch
from heirloom.declare.artifact import Artifact
from heirloom.declare.emits import moment_of
from heirloom.engine.emission import Emission
from heirloom.engine.frame import Place, current_frame
from heirloom.engine.looks import Looks
from heirloom.engine.runner import Runner
from heirloom.errors import DeclarationError, RefError
from heirloom.records.clock import now
from heirloom.records.marks import Mark
from heirloom.records.names import canonical, is_word
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion, Card

__all__ = ["Publishing"]


@dataclass(slots=True)
class Publishing:
    """What a session emits outside of tasks, and the marks it makes."""

    runner: Runner
    looks: Looks
    user: str

    def publish(
        self,
        value: Any,
        ref: str,
        card: Card | str | None,
        *,
        time_partition: datetime | date | None,
        format: str | None,
        draft: bool,
    ) -> ArtifactVersion:
        """Emit `value` as the next version of what `ref` names."""
        written = Ref.parse(ref)
        if written.at is not None:
            msg = f"Versions are numbered by the catalog; publish to {written.name!r} without '@'."
            raise RefError(msg, text=ref)
        values = written.values()
        emission = Emission(
            artifact=Artifact(written.name, project=written.project),
            output="o0",
            payload=self.runner.payloads.save(value, format=format),
            partitions={key: canonical(text, key) for key, text in values.items()},
            time_partition=moment_of(time_partition),
            card=Card(card) if isinstance(card, str) else card,
            draft=draft,
            declares=True,
        )
        return self._emit(emission, "publish", written.name)

    def _emit(self, emission: Emission, kind: str, name: str) -> ArtifactVersion:
        frame = current_frame()
        place = frame.child(name) if frame else Place.root()
        reads = tuple(frame.reads) if frame else ()
        started = self.runner.recorder.begun(kind, name, place, reads=reads)
        _, versions = self.runner.recorder.record(started, place, {"o0": emission}, {})
        return self.looks.shown(versions[0])

    # ------------------------------------------------------------------ marks

    def alias(self, ref: Any, alias: str, reason: str) -> ArtifactVersion:
        """Move an alias of the name to this version; where it was stays in its history."""
        if not is_word(alias) or alias == "latest" or alias.isdigit():
            msg = f"An alias is one word, never 'latest' or digits; got {alias!r}."
            raise DeclarationError(msg)
        return self._mark(ref, "alias", {"alias": alias, "reason": reason})

    def annotate(self, ref: Any, card: Card | str | None, note: str | None) -> ArtifactVersion:
        """Revise the card of a version, or add a note to it."""
        if card is not None:
            text = card if isinstance(card, Card) else Card(card)
            version = self._mark(ref, "card", {"text": text.text, "kind": text.kind})
        if note is not None:
            version = self._mark(ref, "note", {"text": note})
        if card is None and note is None:
            msg = "annotate takes a card, a note, or both."
            raise DeclarationError(msg)
        return version

    def yank(self, ref: Any, reason: str) -> ArtifactVersion:
        """Take a version out of ``latest`` and of queries; its number still reaches it."""
        return self._mark(ref, "yank", {"reason": reason})

    def _mark(self, ref: Any, kind: str, data: Mapping[str, Any]) -> ArtifactVersion:
        version = self.looks.get(ref)
        mark = Mark(
            project=version.project,
            name=version.name,
            version=version.version,
            kind=kind,
            at=now(),
            by=self.user,
            data=data,
        )
        self.runner.recorder.catalog.commit(lambda _: Batch(marks=[mark]))
        return self.looks.get(version.ref)

    def release(self, ref: Any) -> ArtifactVersion:
        """Emit a draft's payload as a new version, which fires as any other.

        Raises:
            DeclarationError: The version is no draft.
        """
        draft = self.looks.get(ref)
        if draft.state != "draft":
            msg = f"{draft!r} is no draft; it is {draft.state}."
            raise DeclarationError(msg)
        emission = Emission(
            artifact=Artifact(draft.name, project=draft.project),
            output="o0",
            payload=draft.payload,
            partitions=draft.partitions,
            time_partition=draft.time_partition,
            card=draft.card,
            attachments=draft.attachments,
        )
        return self._emit(emission, "publish", draft.name)
