"""Who runs events in a home, and what each of them runs now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from heirloom.catalog.protocol import Catalog
from heirloom.engine.lives import Lives, Living
from heirloom.errors import CatalogError
from heirloom.records.clock import now
from heirloom.records.executions import Execution
from heirloom.render import line_html, within_project
from heirloom.render.listing import Listing

__all__ = ["Process", "Status", "status_of"]

_HEADERS = ("process", "pid", "host", "user", "since", "runs", "for", "execution")
_NOBODY = "no reactor: events wait; %reactor start, or heirloom reactor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A living process that runs events, or a reactor, which keeps such.

    Attributes:
        kind: ``reactor``, ``worker``, or ``settle`` (a call of `hl.settle` that runs one).
        pid: Of the process on `host`.
        user: Whose it is, as executions name users.
        since: When it began.
        reactor: The pid of a worker's reactor; `None` where that is gone, and for other kinds.
        stopped: Whether a signal holds it: it keeps what it runs, and nobody takes it over.
        execution_id: What it runs now; `None` where nothing.
        plan: Of that execution.
        refs: Full refs of the versions that started it.
        attempt: Which it is; from 2 on somebody died with it.
        seconds: How long it has run.
    """

    kind: str
    pid: int
    host: str
    user: str
    since: datetime
    reactor: int | None = None
    stopped: bool = False
    execution_id: str | None = None
    plan: str | None = None
    refs: tuple[str, ...] = ()
    attempt: int | None = None
    seconds: float | None = None

    @property
    def row(self) -> tuple[str, ...]:
        """It as a row of a table."""
        indent = "  " if self.reactor else ""
        return (
            indent + self.kind + (" (stopped)" if self.stopped else ""),
            str(self.pid),
            self.host,
            self.user,
            f"{self.since:%Y-%m-%d %H:%M:%S}",
            self._runs(),
            "" if self.seconds is None else f"{self.seconds:.0f} s",
            self.execution_id or "",
        )

    def _runs(self) -> str:
        if self.execution_id is None:
            return "" if self.kind == "reactor" else "idle"
        refs = ", ".join(map(within_project, self.refs))
        again = f", attempt {self.attempt}" if self.attempt and self.attempt > 1 else ""
        return f"{self.plan} ({refs}{again})"


@dataclass(frozen=True, slots=True)
class Status:
    """What runs events in this home.

    Attributes:
        here: Whether this session's reactor runs.
        workers: Process ids of its workers.
        processes: Each living reactor of the home with its workers behind it, then whoever
            else runs an event.
    """

    here: bool
    workers: tuple[int, ...]
    processes: tuple[Process, ...] = field(default=(), compare=False)

    @property
    def reactors(self) -> tuple[Process, ...]:
        """The living reactors of the home."""
        return tuple(each for each in self.processes if each.kind == "reactor")

    @property
    def running(self) -> bool:
        """Whether anything runs events."""
        return bool(self.reactors)

    def listing(self) -> Listing:
        """A row for each process."""
        return Listing(repr(self).strip("<>"), _HEADERS, tuple(each.row for each in self.processes))

    def __repr__(self) -> str:
        busy = sum(each.execution_id is not None for each in self.processes)
        if not self.running:
            return f"<{_NOBODY}{f'; still run: {busy}' if busy else ''}>"
        reactors = f"{len(self.reactors)} reactor{'s' if len(self.reactors) > 1 else ''}"
        here = ", one of this session" if self.here else ""
        workers = sum(each.kind == "worker" for each in self.processes)
        starting = len(set(self.workers) - {each.pid for each in self.processes})
        hands = f"{workers} workers{f', {starting} starting' if starting else ''}"
        return f"<{reactors}{here}: {hands}, {busy} busy>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if not self.processes:
            text = repr(self).strip("<>")
            return {"text/plain": text, "text/html": line_html([text])}
        return self.listing().bundle()


def status_of(lives: Lives, catalog: Catalog, here: bool, workers: tuple[int, ...]) -> Status:
    """What runs events in the home of `lives` at this moment; of a closed catalog, who lives."""
    try:
        runs = catalog.view().executions(state="running")
    except CatalogError:
        runs = []
    running = {run.claimant: run for run in runs if run.plan}
    return Status(here, workers, tuple(_processes(lives, running)))


def _processes(lives: Lives, running: dict[str | None, Execution]) -> Iterator[Process]:
    workers = lives.living("worker")
    for reactor in lives.living("reactor"):
        yield _process(reactor, None, None)
        for worker in workers:
            if worker.of == reactor.name:
                yield _process(worker, reactor.pid, running.get(worker.name))
        workers = [worker for worker in workers if worker.of != reactor.name]
    for worker in workers:
        yield _process(worker, None, running.get(worker.name))
    for other in (*lives.living("settle"), *lives.living("session")):
        if other.name in running:
            yield _process(other, None, running[other.name])


def _process(who: Living, reactor: int | None, runs: Execution | None) -> Process:
    about: dict[str, Any] = {}
    if runs is not None:
        about = {
            "execution_id": runs.id,
            "plan": runs.plan,
            "refs": runs.triggered_by,
            "attempt": runs.attempt,
            "seconds": (now() - runs.started_at).total_seconds(),
        }
    return Process(
        kind=who.kind,
        pid=who.pid,
        host=who.host,
        user=who.user,
        since=who.since,
        reactor=reactor,
        stopped=who.is_stopped,
        **about,
    )
