"""A short soak in one script: what two reactors leave at ``$HEIRLOOM_HOME`` that were killed.

The catalog is then as a crash-ridden night leaves one: executions of several attempts, dead ones
among them, and a ledger with a row for each event.
"""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from typing import Annotated

from staff import Staff

import heirloom as hl

EVENTS = 40
source, middle, result = hl.Artifact("source"), hl.Artifact("middle"), hl.Artifact("result")


@hl.task
def double(n: int) -> Annotated[int, middle]:
    """A body that something listens to in turn."""
    return n * 2


@hl.task
def more(n: int) -> Annotated[int, result]:
    """The body at the end."""
    return n + 1


def main() -> None:
    """Arm both, emit while reactors and workers are killed, and wait for the end of all."""
    for task, heard in ((double, source), (more, middle)):
        trigger = hl.OnArtifact(heard, inputs={"n": heard})
        hl.LaunchPlan.get_or_create(
            task.name, task, trigger=trigger, max_concurrent=None, auto_activate=True
        )
    session, rng = hl.current(), random.Random(7)
    staff = [Staff(session.settings, workers=2) for _ in range(2)]
    try:
        for n in range(1, EVENTS + 1):
            hl.publish(n, "source")
            if n % 5 == 0:
                _strike(session, staff, rng)
        while _open(session):
            time.sleep(0.05)
    finally:
        for each in staff:
            each.stop()


def _strike(session: hl.Session, staff: list[Staff], rng: random.Random) -> None:
    """Kill a worker, or a reactor, for which another comes."""
    workers = [int(name.split("-")[1]) for name in session.lives.names("worker")]
    if workers and rng.random() < 0.6:
        with suppress(ProcessLookupError):
            os.kill(rng.choice(workers), signal.SIGKILL)
        return
    staff[0].kill()
    staff[0] = Staff(session.settings, workers=2)


def _open(session: hl.Session) -> bool:
    return any(session.executions(state=state, limit=1) for state in ("queued", "running"))


if __name__ == "__main__":
    main()
