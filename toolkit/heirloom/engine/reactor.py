"""The reactor: keeps warm worker processes that run what new versions start."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from heirloom.engine.lives import Life, Lives
from heirloom.settings import Settings

__all__ = ["Reactor", "Status"]

_log = logging.getLogger("heirloom")
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Status:
    """What runs events in this home.

    Attributes:
        here: Whether this session's reactor runs.
        workers: Process ids of its workers.
        reactors: The living reactors of the home, by the name of their lock.
    """

    here: bool
    workers: tuple[int, ...]
    reactors: tuple[str, ...]

    @property
    def running(self) -> bool:
        """Whether anything runs events."""
        return bool(self.reactors)

    def __repr__(self) -> str:
        if not self.running:
            return "<no reactor: events wait; %reactor start, or heirloom reactor>"
        here = f" ({len(self.workers)} workers of this session)" if self.here else ""
        return f"<{len(self.reactors)} reactor(s){here}>"


@dataclass(slots=True)
class _Post:
    """A place for one worker: the process that fills it, and when it may be filled anew.

    A worker that ends soon after its start is not replaced at once: each time in a row the
    wait doubles, up to a minute.
    """

    child: subprocess.Popen[bytes]
    since: float
    falls: int = 0

    @property
    def living(self) -> bool:
        return self.child.poll() is None

    def due(self) -> bool:
        """Whether the worker is gone and another may be started."""
        if self.living:
            return False
        return time.monotonic() >= self.since + min(60.0, 0.5 * (1 << self.falls))

    def fill(self, child: subprocess.Popen[bytes]) -> None:
        """Put another worker here."""
        lasted = time.monotonic() - self.since
        self.falls = 0 if lasted > 30 else self.falls + 1
        self.child, self.since = child, time.monotonic()


@dataclass(slots=True)
class Reactor:
    """A supervisor thread over worker processes; any number of reactors share one home."""

    settings: Settings
    lives: Lives
    workers: int = WORKERS
    _life: Life | None = None
    _posts: list[_Post] = field(default_factory=list)
    _thread: threading.Thread | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self) -> Status:
        """Start it, unless it runs."""
        with self._lock:
            if self._life is None:
                self._life = self.lives.begin("reactor")
                self._stopping.clear()
                self._posts = [_Post(self._spawn(), time.monotonic()) for _ in range(self.workers)]
                self._thread = threading.Thread(
                    target=self._supervise, name="heirloom-reactor", daemon=True
                )
                self._thread.start()
        return self.status()

    def stop(self, timeout: float = 30.0) -> Status:
        """Let the workers finish what they run, and end.

        Args:
            timeout: Seconds to wait for them; those that take longer are killed, and what
                they ran is taken over by whoever claims next.
        """
        with self._lock:
            self._stopping.set()
            thread, self._thread = self._thread, None
            children, self._posts = [post.child for post in self._posts], []
            life, self._life = self._life, None
        if thread is not None:
            thread.join(2)
        for child in children:
            if child.stdin is not None:
                child.stdin.close()
        for child in children:
            try:
                child.wait(timeout)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if life is not None:
            life.end()
        return self.status()

    def status(self) -> Status:
        """What runs events in this home."""
        pids = tuple(post.child.pid for post in self._posts if post.living)
        return Status(self._life is not None, pids, tuple(self.lives.names("reactor")))

    def _spawn(self) -> subprocess.Popen[bytes]:
        logs = self.settings.home / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        with (logs / "workers.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "heirloom", "worker"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.settings.environment, "HEIRLOOM_REACTOR": "off"},
                start_new_session=True,
                cwd=str(self.settings.home),
            )

    def _supervise(self) -> None:
        while not self._stopping.wait(0.05):
            with self._lock:
                for post in self._posts:
                    if post.due() and not self._stopping.is_set():
                        _log.warning(
                            "worker %s ended with %s; see %s",
                            post.child.pid,
                            post.child.returncode,
                            self.settings.home / "logs" / "workers.log",
                        )
                        post.fill(self._spawn())
