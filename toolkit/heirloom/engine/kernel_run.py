"""A notebook's cells on their way through a kernel: what goes with each, and how it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import wait
from dataclasses import dataclass
from typing import Any, TypeAlias

from heirloom.engine.halting import halt
from heirloom.engine.ipynb import tags
from heirloom.engine.kernel import Kernel, Kind
from heirloom.engine.kernels import Kernels

__all__ = ["KernelRun", "Stopped", "runs"]

OnCell: TypeAlias = Callable[[Mapping[str, Any], str], None]


_GRACE = 5.0
"""Seconds that an interrupted cell has to end in."""


class Stopped(Exception):
    """The run ends between two cells: it was stopped, or the last one left its kernel."""


@dataclass(slots=True)
class KernelRun:
    """One pass of a notebook client through its cells, in the loop of the session's kernels.

    Attributes:
        note: What goes with each cell, under ``heirloom``, beside its id.
        tell: Called with a cell and what it is now: ``running``, ``succeeded``, ``failed``. From
            another thread; it returns at once.
        timeout: Seconds that the cells may take together; `None` for as long as it takes.
        at: Index of the cell that runs, or ran last; `None` before the first.
        interrupted: Whether the caller was interrupted, or halted; the kernel was then, too.
        halted: Why the run was halted; `None` where it was not.
        late: Whether the run took longer than it may; the kernel was interrupted then.
        left: Whether the cell at `at` asked its kernel to exit.
        runs_one: Whether the cell at `at` has not ended.
        last_words: What the kernel's process wrote outside of any cell, its end.
    """

    note: Mapping[str, Any]
    tell: OnCell
    timeout: float | None = None
    at: int | None = None
    interrupted: bool = False
    halted: BaseException | None = None
    late: bool = False
    left: bool = False
    runs_one: bool = False
    last_words: str = ""
    _client: Any = None
    _kernel: Kernel | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _task: asyncio.Task[Any] | None = None
    _stopping: asyncio.Future[Any] | None = None
    _done: bool = False

    def execute(
        self, client: Callable[..., Any], kernels: Kernels, kind: Kind, *, warm: bool
    ) -> None:
        """Run all cells in a kernel of that kind, which is not used again.

        Args:
            client: Makes a notebook client for a kernel's manager and our hooks.
            kernels: Where the kernel comes from.
            kind: What it is.
            warm: Whether one that stands ready is taken.

        An interrupt goes on to the cell that runs, or ends the run before its first; a second
        one ends the kernel. What halts the run does as the first.

        Raises:
            Exception: What the client raised, or a callback, or what starting the kernel did.
        """
        future = kernels.submit(self._run(client, kernels, kind, warm))
        while True:
            try:
                # In steps: a signal that another thread was given does not end a wait.
                if wait([future], timeout=0.5).done:
                    return future.result()
                if self.halted is None and (reason := halt().reason) is not None:
                    self.halted = reason
                    self._interrupt()
            except KeyboardInterrupt:
                self._interrupt()

    async def _run(
        self, client: Callable[..., Any], kernels: Kernels, kind: Kind, warm: bool
    ) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        if self.interrupted:
            raise Stopped
        async with kernels.one(kind, warm=warm) as kernel:
            self._kernel = kernel
            kernel.adopt(str(self.note["notebook"]))
            hooks = {"on_cell_execute": self._announce, "on_cell_executed": self._look_back}
            self._client = client(km=kernel.manager, **hooks)
            self._client.kc = kernel.client
            overdue = self._loop.call_later(self.timeout, self._overdue) if self.timeout else None
            try:
                await self._client.async_execute()
            finally:
                self._done = True
                if overdue is not None:
                    overdue.cancel()  # else the loop keeps this run until then
                self.last_words = kernel.last_words()

    def _interrupt(self) -> None:
        again, self.interrupted = self.interrupted, True
        if self._loop is not None:
            stop = self._stop_now if again else self._stop
            self._loop.call_soon_threadsafe(stop)

    # ------------------------------------------------------------------ in the loop

    def _stop(self) -> None:
        """Interrupt the cell that runs; before the first, the run ends with that.

        A kernel that starts may never be there, so nothing of it is waited for.
        """
        if self.at is None or self._kernel is None:
            self._stop_now()
        elif not self._done:
            self._stopping = asyncio.ensure_future(self._kernel.manager.interrupt_kernel())

    def _stop_now(self) -> None:
        if self._task is not None and not self._done and not self._task.cancelling():
            if self._kernel is not None:
                self._kernel.hurry = True
            self._task.cancel()

    def _overdue(self) -> None:
        """Interrupt what runs too long, and end it where it does not mind that."""
        self.late = True
        self._stop()
        asyncio.get_running_loop().call_later(_GRACE, self._stop_now)

    def _announce(self, cell: Mapping[str, Any], cell_index: int) -> None:
        if self.interrupted or self.late or self.left:
            raise Stopped
        self.at, self.runs_one = cell_index, True
        note = {**self.note, "cell": cell["id"]}
        self._client.kc.session.metadata = {"heirloom": note}
        if self._kernel is not None:
            self._kernel.bench.say({**note, "source": cell["source"]})
        self.tell(cell, "running")

    def _look_back(
        self, cell: Mapping[str, Any], execute_reply: Mapping[str, Any], **_: Any
    ) -> None:
        self.runs_one, content = False, execute_reply["content"]
        self.left = any(each.get("source") == "ask_exit" for each in content.get("payload") or ())
        well = content["status"] == "ok" or "raises-exception" in tags(cell)
        self.tell(cell, "succeeded" if well else "failed")


def runs(cell: Mapping[str, Any]) -> bool:
    """Whether a client runs a cell."""
    return (
        cell["cell_type"] == "code"
        and bool(cell["source"].strip())
        and "skip-execution" not in tags(cell)
    )
