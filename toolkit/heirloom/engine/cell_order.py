"""What an emitting cell's line asks for, held against what is declared; nothing is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from heirloom.codecs import formats
from heirloom.declare.artifact import Artifact
from heirloom.declare.cell_output import CellOutput
from heirloom.declare.closure import Closure, capture_cell
from heirloom.declare.reactive import reactive_task
from heirloom.declare.task import Task
from heirloom.engine.cache import check_portable
from heirloom.engine.cells import Cells
from heirloom.engine.declaring import as_artifact
from heirloom.errors import CodecError, HeirloomError, PartitionError, RefError, did_you_mean
from heirloom.records.declarations import Declaration
from heirloom.records.names import canonical, parse_moment
from heirloom.records.payloads import check_kind
from heirloom.records.periods import truncated
from heirloom.records.refs import Ref
from heirloom.records.versions import Card

__all__ = ["Order", "output_of", "partitions_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an emitting cell's line says.

    Attributes:
        output: What it emits; its card is that of what the cell makes when it runs again.
        inputs: What ``--from`` binds, by name.
        card: Of the version that it makes now.
        cache: Whether what an equal run made is reused.
    """

    output: CellOutput
    inputs: Mapping[str, Ref] = field(default_factory=dict)
    card: Card | None = None
    cache: bool = False

    @property
    def name(self) -> str:
        """The artifact's."""
        return self.output.artifact.name

    def task(self, body: str, namespace: Mapping[str, Any]) -> Task | None:
        """The cell as a task, which can run again; `None` where it cannot be one.

        Raises:
            DeclarationError: It has a cache, and cannot be a task.
            NotPortable: It has a cache, and its code is bound to this kernel.
        """
        if self.cache:
            task = self._task(body, namespace)
            if not task.closure.portable:
                check_portable(self.name, self.code(body, namespace))
            return task
        with suppress(HeirloomError):
            task = self._task(body, namespace)
            return task if task.closure.portable else None
        return None

    def _task(self, body: str, namespace: Mapping[str, Any]) -> Task:
        return reactive_task(self.output, body, namespace, inputs=self.inputs, cache=self.cache)

    def code(self, body: str, namespace: Mapping[str, Any]) -> Closure:
        """The cell's code as it stands, for one that can be no task."""
        name = f"%%artifact {self.name}"
        return capture_cell(body, namespace, name=name, bound_names=list(self.inputs))


def partitions_of(ref: Ref, format: str | None = None) -> dict[str, str]:
    """The partition values that a cell's line names; what needs no catalog is checked.

    Raises:
        RefError: The line names a version.
        PartitionError: Its time stands in the brackets.
        CodecError: There is no such format.
    """
    if ref.at is not None:
        msg = f"Versions are numbered by the catalog; emit {ref.name!r} without '@'."
        raise RefError(msg, text=str(ref))
    values = {key: canonical(value, key) for key, value in ref.values().items()}
    if "time" in values:
        msg = f"The time partition is given as --time {values['time']}, not in the brackets."
        raise PartitionError(msg, given=tuple(values))
    if format is not None and format not in formats:
        near = did_you_mean(format, formats)
        msg = f"No codec for format {format!r} here.{near} Known: {', '.join(formats)}."
        raise CodecError(msg)
    return values


def output_of(
    cells: Cells,
    ref: Ref,
    *,
    time: str | None = None,
    card: Card | None = None,
    format: str | None = None,
    kind: str | None = None,
    draft: bool = False,
    allow_shared: bool = False,
) -> CellOutput:
    """What a cell's line names, and how it is recorded.

    The keys are declared where the name is new, else they have to be the declared ones.

    Raises:
        PartitionError: A key, or the time, is missing or unknown; it says where the keys were
            declared.
        DeclarationError: The name is another user's, and `allow_shared` is not said; or there is
            no such kind.
        CodecError: There is no such format.
        RefError: The line names a version.
    """
    values = partitions_of(ref, format)
    artifact = _artifact(cells, ref, values, time, allow_shared)
    return CellOutput(
        artifact=artifact,
        partitions=values,
        time_partition=truncated(parse_moment(time), artifact.granularity) if time else None,
        card=card,
        format=format,
        kind=check_kind(kind),
        draft=draft,
    )


def _artifact(
    cells: Cells, ref: Ref, values: Mapping[str, str], time: str | None, allow_shared: bool
) -> Artifact:
    """The declaration that a line refers to, or makes."""
    view = cells.runner.recorder.catalog.view()
    known = view.declaration(ref.project or cells.project, ref.name)
    if known is None:
        timed = time is not None
        return Artifact(ref.name, list(values), time_partitioned=timed, project=ref.project)
    try:
        known.checked(values)
        _check_time(known, time)
    except PartitionError as error:
        msg = f"{error} It was declared at {known.where} by {known.declared_by}."
        raise PartitionError(msg, expected=error.expected, given=error.given) from None
    artifact = as_artifact(known, project=ref.project, allow_shared=allow_shared)
    cells.runner.recorder.check_name(artifact)
    return artifact


def _check_time(known: Declaration, time: str | None) -> None:
    if known.granularity is not None and time is None:
        cut = f"It is cut to the {known.granularity}."
        msg = f"Artifact {known.name!r} needs a time_partition: give --time 2026-01-31. {cut}"
        raise PartitionError(msg)
    if known.granularity is None and time is not None:
        msg = f"Artifact {known.name!r} is not time partitioned; leave out --time {time}."
        raise PartitionError(msg)
