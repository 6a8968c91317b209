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

from heirloom.catalog.protocol import Catalog
from heirloom.engine.lives import Life, Lives
from heirloom.engine.status import Status, status_of
from heirloom.engine.workers_log import WorkersLog
from heirloom.settings import Settings

__all__ = ["Reactor"]

_log = logging.getLogger("heirloom")
WORKERS = 2
_LOOK = 0.05


@dataclass(slots=True)
class _Post:
    """A place for one worker: the process that fills it, and when it may be filled anew.

    A worker that ends before it could claim anything is not replaced at once: each time in a
    row the wait doubles, up to a minute. What a body does to its worker is no sign that workers
    cannot run here.

    Attributes:
        ready: Whether the worker was seen with its name, under which it claims.
    """

    child: subprocess.Popen[bytes]
    ready: bool = False
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
            # A killed worker's name may be swept before anybody looks; no failed start ends so.
            killed = self.child.returncode == -signal.SIGKILL
            self.falls = 0 if self.ready or killed else self.falls + 1
        return moment >= self.gone + (min(60.0, 0.25 * 2**self.falls) if self.falls else 0.0)

    def fill(self, child: subprocess.Popen[bytes]) -> None:
        """Put another worker here."""
        self.let_go()
        self.child, self.ready, self.gone = child, False, None

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
    catalog: Catalog
    workers: int = WORKERS
    _life: Life | None = None
    _posts: list[_Post] = field(default_factory=list)
    _thread: threading.Thread | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _printed: WorkersLog = field(init=False)

    def __post_init__(self) -> None:
        self._printed = WorkersLog(self.settings.home)

    def start(self) -> Status:
        """Start it, unless it runs."""
        with self._lock:
            if self._life is None:
                self._life, self._stopping = self.lives.begin("reactor"), threading.Event()
                try:
                    self._posts = [_Post(self._spawn()) for _ in range(self.workers)]
                except OSError:
                    self._life.end()
                    self._life = None
                    raise
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
        posts, life = self._let_go()
        until = time.monotonic() + timeout
        for post in posts:
            post.wait(until)
        if life is not None:
            life.end()
        return self.status()

    def leave(self) -> None:
        """Let the workers finish what they run, and wait for none: each ends by itself.

        For a kernel that ends: its front end kills it after some seconds, and them not.
        """
        _, life = self._let_go()
        if life is not None:
            life.end()

    def _let_go(self) -> tuple[list[_Post], Life | None]:
        with self._lock:
            self._stopping.set()
            thread, self._thread = self._thread, None
            posts, self._posts = self._posts, []
            life, self._life = self._life, None
        if thread is not None:
            thread.join()
        for post in posts:
            post.let_go()
        return posts, life

    def status(self) -> Status:
        """Who runs events in this home, and what each runs now."""
        pids = tuple(post.child.pid for post in self._posts if post.living)
        return status_of(self.lives, self.catalog, self._life is not None, pids)

    def runs_anywhere(self) -> bool:
        """Whether any reactor of this home lives."""
        return bool(self.lives.names("reactor"))

    def _spawn(self) -> subprocess.Popen[bytes]:
        name = self._life.name if self._life is not None else ""
        env = {**os.environ, **self.settings.environment, "HEIRLOOM_REACTOR": "off"}
        env.pop("MPLBACKEND", None)  # a kernel's draws into its notebook
        with self._printed.open() as log:
            return subprocess.Popen(
                [sys.executable, "-m", "heirloom", "worker", name],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=env,
                start_new_session=True,
                cwd=str(self.settings.home),
            )

    def _supervise(self, stopping: threading.Event) -> None:
        bounded = 0.0
        while not stopping.wait(_LOOK):
            if time.monotonic() >= bounded:
                bounded = time.monotonic() + self._bound_log()
            with self._lock:
                for post in self._posts:
                    post.ready = post.ready or self.lives.begun("worker", post.child.pid)
                    moment = time.monotonic()
                    if post.due(moment):
                        self._replace(post, moment)

    def _bound_log(self) -> float:
        """Keep the workers' log within its bounds; the seconds until it is looked at again."""
        try:
            self._printed.bound()
        except OSError as error:
            _log.warning("%s could not be begun anew: %s", self._printed.path, error)
            return 60.0
        return 1.0

    def _replace(self, post: _Post, moment: float) -> None:
        how = _how(post.child.returncode)
        _log.warning("worker %s %s; see %s", post.child.pid, how, self._printed.path)
        try:
            post.fill(self._spawn())
        except OSError as error:
            _log.error("no worker could be started: %s", error)
            post.gone, post.falls = moment, post.falls + 1


def _how(code: int | None) -> str:
    """How a process ended, in words."""
    if code is not None and code < 0:
        return f"was killed by {_signal(-code)}, and another takes over"
    return f"ended with {code}"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # of the real-time ones only the first and the last have names
        return f"signal {number}"
