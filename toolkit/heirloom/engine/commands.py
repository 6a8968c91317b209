"""Commands that a running notebook's cells start: they belong to its run, as the cells do."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from heirloom.engine.cells import anchor, place_in
from heirloom.engine.frame import Frame, Origin
from heirloom.engine.known import Known
from heirloom.engine.runner import Runner
from heirloom.records.executions import Read

__all__ = ["Bench", "command"]

VARIABLE = "HEIRLOOM_CELL"
_NOTE, _READS = "cell.json", "reads.jsonl"


class Bench:
    """Where a kernel says which cell it runs, for the commands that its cells start.

    A directory that only this user can enter; it lasts as long as the kernel.
    """

    def __init__(self) -> None:
        self._directory = TemporaryDirectory(prefix="heirloom-cell-")

    @property
    def environment(self) -> dict[str, str]:
        """What tells a command where it is."""
        return {VARIABLE: self._directory.name}

    def say(self, note: Mapping[str, Any]) -> None:
        """Replace the note of the cell that runs."""
        written = Path(self._directory.name, f"{_NOTE}.new")
        written.write_text(json.dumps(note), encoding="utf-8")
        written.replace(written.with_name(_NOTE))

    def close(self) -> None:
        """Take it away; what a cell left running is nobody's from now on."""
        self._directory.cleanup()


@contextmanager
def command(runner: Runner, verb: str) -> Iterator[None]:
    """Do what a command does as a part of the cell that started it; by hand, as it is.

    Once done, what it read and emitted is recorded as a leaf of the notebook's run. What it emits
    came from what it read, and from what commands of this run read before it: other
    languages' names are not followed, so these edges are ``derived``.
    """
    room = os.environ.get(VARIABLE)
    note = _note(room) if room else None
    if room is None or note is None or note["home"] != str(runner.recorder.catalog.home):
        yield
        return
    place = place_in(note)
    path = f"{place.path}/:{verb}"
    frame = _CommandFrame(replace(place, path=_nobodys(Path(room), path)), before=_before(room))
    with frame.body():
        yield
    if frame.reads or frame.calls:
        where = anchor(note["source"], note["notebook"], note["cell"])
        begun = runner.recorder.begun(
            "cell", verb, frame.place, reads=tuple(frame.reads), anchor=where
        )
        runner.recorder.record(begun, frame.place, {}, {})
        _add(room, note["cell"], frame.reads)


@dataclass(slots=True)
class _CommandFrame(Frame):
    """What one command gathers; `before` are the edges of those before it."""

    before: tuple[Read, ...] = field(default=())

    def origin(self, known: Known, *, handed: bool = False) -> Origin:
        """What the run's commands read before this one."""
        return Origin(self.before)


def _note(room: str) -> dict[str, Any] | None:
    """The cell that runs, or `None`: the kernel is gone, or runs none."""
    try:
        note: dict[str, Any] = json.loads(Path(room, _NOTE).read_bytes())
    except FileNotFoundError:
        return None
    return note


def _nobodys(room: Path, path: str) -> str:
    """The path, or the next after it: no two commands of a run have one."""
    for number in count(1):
        numbered = path if number == 1 else f"{path}#{number}"
        name = hashlib.sha256(numbered.encode()).hexdigest()[:32]
        try:
            (room / name).touch(exist_ok=False)
        except FileExistsError:
            continue
        return numbered
    raise AssertionError


def _before(room: str) -> tuple[Read, ...]:
    try:
        lines = Path(room, _READS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    cells = {item: cell for item, cell in map(json.loads, lines)}
    return tuple(Read(item, "", "derived", (cell,)) for item, cell in cells.items())


def _add(room: str, cell: str, reads: Iterable[Read]) -> None:
    lines = "".join(json.dumps([read.item, cell]) + "\n" for read in reads)
    with Path(room, _READS).open("a", encoding="utf-8") as out:
        out.write(lines)
