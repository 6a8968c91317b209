"""Emitting from anywhere, outside of what a task returns."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from heirloom.declare.artifact import Artifact
from heirloom.declare.declared import Declared
from heirloom.declare.emits import moment_of
from heirloom.engine.emission import Emission
from heirloom.engine.frame import Origin, Place, current_frame
from heirloom.engine.looks import Looks
from heirloom.engine.runner import Runner
from heirloom.errors import DeclarationError, RefError
from heirloom.records.executions import Item, Read
from heirloom.records.names import canonical
from heirloom.records.payloads import check_kind
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion, Card

__all__ = ["Publishing"]


@dataclass(slots=True)
class Publishing:
    """What a session emits outside of tasks: values, and drafts that are let go."""

    runner: Runner
    looks: Looks
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
