"""A session where a task's body runs for another process: it looks, and commits nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from heirloom.catalog import Catalog
from heirloom.engine.distant import Carried, Distant, HomeMark
from heirloom.engine.gathering import Gathering
from heirloom.engine.runner import Runner
from heirloom.engine.sending import Job
from heirloom.session import Session
from heirloom.settings import Settings

__all__ = ["away"]


class Away(Session):
    """A session without a home of its own: what it knows came with the jobs.

    The catalog is opened when a body asks it something, and needs not be on this machine.
    """

    def __init__(self, settings: Settings, mark: HomeMark) -> None:
        self._mark = mark
        super().__init__(settings, read_only=True)
        self.stores: Carried = Carried(
            self.catalog, self.home, settings.store, self.user, origin=settings.origin
        )
        self.payloads.stores = self.stores
        recorder = self.runner.recorder
        self.runner.recorder = Gathering(
            recorder.project,
            recorder.user,
            recorder.secrets,
            recorder.catalog,
            recorder.approved,
        )

    def declared(self, target: Any) -> None:
        """A module of the user's that a body imports was held against the artifacts at home."""

    def _opened(self) -> Catalog:
        return cast(Catalog, Distant(self.settings.home, self._mark))


_lock = threading.Lock()
_open: dict[tuple[Settings, Any], Away] = {}


@contextmanager
def away(job: Job) -> Iterator[Runner]:
    """Until the block ends, what is called in this thread acts on the home that sent `job`.

    What is recorded is gathered for whoever sent the body here. Kept open for the next one.
    """
    with _lock:
        key = (job.settings, job.home.node)
        session = _open.get(key)
        if session is None:
            session = _open[key] = Away(job.settings, job.home)
        session.stores.carry(job.stores)
    with session.here():
        yield session.runner
