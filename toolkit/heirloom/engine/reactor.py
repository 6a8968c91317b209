"""The reactor: keeps warm worker processes that run what new versions start."""

from __future__ import annotations

import logging
import os
import signal
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
_LOOK = 0.05
_STEADY = 30.0
"""Seconds after which a worker's end is no sign that workers cannot run here."""


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
    gone: float | None = None
    falls: int = 0

    @property
    def living(self) -> bool:
        return self.child.poll() is None

    def due(self, moment: float) -> bool:
        """Whether the worker is gone and another may be started."""
        if self.living:
            return False
        if self.gone is None:
            self.gone = moment
            self.falls = self.falls + 1 if moment - self.since < _STEADY else 0
        return moment >= self.gone + (min(60.0, 0.25 * 2**self.falls) if self.falls else 0.0)

    def fill(self, child: subprocess.Popen[bytes], moment: float) -> None:
        """Put another worker here."""
        self.let_go()
        self.child, self.since, self.gone = child, moment, None

    def let_go(self) -> None:
        """Tell the worker to end when it has finished what it runs."""
        if self.child.stdin is not None:
            self.child.stdin.close()

    def wait(self, until: float) -> None:
        """Wait for its end; one that takes longer is killed with all that it started."""
        try:
            self.child.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()


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
                life = self.lives.begin("reactor")
                self._posts = [_Post(self._spawn(), time.monotonic()) for _ in range(self.workers)]
                self._life, self._stopping = life, threading.Event()
                self._thread = threading.Thread(
                    target=self._supervise,
                    args=(self._stopping,),
                    name="heirloom-reactor",
                    daemon=True,
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
            posts, self._posts = self._posts, []
            life, self._life = self._life, None
        if thread is not None:
            thread.join()
        for post in posts:
            post.let_go()
        until = time.monotonic() + timeout
        for post in posts:
            post.wait(until)
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
        env = {**os.environ, **self.settings.environment, "HEIRLOOM_REACTOR": "off"}
        env.pop("MPLBACKEND", None)  # a kernel's draws into its notebook
        with (logs / "workers.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "heirloom", "worker"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=env,
                start_new_session=True,
                cwd=str(self.settings.home),
            )

    def _supervise(self, stopping: threading.Event) -> None:
        while not stopping.wait(_LOOK):
            with self._lock:
                for post in self._posts:
                    moment = time.monotonic()
                    if post.due(moment):
                        self._replace(post, moment)

    def _replace(self, post: _Post, moment: float) -> None:
        log = self.settings.home / "logs" / "workers.log"
        _log.warning("worker %s ended with %s; see %s", post.child.pid, post.child.returncode, log)
        try:
            post.fill(self._spawn(), moment)
        except OSError as error:
            _log.error("no worker could be started: %s", error)
            post.gone, post.falls = moment, post.falls + 1
