"""When a body that failed is run once more."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from heirloom.engine.spoken import spoken
from heirloom.errors import HeirloomError, TaskTimeout, WorkerLost

if TYPE_CHECKING:
    from heirloom.declare.task import Task
    from heirloom.engine.body import Ran

__all__ = ["pause_before", "told_between"]

_FIRST = 0.25
_LONGEST = 30.0
_MAY_PASS = (TaskTimeout, WorkerLost)


def pause_before(task: Task, ran: Ran, tries: int) -> float | None:
    """Seconds before the body is run again, `None` where it is not.

    The wait doubles each time, up to half a minute, and is a little random, so that what
    failed together does not come back together. What Heirloom itself refuses is refused again.
    """
    error = ran.error
    if not isinstance(error, Exception) or not ran.began or tries > task.options.retries:
        return None
    if isinstance(error, HeirloomError) and not isinstance(error, _MAY_PASS):
        return None
    if isinstance(error, WorkerLost) and not error.again:
        return None
    return min(_LONGEST, _FIRST * 2.0 ** (tries - 1)) * random.uniform(0.5, 1.0)


def told_between(ran: Ran, tries: int) -> str:
    """What the kept text says of a try that failed."""
    assert ran.error is not None
    return f"{ran.printed}{ran.told or spoken(ran.error)}\n--- try {tries + 1} ---\n"
