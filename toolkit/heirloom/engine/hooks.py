"""What the rooms above give to the engine: who shows a run, and who opens a home for a job.

They are light to import: the package installs both before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from heirloom.engine.progress import Watcher
    from heirloom.engine.runner import Runner
    from heirloom.engine.sending import Job

__all__ = ["show_with", "watcher_of", "work_with", "working"]

_watch: Callable[[str], AbstractContextManager[Watcher | None]] | None = None
_work: Callable[[Job], AbstractContextManager[Runner]] | None = None


def show_with(opener: Callable[[str], AbstractContextManager[Watcher | None]] | None) -> None:
    """Install what gives the watcher of a run, by its name, for as long as it lasts."""
    global _watch
    _watch = opener


def watcher_of(name: str) -> AbstractContextManager[Watcher | None] | None:
    """What watches the run of that name; `None` where nothing shows runs."""
    return _watch(name) if _watch is not None else None


def work_with(opener: Callable[[Job], AbstractContextManager[Runner]]) -> None:
    """Install what opens the runner of the home that a job came from."""
    global _work
    _work = opener


def working(job: Job) -> AbstractContextManager[Runner]:
    """The runner of the home that `job` came from, for as long as it is worked at."""
    assert _work is not None, "heirloom/__init__ installs it"
    return _work(job)
