"""A cell whose last value becomes a version: what it needs before it runs, and its record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from heirloom.declare.effects import effects
from heirloom.engine.cache import cache_key, reused
from heirloom.engine.cell_order import Order
from heirloom.engine.cells import CellFrame, Cells
from heirloom.engine.emission import Emission
from heirloom.engine.frame import Origin, Place
from heirloom.engine.slots import Slot
from heirloom.engine.untold import Codes
from heirloom.errors import DeclarationError, UnsafeRead
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.versions import ArtifactVersion

__all__ = ["EmittingCell", "emitting"]


@contextmanager
def emitting(
    cells: Cells, frame: CellFrame, order: Order, body: str, namespace: Mapping[str, Any]
) -> Iterator[EmittingCell]:
    """An emitting cell, from before it runs to its end.

    What is raised inside, before it has emitted, is recorded as its failure.

    Args:
        cells: Those of the kernel.
        frame: What the cell gathers.
        order: What its line says.
        body: Its text below the line, after IPython's transformation.
        namespace: The notebook's names.

    Raises:
        NotFound: An input has no version; nothing was read or recorded.
        UnsafeRead: An input is pickled; nothing was read or recorded.
        NotPortable: It has a cache, and its code is bound to this kernel; nothing was recorded.
    """
    cell = EmittingCell(cells, frame, order, body, namespace)
    try:
        yield cell
    except BaseException as error:
        cell.failed(error)
        raise


class EmittingCell:
    """A cell on its way to a version.

    Attributes:
        inputs: The versions that ``--from`` brings, by name.
        values: Their payloads: what to bind before the cell runs.
        reads: The versions and values that went into what it emitted; empty before.
    """

    def __init__(
        self,
        cells: Cells,
        frame: CellFrame,
        order: Order,
        body: str,
        namespace: Mapping[str, Any],
    ) -> None:
        """Find its inputs and its code; nothing is recorded."""
        self._cells, self._frame, self._order = cells, frame, order
        self._body, self._namespace = body, namespace
        self.inputs = {name: cells.looks.get(ref) for name, ref in order.inputs.items()}
        task = order.task(body, namespace)
        self._code = order.code(body, namespace) if task is None else task.closure
        self._key = None if task is None else cache_key(task, self._slots())
        cells.in_home(frame)
        self._origin = self._names_origin()
        self.values = {name: self._loaded(version) for name, version in self.inputs.items()}
        self.reads: tuple[str, ...] = ()
        self._over = False
        frame.inputs.update(self.inputs)
        for name, version in self.inputs.items():
            cells.bind(name, version)

    def _names_origin(self) -> Origin:
        """What the names come from that the body reads, but for those that it is given."""
        free = effects(self._body).reads - self._order.inputs.keys()
        return self._frame.origin_of(free, self._cells.runner.known)

    def _loaded(self, version: ArtifactVersion) -> Any:
        runner = self._cells.runner
        value = runner.payloads.load(version.payload)
        runner.known.remember(value, runner.resolver.slot_of_version(version, "declared"))
        return value

    def _slots(self) -> dict[str, Slot]:
        slot = self._cells.runner.resolver.slot_of_version
        return {name: slot(version, "declared") for name, version in self.inputs.items()}

    def cached(self, assigned: str | None = None) -> tuple[ArtifactVersion, Any] | None:
        """The version that an equal cell made, and its value; `None` where the cell has to run.

        The cell is recorded as one that reuses it; nothing is emitted.

        Args:
            assigned: The name that the cell's last statement binds: it is said to hold the version.
        """
        runner = self._cells.runner
        hit = reused(runner, self._key) if self._key and runner.reuses else None
        slot = hit.slots.get("o0") if hit is not None else None
        if hit is None or slot is None or slot.version is None:
            return None
        try:
            value = slot.take(runner.payloads)
        except UnsafeRead:
            return None
        execution, place = self._started()
        linked = hit.linked(execution)
        execution, _ = runner.recorder.record(linked, place, {}, hit.outputs, self._codes)
        self._ended(execution, slot.version, value)
        self._hold(slot.version, assigned)
        return self._cells.looks.shown(slot.version), value

    def emit(self, value: Any, assigned: str | None = None) -> ArtifactVersion:
        """Record the cell with its version, in one transaction.

        Args:
            value: The payload.
            assigned: The name that the cell's last statement bound to it.

        Raises:
            DeclarationError: The value is `None`, which is no version; nothing was recorded.
            CodecError: No safe format takes it; the cell's failure is recorded.
        """
        if value is None:
            self._over = True
            msg = (
                f"The cell's last value is None, so there is no version of "
                f"{self._order.name!r}. End the cell with the value."
            )
            raise DeclarationError(msg)
        runner = self._cells.runner
        same = [Read(item, "", "free-variable") for item in runner.known.names([""], {"": value})]
        self._origin = replace(self._origin, reads=(*self._origin.reads, *same))
        self._frame.ran = self._body
        output = self._order.output
        emission = Emission(
            artifact=output.artifact,
            output="o0",
            payload=runner.payloads.save(value, format=output.format),
            partitions=output.partitions,
            time_partition=output.time_partition,
            card=self._order.card,
            kind=output.kind,
            draft=output.draft,
        )
        execution, place = self._started()
        try:
            execution, (version,) = runner.recorder.record(
                execution, place, {"o0": emission}, {}, self._codes
            )
        except BaseException as error:
            self._failed(execution, place, error)
            raise
        self._ended(execution, version, value)
        self._hold(version, assigned)
        return self._cells.looks.shown(version)

    def failed(self, error: BaseException) -> None:
        """Record that the cell ended badly, unless its end is recorded already."""
        if not self._over:
            self._failed(*self._started(), error)

    def _failed(self, execution: Execution, place: Place, error: BaseException) -> None:
        self._over = True
        self._cells.runner.recorder.failed(execution, place, error, codes=self._codes)

    @property
    def _codes(self) -> Codes:
        return self._cells.codes(self._frame, self._code)

    def _started(self) -> tuple[Execution, Place]:
        """The record so far, its free variables among the reads."""
        frame, later = self._frame, self._names_origin()
        known = {version.ref for version in self.inputs.values()}
        known |= {read.item for read in frame.reads}
        called = [Read(item, "", "derived") for item in frame.made]
        for read in (*self._origin.reads, *later.reads, *called):
            if read.item not in known:
                known.add(read.item)
                frame.read(read)
        partial = tuple(sorted({*self._origin.partial, *later.partial}))
        place = self._frame.tell(self._order.name)
        started = self._cells.started(self._frame, place, self._order.name, self._code)
        declared = {name: Item(version.ref) for name, version in self.inputs.items()}
        return replace(started, inputs=declared, partial=partial, cache_key=self._key), place

    def _ended(self, execution: Execution, version: ArtifactVersion, value: Any) -> None:
        runner = self._cells.runner
        self._over = True
        self.reads = tuple(read.item for read in execution.all_reads())
        runner.known.remember(value, runner.resolver.slot_of_version(version, "read"))

    def _hold(self, version: ArtifactVersion, assigned: str | None) -> None:
        """Know what the version is to the rest of the notebook."""
        self._frame.emitted = version.ref
        if assigned is not None:
            self._frame.assigned[assigned] = version.ref
