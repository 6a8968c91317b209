"""What a notebook cell's execution records: its reads, its calls, what it emits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from heirloom.declare.closure import Closure, capture_cell
from heirloom.declare.effects import Effects, effects
from heirloom.engine.anchors import text_digest
from heirloom.engine.derivations import Derivations, Sources
from heirloom.engine.frame import Frame, Origin, Place, current_frame
from heirloom.engine.known import Known
from heirloom.engine.looks import Looks
from heirloom.engine.runner import Runner
from heirloom.engine.untold import Codes
from heirloom.records.clock import now
from heirloom.records.executions import Execution, Read
from heirloom.records.ids import new_id
from heirloom.records.versions import ArtifactVersion

__all__ = ["CellFrame", "Cells", "anchor", "place_in"]


@dataclass(slots=True)
class CellFrame(Frame):
    """What a running cell gathers.

    Attributes:
        anchor: Where it stands, as `anchor` gives it.
        raw: What the user wrote in it.
        derivations: What the names of its kernel came from.
        namespace: Those names.
        present: Those that were there when it began.
        text: Gives its text after IPython's transformation.
        values: What it pulled, until it ends: so a name that is bound to it is known.
        ran: The body of its magic, where that has run to its end.
        emitted: What its last value became a version of, if it did.
        assigned: The versions that its names hold when it has ended, by what it emitted.
        told: How many reads and calls its records tell already; `None` before the first.
    """

    anchor: Mapping[str, Any] = field(default_factory=dict)
    raw: str = ""
    started_at: datetime = field(default_factory=now)
    derivations: Derivations = field(default_factory=Derivations)
    namespace: Mapping[str, Any] = field(default_factory=dict)
    present: frozenset[str] = frozenset()
    text: Callable[[], str] = str
    values: list[tuple[Any, str]] = field(default_factory=list)
    ran: str = ""
    emitted: str | None = None
    assigned: dict[str, str] = field(default_factory=dict)
    told: tuple[int, int] | None = None

    def pulled(self, value: Any, version: ArtifactVersion) -> None:
        """Add the edge of a pull, and keep the value until the cell ends."""
        self.read(Read(version.ref, "", "read"))
        self.values.append((value, version.ref))

    def child(self, name: str) -> Place:
        """The place of a call: in a cell run by hand, that of a run of its own inside the cell.

        A person's cell is not attempted again; what it called can be, by `hl.resume`.
        """
        inside = Frame.child(self, name)
        return inside.as_root() if self.interactive else inside

    def origin(self, known: Known, *, handed: bool = False) -> Origin:
        """What the names that the cell reads come from."""
        found = self.effects()
        words = found.words & self.namespace.keys()
        reads = found.reads & (found.handed | found.changed) if handed else found.reads
        return self.origin_of(reads | words, known)

    def origin_of(self, reads: Iterable[str], known: Known) -> Origin:
        """What some names come from: what they hold, and what that was made of."""
        reads = frozenset(reads)
        held = {self.derivations.held[name] for name in reads & self.derivations.held.keys()}
        held |= known.names(reads, self.namespace)
        found = self.effects()
        bound = found.writes | found.words
        sources = self.derivations.of(reads, self.namespace, self.present, bound)
        edges = [Read(item, "", "free-variable") for item in sorted(held)]
        for item in sorted(sources.items.keys() - held):
            edges.append(Read(item, "", "derived", sources.items[item]))
        return Origin(tuple(edges), tuple(sorted(sources.unknown)))

    def effects(self) -> Effects:
        """What its text does to the notebook's names; nothing, where it is no Python."""
        try:
            return effects(self.text())
        except SyntaxError:
            return Effects()

    def learn(self, *, failed: bool) -> Sources:
        """Take in what its names hold now and came from; what its last value came from."""
        found = self.effects()
        found = replace(found, sure=found.sure | effects(self.ran).sure)
        items = dict.fromkeys((*(read.item for read in self.reads), *self.made))
        cell = str(self.anchor.get("cell") or "cell")
        sources = self.derivations.ran(
            found, items, cell, self.namespace, present=self.present, failed=failed
        )
        for name in found.writes:
            value = self.namespace.get(name)
            for held, item in self.values:
                if held is value:
                    self.derivations.held[name] = item
        for name, item in self.assigned.items():
            self.derivations.hold(name, item)
        return sources if self.emitted is None else Sources({self.emitted: ()})

    @property
    def untold(self) -> bool:
        """Whether it read or called something that no record tells."""
        return self._done() != (self.told or (0, 0))

    def tell(self, name: str) -> Place:
        """The place of a record that tells all so far: the cell's own, then places inside it."""
        place = self.place if self.told is None else Frame.child(self, name)
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
        again=note["again"],
    )


def anchor(source: str, notebook: str | None, cell: str | None) -> dict[str, str]:
    """Where a cell stands, as far as it is known, and the digest of its text."""
    known = {"notebook": notebook, "cell": cell, "source": text_digest(source)}
    return {key: text for key, text in known.items() if text}


@dataclass(slots=True)
class Cells:
    """The cells of one kernel: what is recorded of each."""

    runner: Runner
    looks: Looks
    project: str

    def bind(self, name: str, version: ArtifactVersion) -> None:
        """From now on the notebook's `name` holds `version`."""
        frame = current_frame()
        if isinstance(frame, CellFrame):
            self.in_home(frame).hold(name, version.ref)

    def in_home(self, frame: CellFrame) -> Derivations:
        """What the cell's names came from, as this catalog knows it."""
        return frame.derivations.at(str(self.runner.recorder.catalog.home))

    def ended(
        self, frame: CellFrame, *, name: str, error: BaseException | None = None
    ) -> Execution | None:
        """Record what an ended cell read and called beside its emissions.

        Args:
            frame: What it gathered.
            name: What to call it.
            error: What ended it; `None` if all went well.

        Returns:
            The record, or `None` where there was nothing to tell.
        """
        if not frame.untold:
            return None
        try:
            code = capture_cell(frame.text(), frame.namespace, name="<cell>")
        except (SyntaxError, RecursionError):
            code = None
        place = frame.tell(name)
        execution = self.started(frame, place, name, code)
        recorder, codes = self.runner.recorder, self.codes(frame, code)
        if error is not None:
            return recorder.failed(execution, place, error, codes=codes)
        return recorder.record(execution, place, {}, {}, codes)[0]

    def codes(self, frame: CellFrame, code: Closure | None) -> Codes:
        """What a cell's record refers to: its source closure, and its text as it was written."""
        closures = {} if code is None else {code.digest: code.to_doc()}
        return {**closures, **self.runner.recorder.untold.of_text(frame.raw)}

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
