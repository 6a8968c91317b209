"""One kernel process: started with Heirloom loaded, and ended."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from queue import Empty
from tempfile import TemporaryFile
from typing import IO, Any

from heirloom.engine.commands import Bench
from heirloom.errors import NotSupported

__all__ = ["Kernel", "KernelDied", "Kind"]

# Not %load_ext: the notebook's own would then complain that it is loaded already. What is loaded
# by then lives as long as the kernel: nothing has to look for garbage in it, least of all its end.
_LOAD = "__import__('heirloom').load_ipython_extension(get_ipython()); __import__('gc').freeze()"
_ADOPT = "__import__('os').environ['JPY_SESSION_NAME'] = {}"
_NO_HISTORY = "--HistoryManager.hist_file=:memory:"
_PATIENCE = 120.0
_LOOK = 0.5
_LAST_WORDS = 4_000


class KernelDied(Exception):
    """The process ended before it was ready."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes two kernels that have run nothing alike.

    Attributes:
        spec: The name of the kernelspec.
        directory: Where it runs.
        environment: All of its variables, sorted.
    """

    spec: str
    directory: str
    environment: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(slots=True)
class Kernel:
    """A kernel with a client; every method runs in the loop that started it.

    Attributes:
        hurry: Whether its end is not waited for: it is killed.
        bench: Where it says which cell it runs, for commands that the cell starts.
    """

    manager: Any
    log: IO[bytes]
    client: Any = None
    hurry: bool = False
    bench: Bench = field(default_factory=Bench)

    @classmethod
    async def started(cls, kind: Kind) -> Kernel:
        """A new one, ready for its first cell.

        Raises:
            KernelDied: Its process ended, with what it wrote.
            NotSupported: It says nothing for two minutes, or is Python and cannot load Heirloom.
        """
        from jupyter_client.manager import AsyncKernelManager

        log = TemporaryFile()  # noqa: SIM115 - it is closed with the kernel
        kernel = cls(AsyncKernelManager(kernel_name=kind.spec), log)
        try:
            await kernel._start(kind)
            await (kernel._load() if kernel._in_python else kernel._heard())
        except BaseException:
            kernel.hurry = True
            await kernel.end()
            raise
        return kernel

    async def _start(self, kind: Kind) -> None:
        await self.manager.start_kernel(
            extra_arguments=[_NO_HISTORY] if self.manager.ipykernel else [],
            env={**dict(kind.environment), **self.bench.environment},
            cwd=kind.directory,
            stdout=self.log,
            stderr=self.log,
        )
        self.client = self.manager.client()
        self.client.allow_stdin = False
        self.client.start_channels()

    @property
    def _in_python(self) -> bool:
        return str(self.manager.kernel_spec.language).lower() == "python"

    async def _load(self) -> None:
        """Load our extension, unseen, so that what cells emit and read belongs to the run.

        It is asked for at once: the message waits in its channel until the process is there.
        """
        content = await self._reply(self._execute(_LOAD))
        if content.get("status") != "ok":
            why = f"{content.get('ename', 'it')}: {content.get('evalue', 'gave no reply')}"
            raise self._unfit(f"cannot load Heirloom ({why})")
        await self._heard()

    def _execute(self, code: str) -> str:
        message: str = self.client.execute(code, silent=True, store_history=False)
        return message

    async def _reply(self, asked: str) -> dict[str, Any]:
        for _ in range(int(_PATIENCE / _LOOK)):
            try:
                message = await self.client.get_shell_msg(timeout=_LOOK)
            except Empty:
                if not await self.manager.is_alive():
                    raise KernelDied(self.last_words()) from None
                continue
            if message["parent_header"].get("msg_id") == asked:
                content: dict[str, Any] = message["content"]
                return content
        raise self._unfit(f"says nothing for {_PATIENCE:g} s")

    async def _heard(self) -> None:
        """Wait until outputs come through, and all that came before the first cell has."""
        asked, until = self._execute(""), time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            try:
                message = await self.client.get_iopub_msg(timeout=_LOOK)
            except Empty:  # what was said before the channel stood is lost
                if not await self.manager.is_alive():
                    raise KernelDied(self.last_words()) from None
                asked = self._execute("")
                continue
            idle = message["content"].get("execution_state") == "idle"
            if idle and message["parent_header"].get("msg_id") == asked:
                return
        raise self._unfit(f"says nothing for {_PATIENCE:g} s")

    def _unfit(self, why: str) -> NotSupported:
        install = "Install jupyter-heirloom in its environment, or choose"
        choose = install if self._in_python else "Choose"
        msg = (
            f"Kernel {self.manager.kernel_name!r} {why}. {choose} another kernel for the notebook."
        )
        return NotSupported(msg)

    def adopt(self, notebook: str) -> None:
        """Tell the kernel whose it is now; its cells come after that."""
        if self._in_python:
            self._execute(_ADOPT.format(repr(notebook)))

    async def is_alive(self) -> bool:
        """Whether its process runs."""
        return bool(await self.manager.is_alive())

    def last_words(self) -> str:
        """What the process wrote outside of any cell: the end of it."""
        size = self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, size - _LAST_WORDS))
        return self.log.read().decode(errors="replace").strip()

    async def end(self) -> None:
        """Have the process end by itself, or kill it; nothing of it is left."""
        if self.client is not None:
            self.client.stop_channels()
        if self.manager.has_kernel and self.hurry:
            await self.manager.shutdown_kernel(now=True)
        elif self.manager.has_kernel:
            await self.manager.request_shutdown()
            await self.manager.finish_shutdown(pollinterval=0.01)
            await self.manager.cleanup_resources()
        self.bench.close()
        self.log.close()
