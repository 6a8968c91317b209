"""The transaction that ends an execution: its versions, edges and what they start."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from heirloom.catalog import Batch, Catalog, View
from heirloom.engine.emission import Emission
from heirloom.engine.frame import Place
from heirloom.engine.slots import Slot
from heirloom.errors import HeirloomError
from heirloom.react.decide import decide
from heirloom.records.clock import now
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.versions import ArtifactVersion, Payload

__all__ = ["Recorder", "spoken"]


@dataclass(slots=True)
class Recorder:
    """Writes executions through the catalog, one transaction each."""

    catalog: Catalog
    project: str
    user: str
    _told: set[str] = field(default_factory=set)

    def code_of(self, target: Any) -> Mapping[str, Any] | None:
        """The source closure of a target; `None` where this session has recorded it already."""
        closure = target.closure
        doc: Mapping[str, Any] | None = None if closure.digest in self._told else closure.to_doc()
        return doc

    def told(self, execution: Execution) -> None:
        """Know that the source closure of `execution` is recorded."""
        self._told.add(execution.code_version)

    def started(self, target: Any, kind: str, slots: Mapping[str, Slot], place: Place) -> Execution:
        """The record of an execution that begins now; nothing is written."""
        closure = target.closure
        return Execution(
            id=place.execution_id,
            kind=kind,
            name=target.name,
            state="running",
            root_id=place.root_id,
            project=self.project,
            created_by=self.user,
            started_at=now(),
            code_version=closure.digest,
            bound=closure.bound,
            plan=place.plan,
            plan_version=place.plan_version,
            inputs={name: slot.bound for name, slot in slots.items()},
            reads=tuple(
                Read(item.id, name, item.how)
                for name, slot in slots.items()
                if not isinstance(slot.bound, Item)
                for item in slot.within
            ),
            parent_id=place.parent_id,
            path=place.path,
            attempt=place.attempt,
            depth=place.depth,
            chain=place.chain,
            triggered_by=place.triggered_by,
            rerun_of=place.rerun_of,
            claimant=place.claimant,
        )

    def record(
        self,
        execution: Execution,
        place: Place,
        emissions: Mapping[str, Emission],
        values: Mapping[str, Item | Payload],
        code: Mapping[str, Any] | None = None,
    ) -> tuple[Execution, tuple[ArtifactVersion, ...]]:
        """Commit an execution's good end with its versions and what they start.

        Args:
            execution: As `started` gave it, with its reads.
            place: Its place; a run with attempts is held against its fence.
            emissions: Outputs that become versions.
            values: The other outputs.
            code: The source closure, kept by its digest.

        Returns:
            The execution as recorded, and the versions in the order of `emissions`; an
            emission that an earlier attempt committed is that version.

        Raises:
            PartitionError: Partitions are not as declared; nothing is recorded.
            Fenced: A later attempt has taken the run over; nothing is recorded.
        """
        emitted: list[ArtifactVersion] = []

        def prepare(view: View) -> Batch:
            emitted.clear()
            batch = Batch(fence=place.fence)
            outputs = dict(values)
            for name, emission in emissions.items():
                version = self._number(view, batch, emission, place)
                outputs[name] = Item(version.ref)
                emitted.append(version)
            done = replace(execution, state="succeeded", outputs=outputs, ended_at=now())
            batch.executions.append(done)
            if code is not None:
                batch.codes[execution.code_version] = code
            return batch

        committed = self.catalog.commit(prepare, self.decide)
        if code is not None:
            self.told(execution)
        ended = next(e for e in committed.executions if e.id == execution.id)
        return ended, tuple(emitted)

    def _number(
        self, view: View, batch: Batch, emission: Emission, place: Place
    ) -> ArtifactVersion:
        project = emission.artifact.project or self.project
        known = {(d.project, d.name): d for d in batch.declarations}
        declaration, new = emission.declared(view, project, self.user)
        if new and (project, declaration.name) not in known:
            batch.declarations.append(declaration)
        version, fresh = view.number(emission.version(place, declaration, self.user))
        if fresh:
            batch.versions.append(version)
        return version

    def decide(self, view: View, fresh: Sequence[ArtifactVersion], batch: Batch) -> None:
        """Add to the batch the ledger rows of its fresh versions and what they start."""
        causes = {execution.id: execution for execution in batch.executions}
        rows, executions = decide(view, fresh, causes, now())
        batch.rows += rows
        batch.executions += executions

    def failed(
        self,
        execution: Execution,
        place: Place,
        error: BaseException,
        text: str | None = None,
    ) -> Execution:
        """Commit an execution's bad end: ``failed``, or ``cancelled`` by an interrupt.

        What has ended already stays as it ended: an interrupt can come right after the commit.

        Args:
            execution: As `started` gave it.
            place: Its place.
            error: What ended it.
            text: What the record says of it; `None` for the error's own message or traceback.

        Returns:
            The execution as it is recorded.
        """
        state = "cancelled" if isinstance(error, KeyboardInterrupt) else "failed"
        said = spoken(error) if text is None else text
        ended = replace(execution, state=state, error=said, ended_at=now())
        known: list[Execution] = []

        def prepare(view: View) -> Batch:
            present = view.execution(execution.id)
            known[:] = [present] if present is not None and present.is_final else []
            return Batch() if known else Batch(executions=[ended], fence=place.fence)

        self.catalog.commit(prepare)
        return known[0] if known else ended


def spoken(error: BaseException) -> str:
    """An error as the record keeps it: ours in one line, the user's with its traceback."""
    if isinstance(error, HeirloomError) and error.__cause__ is None:
        return f"{type(error).__name__}: {error}"
    return "".join(traceback.format_exception(error)).strip()[-20_000:]
