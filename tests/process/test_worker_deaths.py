"""Real reactors and workers, killed at real points."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import heirloom as hl

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

source = hl.Artifact("source")
result = hl.Artifact("result")


@pytest.fixture
def session() -> Iterator[hl.Session]:
    """A session whose reactor has two worker processes."""
    opened = hl.connect()
    opened.reactor.start()
    yield opened
    opened.reactor.stop()


def listen(note: Path) -> None:
    """Activate a plan whose first body hangs until it is killed, and whose others return."""

    @hl.task
    def work(n: int, notes: str) -> hl.Artifact("result"):  # type: ignore[valid-type]
        import os
        import time
        from pathlib import Path

        place = Path(notes)
        place.mkdir(exist_ok=True)
        first = not any(place.iterdir())
        (place / f"{os.getpid()}-{n}").touch()
        while first:
            time.sleep(0.05)
        return n + 1

    hl.LaunchPlan.get_or_create(
        "work",
        work,
        trigger=hl.OnArtifact(trigger_on=source, inputs={"n": source, "notes": str(note)}),
        auto_activate=True,
    )


def ended(count: int) -> list[hl.Execution]:
    """The plan's executions, once `count` of them have ended."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        final = [e for e in hl.executions(plan="work") if e.is_final]
        if len(final) >= count:
            return final
        time.sleep(0.02)
    pytest.fail("the executions did not end")


def noted(note: Path) -> int:
    """The process that runs the first body."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if note.exists() and (found := next(note.iterdir(), None)):
            return int(found.name.partition("-")[0])
        time.sleep(0.02)
    pytest.fail("no body began")


def test_an_event_starts_in_a_worker(session: hl.Session, tmp_path: Path) -> None:
    """A version starts a body in another process, which commits its result."""
    note = tmp_path / "notes"
    note.mkdir()
    (note / "0-0").touch()
    listen(note)
    hl.publish(1, "source")
    (execution,) = ended(1)

    assert (execution.state, execution.attempt) == ("succeeded", 1), execution.error
    assert hl.pull("result") == 2
    pids = {int(path.name.partition("-")[0]) for path in note.iterdir()} - {0}
    assert pids <= set(session.reactor.status().workers)


def test_a_killed_worker_is_taken_over(session: hl.Session, tmp_path: Path) -> None:
    """Killed in mid-body, the execution is claimed again and commits one result."""
    listen(tmp_path / "notes")
    hl.publish(1, "source")
    hl.publish(5, "source")
    os.kill(noted(tmp_path / "notes"), signal.SIGKILL)
    first, second = sorted(ended(2), key=lambda e: e.triggered_by)

    assert [first.state, second.state] == ["succeeded", "succeeded"]
    assert (first.attempt, second.attempt) == (2, 1)
    assert [hl.pull(version) for version in hl.search("name=result")] == [6, 2]


def test_settle_takes_over_from_a_killed_worker(session: hl.Session, tmp_path: Path) -> None:
    """With the reactor gone, ``settle`` runs what its worker had begun."""
    listen(tmp_path / "notes")
    hl.publish(1, "source")
    pid = noted(tmp_path / "notes")
    os.kill(pid, signal.SIGKILL)
    session.reactor.stop()
    settled = hl.settle(timeout=30)

    assert settled.still == ()
    (execution,) = ended(1)
    assert execution.state == "succeeded"
    assert hl.search("name=result").total == 1


def test_stopping_drains(session: hl.Session, tmp_path: Path) -> None:
    """A stopped reactor has ended every worker, and its name is free."""
    status = session.reactor.status()
    assert len(status.workers) == 2
    stopped = session.reactor.stop()

    assert not stopped.running
    for pid in status.workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
