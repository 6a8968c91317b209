"""What becomes of each task of a run, told to whoever watches it; nothing is shown here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from heirloom.engine.frame import Place, current_frame
from heirloom.engine.hooks import watcher_of

if TYPE_CHECKING:
    from heirloom.engine.leaf import Outcome

__all__ = ["STATES", "Step", "Watcher", "stepped", "tell", "watched"]

STATES = ("queued", "running", "succeeded", "cached", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Step:
    """A task of a run, and what it is now: one of `STATES`.

    Attributes:
        path: Its place in the run.
        name: The task's.
        tries: Which try of its body it is.
    """

    path: str
    name: str
    state: str
    tries: int = 1


Watcher: TypeAlias = Callable[[Step], None]
"""Told of each step, from any thread; it returns at once and raises nothing."""

_WATCHER: ContextVar[Watcher | None] = ContextVar("heirloom_watcher", default=None)


@contextmanager
def watched(name: str) -> Iterator[None]:
    """Until the block ends, the run is watched; what runs inside of one is part of it."""
    opened = None if _WATCHER.get() is not None or _in_body() else watcher_of(name)
    if opened is None:
        yield
        return
    with opened as watcher:
        token = _WATCHER.set(watcher)
        try:
            yield
        finally:
            _WATCHER.reset(token)


def tell(place: Place, name: str, state: str, tries: int = 1) -> None:
    """Tell whoever watches; calls that a body makes are the body's own business."""
    watcher = _WATCHER.get()
    if watcher is not None and not _in_body():
        watcher(Step(place.path, name, state, tries))


def stepped(place: Place, name: str, run: Callable[[], Outcome]) -> Outcome:
    """Run a task, its beginning and its end told."""
    tell(place, name, "running")
    try:
        outcome = run()
    except BaseException as error:
        tell(place, name, "cancelled" if isinstance(error, KeyboardInterrupt) else "failed")
        raise
    tell(place, name, "cached" if outcome.execution.cached_from else "succeeded")
    return outcome


def _in_body() -> bool:
    frame = current_frame()
    return frame is not None and frame.takes_creations
