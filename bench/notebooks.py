"""A notebook of ten cells against a bare client, and how soon an event starts a notebook."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from bench.figure import Figure
from bench.taken import in_turn
from nbclient import NotebookClient

import heirloom as hl

__all__ = ["figures"]

ROUNDS = 12
_CELLS = ["n = 1", *(f"x{i} = n + {i}\nx{i}" for i in range(9))]
_MOMENT = "import time\nimport heirloom as hl\nhl.publish(time.time(), 'moment')"


def figures() -> Iterator[Figure]:
    """In a new home; the floor starts, runs and ends a kernel with nbclient alone."""
    with tempfile.TemporaryDirectory() as place:
        session = hl.connect(Path(place) / "home")
        path = _notebook(Path(place) / "ten.ipynb", _CELLS)
        works = {
            "bare": lambda: _bare(path),
            "cold": lambda: hl.run(hl.notebook_workflow(path)),
            "warm": lambda: hl.run(hl.notebook_workflow(path, kernel="warm")),
        }
        taken = in_turn(works, ROUNDS, warm=1, before=lambda: _ready(session, path))
        floor = taken["bare"].p50
        for name, limit in (("cold", 1.05), ("warm", 0.2)):
            ratio = taken[name].p50 / floor
            note = f"{taken[name].p50 * 1000:.0f} ms of {floor * 1000:.0f} ms"
            yield Figure(f"notebook of 10 cells, {name} / bare nbclient", ratio, limit, "x", note)
        path = _notebook(Path(place) / "told.ipynb", [_MOMENT])
        yield Figure("commit to body: notebook in a warm kernel", _latency(path), 300.0, "ms")
        session.close()


def _notebook(path: Path, cells: list[str]) -> Path:
    new_cell: Any = nbformat.v4.new_code_cell
    book = nbformat.v4.new_notebook(cells=list(map(new_cell, cells)))  # type: ignore[no-untyped-call]
    book.cells[0].metadata["tags"] = ["parameters"]
    path.write_text(json.dumps(book))
    return path


def _bare(path: Path) -> None:
    book = nbformat.read(path, 4)  # type: ignore[no-untyped-call]
    NotebookClient(book, resources={"metadata": {"path": str(path.parent)}}).execute()


def _ready(session: hl.Session, path: Path) -> None:
    """Wait until a kernel stands ready, so that none is being started while others are timed."""
    hl.notebook_workflow(path, kernel="warm")
    while not session.kernels().ready:
        time.sleep(0.05)


def _latency(path: Path) -> float:
    """Milliseconds from an event's commit to the first cell, in a reactor's worker."""
    session = hl.current()
    plan = hl.LaunchPlan.get_or_create(
        "told",
        hl.notebook_workflow(path, kernel="warm"),
        trigger=hl.OnArtifact(hl.Artifact("event")),
    )
    plan.activate()
    session.reactor.start()
    took = []
    for n in range(ROUNDS):
        time.sleep(5.0)  # the kernel that was used is replaced, in either worker
        hl.publish(n, "event")
        committed = time.time()
        while len(hl.executions(plan="told", state="succeeded")) <= n:
            time.sleep(0.02)
        took.append((hl.pull("moment") - committed) * 1000)
    return float(statistics.median(took))
