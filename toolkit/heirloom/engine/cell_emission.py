"""A cell whose last value becomes a version: what it needs before it runs, and its record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from heirloom.declare.artifact import Artifact
from heirloom.declare.closure import Closure, capture_cell
from heirloom.declare.trace import names
from heirloom.engine.cells import CellFrame, Cells
from heirloom.engine.emission import Emission
from heirloom.engine.frame import Place
from heirloom.errors import DeclarationError, PartitionError, RefError
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.names import canonical
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion, Card

__all__ = ["EmittingCell", "Order", "artifact_of", "emitting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an emitting cell's line says.

    Attributes:
        artifact: What it emits.
        partitions: The values of its keys.
        inputs: What ``--from`` binds, by name.
    """

    artifact: Artifact
    partitions: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, Ref] = field(default_factory=dict)
    card: Card | None = None


def artifact_of(cells: Cells, ref: Ref) -> tuple[Artifact, dict[str, str]]:
    """The artifact that a cell's line names, and the values of its keys.

    The keys are declared where the name is new, else they have to be the declared ones.

    Raises:
        PartitionError: A key is missing or unknown; it says where the keys were declared.
        RefError: The line names a version.
    """
    if ref.at is not None:
        msg = f"Versions are numbered by the catalog; emit {ref.name!r} without '@'."
        raise RefError(msg, text=str(ref))
    values = {key: canonical(value, key) for key, value in ref.values().items()}
    view = cells.runner.recorder.catalog.view()
    known = view.declaration(ref.project or cells.project, ref.name)
    if known is None:
        return Artifact(ref.name, list(values), project=ref.project), values
    try:
        known.check(values)
    except PartitionError as error:
        msg = f"{error} It was declared at {known.where} by {known.declared_by}."
        raise PartitionError(msg, expected=error.expected, given=error.given) from None
    if known.granularity is not None:
        msg = f"Artifact {known.name!r} needs a time_partition: emit it with hl.publish(…)."
        raise PartitionError(msg)
    keys = {key: known.types.get(key, "str") for key in known.keys}
    return Artifact(known.name, keys, project=ref.project), values


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
        self._code: Closure = capture_cell(
            body,
            namespace,
            name=f"%%artifact {order.artifact.name}",
            bound_names=list(order.inputs),
        )
        free = names(body).reads - set(order.inputs)
        self._free = cells.items(free, namespace)
        self._derived = cells.derived.of(free, namespace)
        self.values = {name: self._loaded(version) for name, version in self.inputs.items()}
        self.reads: tuple[str, ...] = ()
        self._over = False
        frame.inputs.update(self.inputs)

    def _loaded(self, version: ArtifactVersion) -> Any:
        runner = self._cells.runner
        value = runner.payloads.load(version.payload)
        runner.known.remember(value, runner.resolver.slot_of_version(version, "declared"))
        return value

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
                f"{self._order.artifact.name!r}. End the cell with the value."
            )
            raise DeclarationError(msg)
        runner = self._cells.runner
        slot = runner.known.find(value)
        if slot is not None and isinstance(slot.bound, Item):
            self._free.add(slot.bound.id)
        payload = runner.payloads.save(value)
        emission = Emission(
            artifact=self._order.artifact,
            output="o0",
            payload=payload,
            partitions=self._order.partitions,
            card=self._order.card,
        )
        execution, place = self._started()
        try:
            execution, (version,) = runner.recorder.record(
                execution, place, {"o0": emission}, {}, self._code.to_doc()
            )
        except BaseException as error:
            self._failed(execution, place, error)
            raise
        self._over = True
        self.reads = tuple(read.item for read in execution.all_reads())
        runner.known.remember(value, runner.resolver.slot_of_version(version, "read"))
        self._bind(version, assigned)
        return self._cells.looks.shown(version)

    def failed(self, error: BaseException) -> None:
        """Record that the cell ended badly, unless its end is recorded already."""
        if not self._over:
            self._failed(*self._started(), error)

    def _failed(self, execution: Execution, place: Place, error: BaseException) -> None:
        self._over = True
        self._cells.runner.recorder.failed(execution, place, error)

    def _started(self) -> tuple[Execution, Place]:
        """The record so far, its free variables among the reads."""
        known = {version.ref for version in self.inputs.values()}
        known |= {read.item for read in self._frame.reads}
        for item in sorted(self._free - known):
            self._frame.read(Read(item, "", "free-variable"))
        for item in sorted(self._derived.keys() - known - self._free):
            self._frame.read(Read(item, "", "derived", self._derived[item]))
        name = self._order.artifact.name
        place = self._frame.tell(name)
        started = self._cells.started(self._frame, place, name, self._code)
        declared = {name: Item(version.ref) for name, version in self.inputs.items()}
        return replace(started, inputs=declared), place

    def _bind(self, version: ArtifactVersion, assigned: str | None) -> None:
        cells = self._cells
        for name, given in self.inputs.items():
            cells.bind(name, given)
        cells.rebind(self._frame, self._body, self._namespace)
        if assigned is not None:
            cells.bind(assigned, version)
