"""Emitting from anywhere, and what is said of versions afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from heirloom.catalog import Batch
from heirloom.declare.artifact import Artifact
from heirloom.declare.declared import Declared
from heirloom.declare.emits import moment_of
from heirloom.engine.emission import Emission
from heirloom.engine.frame import Origin, Place, current_frame
from heirloom.engine.looks import Looks
from heirloom.engine.runner import Runner
from heirloom.errors import DeclarationError, RefError
from heirloom.records.clock import now
from heirloom.records.executions import Item, Read
from heirloom.records.given import given_text
from heirloom.records.marks import Mark
from heirloom.records.names import canonical, is_word
from heirloom.records.payloads import check_kind
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion, Card

__all__ = ["Publishing"]


@dataclass(slots=True)
class Publishing:
    """What a session emits outside of tasks, and the marks it makes."""

    runner: Runner
    looks: Looks
    user: str
    declared: Declared

    def publish(
        self,
        value: Any,
        ref: str,
        card: Card | str | None,
        *,
        time_partition: datetime | date | None,
        format: str | None,
        kind: str | None,
        draft: bool,
        allow_shared: bool,
    ) -> ArtifactVersion:
        """Emit `value` as the next version of what `ref` names."""
        written = Ref.parse(ref)
        if written.at is not None:
            msg = f"Versions are numbered by the catalog; publish to {written.name!r} without '@'."
            raise RefError(msg, text=ref)
        partitions = {key: canonical(text, key) for key, text in written.values().items()}
        artifact = self._artifact(written, allow_shared)
        said = check_kind(kind)
        self.runner.recorder.check()
        self.runner.recorder.check_name(artifact)
        emission = Emission(
            artifact=artifact,
            output="o0",
            payload=self.runner.payloads.save(value, format=format),
            partitions=partitions,
            time_partition=moment_of(time_partition),
            card=Card.of(card),
            kind=said,
            draft=draft,
            declares=True,
        )
        frame = current_frame()
        reads = tuple(frame.reads) if frame else ()
        origin = frame.origin(self.runner.known) if frame else Origin()
        known = {read.item for read in reads}
        more = tuple(read for read in origin.reads if read.item not in known)
        return self._emit(emission, reads + more, origin.partial)

    def _artifact(self, written: Ref, allow_shared: bool) -> Artifact:
        """What the name is declared as in this process, else a reference to what it is."""
        project = written.project or self.looks.project
        found = self.declared.find(written.name, project)
        if found is None:
            return Artifact(written.name, project=written.project, allow_shared=allow_shared)
        if allow_shared and not found.allow_shared:
            found = copy(found)
            found.allow_shared = True
        return found

    def _emit(
        self, emission: Emission, reads: tuple[Read, ...], partial: tuple[str, ...] = ()
    ) -> ArtifactVersion:
        name, frame = emission.artifact.name, current_frame()
        place = frame.child(name) if frame else Place.root()
        started = self.runner.recorder.begun("publish", name, place, reads=reads, partial=partial)
        _, versions = self.runner.recorder.record(started, place, {"o0": emission}, {})
        return self.looks.shown(versions[0])

    # ------------------------------------------------------------------ marks

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
        self.runner.recorder.catalog.commit(lambda _: Batch(marks=marks))
        return self.looks.get(version.ref)

    def release(self, ref: Any) -> ArtifactVersion:
        """Emit a draft's payload as a new version, which fires as any other and came from it.

        Raises:
            DeclarationError: The version is no draft, or was released before.
        """
        draft = self.looks.get(ref)
        if draft.state != "draft":
            msg = f"{draft.name}@{draft.version} is no draft; it is {draft.state}."
            raise DeclarationError(msg)
        if (released := self._released(draft)) is not None:
            msg = f"{draft.name}@{draft.version} was released before, as {released}."
            raise DeclarationError(msg)
        emission = Emission(
            artifact=Artifact(draft.name, project=draft.project),
            output="o0",
            payload=draft.payload,
            partitions=draft.partitions,
            time_partition=draft.time_partition,
            card=draft.card,
            attachments=draft.attachments,
            kind=draft.kind,
        )
        return self._emit(emission, (Read(draft.ref, "draft", "declared"),))

    def _released(self, draft: ArtifactVersion) -> str | None:
        """The full ref of what a draft was released as."""
        for execution, read in self.runner.recorder.catalog.view().consumers(draft.ref):
            if execution.kind == "publish" and read.how == "declared":
                return next((v.id for v in execution.outputs.values() if isinstance(v, Item)), None)
        return None
