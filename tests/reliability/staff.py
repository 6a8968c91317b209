"""Reactors and workers forked from a warm interpreter, and strikes at points of their work."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from heirloom.engine.claims import Claims
from heirloom.engine.reactor import Reactor
from heirloom.engine.recorder import Recorder
from heirloom.engine.worker import serve
from heirloom.session import Session
from heirloom.settings import Settings

__all__ = ["POINTS", "Staff", "Strike", "stopped", "until"]

POINTS: dict[str, tuple[type, str, bool]] = {
    "queued": (Claims, "candidate", True),
    "claimed": (Claims, "_run", False),
    "body done": (Recorder, "record", False),
    "recorded": (Recorder, "decide", False),
    "before commit": (Recorder, "decide", True),
    "after commit": (Recorder, "record", True),
}
"""What is called there, and whether the point comes after it."""
_PIPES: list[BinaryIO] = []


def until(met: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait until `met` is true."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.002)


def stopped(pid: int) -> bool:
    """Whether that process is held by SIGSTOP."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@dataclass(frozen=True, slots=True)
class Strike:
    """A signal that hits a worker, or its reactor, the first time that a worker is at a point."""

    point: str
    signal: signal.Signals
    who: str
    flag: Path

    def arm(self) -> None:
        """Lie in wait, in this process."""
        cls, name, after = POINTS[self.point]
        call = getattr(cls, name)

        def struck(*args: Any, **named: Any) -> Any:
            if not after:
                self._hit()
                return call(*args, **named)
            given = call(*args, **named)
            if name != "candidate" or given is not None:
                self._hit()
            return given

        setattr(cls, name, struck)

    def _hit(self) -> None:
        pid = os.getpid() if self.who == "worker" else os.getppid()
        told = self.flag.with_suffix(f".{os.getpid()}")
        told.write_text(str(pid))
        try:
            os.link(told, self.flag)
        except FileExistsError:
            return
        os.kill(pid, self.signal)
        if self.who == "reactor" and self.signal == signal.SIGKILL:
            until(lambda: os.getppid() != pid, "the reactor dies")

    def wait(self) -> int:
        """Wait until it has hit; the process that it hit."""
        until(self.flag.exists, f"{self.who} comes to {self.point!r}")
        return int(self.flag.read_text())


class _Child:
    """A forked process, with what a reactor asks of a `subprocess.Popen`."""

    def __init__(self, work: Callable[[], object]) -> None:
        reading, writing = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            try:
                os.setsid()
                os.close(writing)
                for pipe in _PIPES:
                    pipe.close()  # or their workers would not see their reactor die
                os.dup2(reading, 0)
                work()
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        os.close(reading)
        self.stdin = os.fdopen(writing, "wb")
        _PIPES.append(self.stdin)

    def poll(self) -> int | None:
        """Its exit code, or `None` while it lives."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float = 30.0) -> int:
        """Wait for its end."""
        end = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("worker", timeout)
            time.sleep(0.002)
        assert self.returncode is not None
        return self.returncode


class _Forking(Reactor):
    """A reactor whose workers are forked from it."""

    strike: Strike | None = None

    def _spawn(self) -> subprocess.Popen[bytes]:
        return cast("subprocess.Popen[bytes]", _Child(lambda: _work(self.settings, self.strike)))


def _work(settings: Settings, strike: Strike | None) -> None:
    session = Session(settings)
    if strike is not None:
        strike.arm()
    life = session.lives.begin("worker")
    serve(session.catalog, session.claims(life.name), lambda view: None)
    life.end()


class Staff:
    """A reactor as a process of its own, forked from this one."""

    def __init__(self, settings: Settings, workers: int = 1, strike: Strike | None = None) -> None:
        self._settings, self._workers, self._strike = settings, workers, strike
        self._child = _Child(self._react)
        self.pid = self._child.pid

    def _react(self) -> None:
        ended: list[int] = []  # an event's lock could be held by the very wait that is interrupted
        signal.signal(signal.SIGTERM, lambda number, _: ended.append(number))
        session = Session(self._settings)
        reactor = _Forking(self._settings, session.lives, session.catalog, self._workers)
        reactor.strike = self._strike
        reactor.start()
        while not ended:
            time.sleep(0.005)
        reactor.stop()

    def kill(self) -> None:
        """SIGKILL: it has no last word."""
        os.kill(self.pid, signal.SIGKILL)
        self._child.wait(30)
        self._child.stdin.close()

    def stop(self) -> int:
        """SIGTERM, unless it is gone; its exit code."""
        if self._child.poll() is None:
            os.kill(self.pid, signal.SIGCONT)
            os.kill(self.pid, signal.SIGTERM)
        self._child.stdin.close()
        return self._child.wait(30)
