"""Executions as commits leave them, one after the other, from a moment on."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from heirloom.catalog.archive import Archive
from heirloom.catalog.journal import Moved
from heirloom.catalog.line import Line
from heirloom.catalog.question import question
from heirloom.catalog.snapshot import pinned
from heirloom.records.executions import Execution

__all__ = ["Following"]

_OPEN = (
    "SELECT id, at, size FROM executions WHERE state='queued' AND state<>'succeeded' UNION ALL "
    "SELECT id, at, size FROM executions WHERE state='running' AND state<>'succeeded'"
)
_AGAIN = "SELECT id, attempt FROM executions WHERE attempt>1"
_Rank = tuple[int, int]


class Following:
    """Reads the journal through a descriptor of its own, from its end on; one thread's.

    A journal that takes the place of another says again what that one said. What is new in it
    is known by the ids of documents, which only grow, and by how far each execution was: memory
    is taken by those that are under way or were tried again, not by all that ended. Not told is
    what a purge left out that came after another journal was replaced, both unseen.
    """

    def __init__(self, archive: Archive) -> None:
        """Begin at the present end of `archive`."""
        index, self._journal = archive.reading(lambda: pinned(archive))
        try:
            with question():
                db = index.connection()
                rows, again = db.execute(_OPEN).fetchall(), dict(db.execute(_AGAIN).fetchall())
                self._highest: int = db.execute("SELECT max(id) FROM executions").fetchone()[0] or 0
            self._open: dict[int, _Rank] = {
                id: _rank(Execution.from_doc(self._journal.read(at, size).doc))
                for id, at, size in rows
            }
            self._attempts: dict[int, int] = again
        except BaseException:
            self.close()
            raise
        finally:
            index.close()
        self._moved = False
        self._held: list[Execution] = []

    def read(self) -> list[Execution]:
        """What was committed since the last call: each state of an execution once, in order.

        Raises:
            CatalogDamaged: The journal is; what comes is told when it was salvaged.
            CatalogUnavailable: It cannot be read; what comes is told when it can.
        """
        if not self._moved:
            try:
                return self._fresh(self._journal.follow())
            except Moved:
                self._moved = True
                self._held = self._fresh(self._journal.rest())
        anew = self._fresh(self._anew())
        told, self._held, self._moved = [*self._held, *anew], [], False
        return told

    def _anew(self) -> list[Line]:
        """Of the journal that stands there now, the lines that may be new."""
        while True:
            self._journal.reopen()
            with suppress(Moved):
                return [line for line in self._journal.replay() if self._may_be_new(line)]

    def _may_be_new(self, line: Line) -> bool:
        if line.table != "executions" or line.op not in "iu":
            return False
        if line.id > self._highest or line.id in self._open:
            return True
        tried: int = line.doc["attempt"]
        return tried > self._attempts.get(line.id, 1)

    def _fresh(self, lines: Iterable[Line]) -> list[Execution]:
        told = []
        for line in lines:
            if line.table != "executions" or line.op not in "iu":
                continue
            execution = Execution.from_doc(line.doc)
            rank = _rank(execution)
            if rank <= self._open.get(line.id, (-1, 0)):
                continue
            self._highest = max(self._highest, line.id)
            if execution.attempt > 1:
                self._attempts[line.id] = execution.attempt
            if execution.is_final:
                self._open.pop(line.id, None)
            else:
                self._open[line.id] = rank
            told.append(execution)
        return told

    def close(self) -> None:
        """Give the descriptor back."""
        self._journal.close()


def _rank(execution: Execution) -> _Rank:
    """How far it is: what comes later in an execution's life is greater."""
    order = 2 if execution.is_final else ("queued", "running").index(execution.state)
    return execution.attempt, order
