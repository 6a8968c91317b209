"""The transaction that ends an execution: its versions, edges and what they start."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

from heirloom.catalog import Batch, Catalog, View
from heirloom.engine.emission import Emission
from heirloom.engine.frame import Place
from heirloom.engine.items import version_of
from heirloom.engine.slots import Slot
from heirloom.errors import CatalogUnavailable, HeirloomError
from heirloom.react.decide import decide
from heirloom.records.clock import now
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.payloads import Payload
from heirloom.records.refs import SCHEME
from heirloom.records.versions import ArtifactVersion

__all__ = ["Recorder", "done_before", "spoken"]


@dataclass(slots=True)
class Recorder:
    """Writes executions through the catalog, one transaction each."""

    catalog: Catalog
    project: str
    user: str
    _told: set[str] = field(default_factory=set)

    def check(self) -> None:
        """Refuse to run what could not be recorded.

        Raises:
            CatalogUnavailable: The home is only looked into.
        """
        if self.catalog.read_only:
            msg = f"This session only looks into {self.catalog.home}: it runs nothing."
            raise CatalogUnavailable(msg, path=str(self.catalog.home))

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
        return self.begun(
            kind,
            target.name,
            place,
            code_version=closure.digest,
            bound=closure.bound,
            inputs={name: slot.bound for name, slot in slots.items()},
            reads=tuple(
                Read(item.id, name, item.how)
                for name, slot in slots.items()
                if not isinstance(slot.bound, Item)
                for item in slot.within
            ),
        )

    def begun(self, kind: str, name: str, place: Place, **known: Any) -> Execution:
        """The record of what begins now at `place`, with what else is known of it."""
        begin = {"started_at": now()}
        return Execution(
            id=place.execution_id,
            kind=kind,
            name=name,
            state="running",
            root_id=place.root_id,
            project=self.project,
            created_by=self.user,
            plan=place.plan,
            plan_version=place.plan_version,
            parent_id=place.parent_id,
            path=place.path,
            attempt=place.attempt,
            depth=place.depth,
            chain=place.chain,
            triggered_by=place.triggered_by,
            rerun_of=place.rerun_of,
            claimant=place.claimant,
            **{**begin, **known},
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
            The execution as recorded, and the versions in the order of `emissions`. What an
            earlier attempt committed at this place is returned as it is, and stays alone.

        Raises:
            PartitionError: Partitions are not as declared; nothing is recorded.
            Fenced: A later attempt has taken the run over; nothing is recorded.
        """
        ended: list[Execution] = []
        emitted: list[ArtifactVersion] = []

        def prepare(view: View) -> Batch:
            batch = Batch(fence=place.fence)
            if (earlier := done_before(view, place)) is not None:
                ended[:] = [earlier]
                emitted[:] = [version_of(view, item.id) for item in _versions(earlier)]
                return batch
            emitted[:] = [self._number(view, batch, each, place) for each in emissions.values()]
            made = {name: Item(v.ref) for name, v in zip(emissions, emitted, strict=True)}
            outputs = {**values, **made}
            ended[:] = [replace(execution, state="succeeded", outputs=outputs, ended_at=now())]
            batch.executions += ended
            if code is not None:
                batch.codes[execution.code_version] = code
            return batch

        self.catalog.commit(prepare, self.decide)
        if code is not None:
            self.told(execution)
        return ended[0], tuple(emitted)

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


def done_before(view: View, place: Place) -> Execution | None:
    """What an earlier attempt of this run committed at this place, or `None`."""
    if place.attempt < 2 or not place.path:
        return None
    found = view.executions(root=place.root_id, state="succeeded")
    return next((each for each in found if each.path == place.path), None)


def _versions(execution: Execution) -> list[Item]:
    outputs = execution.outputs.values()
    return [each for each in outputs if isinstance(each, Item) and each.id.startswith(SCHEME)]


def spoken(error: BaseException) -> str:
    """An error as the record keeps it: ours in one line, the user's with its traceback."""
    if isinstance(error, HeirloomError) and error.__cause__ is None:
        return f"{type(error).__name__}: {error}"
    lines = traceback.format_exception(type(error), error, _users(error.__traceback__))
    return "".join(lines).strip()[-20_000:]


_OURS = ("heirloom", "contextlib", "IPython", "ipykernel")


def _users(frames: TracebackType | None) -> TracebackType | None:
    """A traceback from the first frame on that is the user's; all of it where none is another's."""
    found = frames
    while found is not None:
        module = str(found.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] not in _OURS:
            return found
        found = found.tb_next
    return frames
