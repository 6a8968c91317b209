"""The kernels of one session: each runs one notebook, and some stand ready beforehand."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Coroutine, Iterable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from heirloom.engine.kernel import Kernel, Kind

__all__ = ["Kernels"]

T = TypeVar("T")

READY = 2
"""Kernels that stand ready at once, at most."""

_IDLE = 600.0
_log = logging.getLogger("heirloom")


class Kernels:
    """Starts kernels and ends them, in a thread with a loop of its own. Thread-safe.

    What has an underscore and is asynchronous, or says so, runs in that loop: only there the
    state is touched. A kernel whose session's process dies ends by itself.
    """

    def __init__(self, idle: float = _IDLE) -> None:
        """Start nothing yet; what nobody used for `idle` seconds is let go."""
        self._idle = idle
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: dict[Kind, asyncio.Task[Kernel]] = {}
        self._standing: frozenset[Kind] = frozenset()
        self._users: set[asyncio.Task[Any]] = set()
        self._ending: set[asyncio.Task[Any]] = set()

    @property
    def ready(self) -> int:
        """How many have been started and wait to be taken."""
        return sum(task.done() for task in [*self._ready.values()])

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run it in the loop."""
        return asyncio.run_coroutine_threadsafe(work, self._running())

    def keep(self, kind: Kind) -> None:
        """Have one of that kind ready; it is started in the background."""
        self._running().call_soon_threadsafe(self._prepare, kind)

    def stand_by(self, kinds: Iterable[Kind]) -> None:
        """Have one of each of these ready from now on, however long nobody uses it."""
        first = dict.fromkeys(kinds)
        standing = frozenset(list(first)[:READY])
        if standing or self._loop is not None:
            self._running().call_soon_threadsafe(self._stand, standing)

    @asynccontextmanager
    async def one(self, kind: Kind, *, warm: bool) -> AsyncIterator[Kernel]:
        """A kernel that has run nothing, for one use.

        Args:
            kind: What it is.
            warm: Take one that stands ready, and have another instead of it afterwards; the end
                of this one is not waited for. Else it is started now, and has ended afterwards.

        Raises:
            KernelDied: As of `Kernel.started`.
            NotSupported: As of `Kernel.started`.
        """
        user = asyncio.current_task()
        assert user is not None
        self._users.add(user)
        user.add_done_callback(self._users.discard)
        kernel = (await self._taken(kind) if warm else None) or await Kernel.started(kind)
        try:
            yield kernel
        except asyncio.CancelledError:
            kernel.hurry = True
            raise
        finally:
            if warm and not kernel.hurry:
                self._let_go(kernel)
                self._prepare(kind)
            else:
                await kernel.end()

    def close(self) -> None:
        """End every kernel, and wait for that; what runs in one is cancelled."""
        with self._lock:
            thread, self._thread = self._thread, None
            loop, self._loop = self._loop, None
        if thread is None or loop is None or not thread.is_alive():  # a forked child has no thread
            return
        asyncio.run_coroutine_threadsafe(self._ended(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    # ------------------------------------------------------------------ in the loop

    async def _taken(self, kind: Kind) -> Kernel | None:
        """The one that stands ready, if it lives."""
        task = self._ready.pop(kind, None)
        if task is None:
            return None
        try:
            kernel = await task
        except Exception as error:
            _log.debug("No kernel stood ready: %s", error)
            return None
        if await kernel.is_alive():
            return kernel
        self._let_go(kernel)
        return None

    def _prepare(self, kind: Kind) -> None:
        if kind in self._ready or self._loop is None:
            return
        task = asyncio.ensure_future(Kernel.started(kind))
        self._ready[kind] = task
        if kind not in self._standing:
            self._loop.call_later(self._idle, self._forget, kind, task)
        others = [each for each in self._ready if each not in self._standing]
        for each in others[: max(0, len(self._ready) - READY)]:
            self._forget(each, self._ready[each])

    def _stand(self, kinds: frozenset[Kind]) -> None:
        gone, self._standing = self._standing - kinds, kinds
        for kind in gone & self._ready.keys():
            self._forget(kind, self._ready[kind])
        for kind in kinds:
            self._prepare(kind)

    def _forget(self, kind: Kind, task: asyncio.Task[Kernel]) -> None:
        """Let go of what nobody took."""
        if self._ready.get(kind) is not task:
            return
        del self._ready[kind]
        if task.cancel():
            self._see_to_its_end(task)
        elif not task.cancelled() and task.exception() is None:
            kernel = task.result()
            kernel.hurry = True  # it has run nothing
            self._let_go(kernel)

    def _let_go(self, kernel: Kernel) -> None:
        self._see_to_its_end(asyncio.ensure_future(kernel.end()))

    def _see_to_its_end(self, task: asyncio.Task[Any]) -> None:
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _ended(self) -> None:
        for kind, task in [*self._ready.items()]:
            self._forget(kind, task)
        for user in self._users:
            user.cancel()
        while going := [*self._users, *self._ending]:
            await asyncio.wait(going)

    # ------------------------------------------------------------------ the thread

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._thread is None or not self._thread.is_alive():
                self._loop = asyncio.new_event_loop()
                self._ready, self._users, self._ending = {}, set(), set()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="heirloom-kernels", daemon=True
                )
                self._thread.start()
            return self._loop
