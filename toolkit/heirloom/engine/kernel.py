"""A notebook's cells on their way through a kernel: what goes with each, and how it is stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, TypeAlias

from heirloom.engine.ipynb import tags
from heirloom.errors import NotSupported

if TYPE_CHECKING:
    import asyncio

__all__ = ["KernelRun", "Stopped", "watched"]

OnCell: TypeAlias = Callable[[int, int, Mapping[str, Any]], None]
_WATCH: ContextVar[OnCell | None] = ContextVar("heirloom_on_cell", default=None)
# Not %load_ext: the notebook's own would then complain that it is loaded already.
_LOAD = "__import__('heirloom').load_ipython_extension(get_ipython())"
_LAST_WORDS = 4_000


@contextmanager
def watched(on_cell: OnCell) -> Iterator[None]:
    """Have `on_cell` called before each cell of every notebook that runs inside.

    Args:
        on_cell: Takes the cell's number among those that will run, from 1, how many these are,
            and the cell. It is called from another thread; what it raises ends the run.
    """
    token = _WATCH.set(on_cell)
    try:
        yield
    finally:
        _WATCH.reset(token)


class Stopped(Exception):
    """The run ends between two cells: it was interrupted, or the last one left its kernel."""


class KernelRun:
    """One pass of a notebook client through its cells, in a thread with a loop of its own.

    The caller may itself be in a running loop, as every notebook's kernel is.

    Attributes:
        at: Index of the cell that runs, or ran last; `None` before the first.
        interrupted: Whether the caller was interrupted; the kernel was then, too.
        left: Whether the cell at `at` asked its kernel to exit.
        last_words: What the kernel's process wrote outside of any cell, its end.
    """

    def __init__(self, note: Mapping[str, Any]) -> None:
        """Start nothing yet; `note` goes with each cell, under ``heirloom``, and its id."""
        self.at: int | None = None
        self.interrupted = False
        self.left = False
        self.last_words = ""
        self._note = dict(note)
        self._client: Any = None
        self._on_cell = _WATCH.get()
        self._done = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None

    @property
    def hooks(self) -> dict[str, Callable[..., Any]]:
        """What the notebook client calls back."""
        return {
            "on_notebook_start": self._load_extension,
            "on_cell_execute": self._announce,
            "on_cell_executed": self._look_back,
        }

    def execute(self, client: Any, *, env: Mapping[str, str], cwd: str) -> None:
        """Run all cells and shut the kernel down, whatever happens.

        An interrupt goes on to the cell that runs, or ends the run before its first; a second
        one ends the kernel.

        Raises:
            Exception: What the client raised, or a callback.
        """
        import asyncio

        self._client = client
        with TemporaryFile() as log, ThreadPoolExecutor(1, "heirloom-notebook") as thread:
            options = {"env": dict(env), "cwd": cwd, "stdout": log, "stderr": log}
            future = thread.submit(asyncio.run, self._run(options))
            try:
                self._wait(future)
            finally:
                log.seek(-min(log.tell(), _LAST_WORDS), os.SEEK_CUR)
                self.last_words = log.read().decode(errors="replace").strip()

    async def _run(self, options: Mapping[str, Any]) -> None:
        import asyncio

        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        try:
            await self._client.async_execute(**options)
        finally:
            # The client leaves behind a kernel whose start was cancelled.
            manager = self._client.km
            if manager is not None and manager.has_kernel:
                await manager.shutdown_kernel(now=True)

    def _wait(self, future: Future[None]) -> None:
        while True:
            try:
                # In steps: a signal that another thread was given does not end a wait.
                if wait([future], timeout=0.5).done:
                    return future.result()
            except KeyboardInterrupt:
                self._interrupt(future)

    def _interrupt(self, future: Future[None]) -> None:
        import asyncio

        again, self.interrupted = self.interrupted, True
        loop, task = self._loop, self._task
        if loop is None or task is None or future.done():
            return
        if again:
            loop.call_soon_threadsafe(task.cancel)
        elif self.at is not None:
            asyncio.run_coroutine_threadsafe(self._client.km.interrupt_kernel(), loop)

    # ------------------------------------------------------------------ callbacks

    async def _load_extension(self, **_: Any) -> None:
        """Load our extension, unseen, so that what cells emit and read belongs to the run."""
        message = self._client.kc.execute(_LOAD, silent=True, store_history=False)
        reply = await self._client.async_wait_for_reply(message)
        content = reply["content"] if reply else {}
        if content.get("status") != "ok":
            why = f"{content.get('ename', 'it')}: {content.get('evalue', 'gave no reply')}"
            msg = (
                f"Kernel {self._client.km.kernel_name!r} cannot load Heirloom ({why}). Install "
                "jupyter-heirloom in its environment, or choose another kernel for the notebook."
            )
            raise NotSupported(msg)

    def _announce(self, cell: Mapping[str, Any], cell_index: int) -> None:
        if self.interrupted or self.left:
            raise Stopped
        self.at = cell_index
        session = self._client.kc.session
        session.metadata = {"heirloom": {**self._note, "cell": cell["id"]}}
        self._done += 1
        if self._on_cell is not None:
            total = sum(map(_runs, self._client.nb.cells))
            self._on_cell(self._done, total, cell)

    def _look_back(self, execute_reply: Mapping[str, Any], **_: Any) -> None:
        payload = execute_reply["content"].get("payload") or ()
        self.left = any(each.get("source") == "ask_exit" for each in payload)


def _runs(cell: Mapping[str, Any]) -> bool:
    return (
        cell["cell_type"] == "code"
        and bool(cell["source"].strip())
        and "skip-execution" not in tags(cell)
    )
