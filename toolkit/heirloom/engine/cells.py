"""What a notebook cell's execution records: its reads, its calls, what it emits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from heirloom.declare.closure import Closure, capture_cell
from heirloom.declare.trace import names
from heirloom.engine.derivations import Derivations
from heirloom.engine.frame import Frame, Place
from heirloom.engine.looks import Looks
from heirloom.engine.runner import Runner
from heirloom.records.clock import now
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.ids import new_id
from heirloom.records.versions import ArtifactVersion

__all__ = ["CellFrame", "Cells", "anchor", "place_in"]


@dataclass(slots=True)
class CellFrame(Frame):
    """What a running cell gathers.

    Attributes:
        values: What it pulled, until it ends: so a name that is bound to it is known.
        told: How many reads and calls its records tell already; `None` before the first.
    """

    anchor: Mapping[str, Any] = field(default_factory=dict)
    started_at: datetime = field(default_factory=now)
    values: list[tuple[Any, str]] = field(default_factory=list)
    told: tuple[int, int] | None = None

    def pulled(self, value: Any, version: ArtifactVersion) -> None:
        """Add the edge of a pull, and keep the value until the cell ends."""
        self.read(Read(version.ref, "", "read"))
        self.values.append((value, version.ref))

    @property
    def untold(self) -> bool:
        """Whether it read or called something that no record tells."""
        return self._done() != (self.told or (0, 0))

    def tell(self, name: str) -> Place:
        """The place of a record that tells all so far: the cell's own, then places inside it."""
        place = self.place if self.told is None else self.child(name)
        self.told = self._done()
        return place

    def _done(self) -> tuple[int, int]:
        return len(self.reads), self.calls.total()


def place_in(note: Mapping[str, Any] | None) -> Place:
    """The place of a cell: in the notebook's run that `note` tells of, else a run of its own."""
    if not note:
        return Place.root()
    return Place(
        execution_id=new_id(),
        root_id=note["root_id"],
        parent_id=note["execution_id"],
        path=f"{note['path']}/{note['cell']}",
        attempt=note["attempt"],
        depth=note["depth"],
        chain=note["chain"],
        fenced=note["fenced"],
    )


def anchor(source: str, notebook: str | None, cell: str | None) -> dict[str, str]:
    """Where a cell stands, as far as it is known, and the digest of its text."""
    digest = f"sha256:{hashlib.sha256(source.encode()).hexdigest()}"
    known = {"notebook": notebook, "cell": cell, "source": digest}
    return {key: text for key, text in known.items() if text}


@dataclass(slots=True)
class Cells:
    """The cells of one kernel: which names hold versions, and what is recorded of each cell.

    Attributes:
        bound: The item that each name holds, as far as the name itself tells.
        derived: What each name came from, through the cells between.
    """

    runner: Runner
    looks: Looks
    project: str
    bound: dict[str, str] = field(default_factory=dict)
    derived: Derivations = field(default_factory=Derivations)

    def bind(self, name: str, version: ArtifactVersion) -> None:
        """From now on the notebook's `name` holds `version`."""
        self.bound[name] = version.ref
        self.derived.hold(name, version.ref)

    # ------------------------------------------------------------------ ordinary cells

    def ended(
        self,
        frame: CellFrame,
        source: str,
        namespace: Mapping[str, Any],
        *,
        name: str,
        error: BaseException | None = None,
    ) -> Execution | None:
        """Record what an ended cell read and called beside its emissions.

        Args:
            frame: What it gathered.
            source: Its text after IPython's transformation.
            namespace: The notebook's names as it left them.
            name: What to call it.
            error: What ended it; `None` if all went well.

        Returns:
            The record, or `None` where there was nothing to tell.
        """
        try:
            self.rebind(frame, source, namespace)
            code = capture_cell(source, namespace, name="<cell>") if frame.untold else None
        except SyntaxError:
            code = None
        if not frame.untold:
            return None
        place = frame.tell(name)
        execution = self.started(frame, place, name, code)
        recorder = self.runner.recorder
        if error is not None:
            return recorder.failed(execution, place, error)
        return recorder.record(execution, place, {}, {}, code.to_doc() if code else None)[0]

    def rebind(self, frame: CellFrame, source: str, namespace: Mapping[str, Any]) -> None:
        """Learn what the names that a cell wrote hold, and what they came from."""
        if not (frame.reads or frame.values or self.derived):
            return
        found = names(source)
        cell = str(frame.anchor.get("cell") or "cell")
        self.derived.wrote(found, [read.item for read in frame.reads], cell, namespace)
        for name in found.writes - found.mutated:
            value = namespace.get(name)
            self.bound.pop(name, None)
            for held, item in frame.values:
                if held is value:
                    self.bound[name] = item

    def started(self, frame: CellFrame, place: Place, name: str, code: Closure | None) -> Execution:
        """The record of a cell; nothing is written."""
        return self.runner.recorder.begun(
            "cell",
            name,
            place,
            started_at=frame.started_at,
            code_version=code.digest if code else "",
            bound=code.bound if code else None,
            reads=tuple(frame.reads),
            anchor=frame.anchor,
        )

    def items(self, free: Iterable[str], namespace: Mapping[str, Any]) -> set[str]:
        """The items that the notebook's names hold, by the names or by the objects themselves."""
        items = set[str]()
        for name in free:
            slot = self.runner.known.find(namespace.get(name))
            if name in self.bound:
                items.add(self.bound[name])
            elif slot is not None and isinstance(slot.bound, Item):
                items.add(slot.bound.id)
        return items
