"""One session: catalog, store, codecs and engine together; the port of declarations."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from heirloom.catalog import Catalog
from heirloom.declare.artifact import Artifact
from heirloom.declare.emits import Creation
from heirloom.declare.launch import LaunchPlan
from heirloom.declare.port import provide
from heirloom.engine.cells import Cells
from heirloom.engine.claims import Workplace
from heirloom.engine.declaring import declared
from heirloom.engine.frame import current_frame
from heirloom.engine.known import Known
from heirloom.engine.launching import Launching
from heirloom.engine.lives import Life, Lives
from heirloom.engine.looks import Looks
from heirloom.engine.payloads import Payloads
from heirloom.engine.plans import Plan, Plans
from heirloom.engine.publishing import Publishing
from heirloom.engine.pulls import Pulls
from heirloom.engine.reactor import Reactor
from heirloom.engine.recorder import Recorder
from heirloom.engine.registering import Registering
from heirloom.engine.resolve import Resolver
from heirloom.engine.runner import Runner
from heirloom.engine.switching import Switching
from heirloom.engine.targets import Targets
from heirloom.errors import DeclarationError
from heirloom.react.approvals import Approvals
from heirloom.records.ids import new_id
from heirloom.settings import Settings
from heirloom.store import open_store
from heirloom.verbs import Verbs

__all__ = ["Session", "connect", "current", "reset"]


class Session(Verbs):
    """An open home: what the front's functions act on. Thread-safe.

    Attributes:
        interactive: Whether sessions of this process are a person's; the magics say so.
    """

    interactive = False

    def __init__(self, settings: Settings, *, read_only: bool = False) -> None:
        """Open the home of `settings`, making it where it is new.

        Raises:
            CatalogUnavailable: The home cannot be read, or not written; nothing was made.
        """
        settings.check()
        self.settings = settings
        self.home, self.project, self.user = settings.home, settings.project, settings.user
        self.read_only = read_only
        self.catalog = Catalog(settings.home, read_only=read_only)
        self.lives = Lives(settings.home, read_only=read_only)
        self.approvals = Approvals(settings.approvals, settings.approve_all)
        self.payloads = Payloads(open_store(settings.store))
        self.known = Known()
        resolver = Resolver(self.payloads, self.known, lambda: self.project)
        recorder = Recorder(self.catalog, self.project, self.user)
        self.runner = Runner(
            recorder, self.payloads, resolver, self.known, self._name, settings.environment
        )
        self.looks = Looks(self.catalog, self.project)
        self.pulls = Pulls(self.runner, self.looks, self.project, self.user)
        self.publishing = Publishing(self.runner, self.looks, self.user)
        self.cells = Cells(self.runner, self.looks, self.project)
        self.targets = Targets(self.catalog, self.project)
        self.launching = Launching(self.runner, self.targets, self.looks)
        self.reactor = Reactor(settings, self.lives)
        self.id = new_id()
        self._life: Life | None = None
        self._projects: dict[str, Session] = {}
        self._lock = threading.RLock()
        self._plans = Plans(
            self.catalog,
            self.approvals,
            self.project,
            Registering(
                self.catalog, self.payloads, self.approvals, self.project, self.user, self.id
            ),
            Switching(self.catalog, self.user, self.id),
            self._after_activate,
        )

    def _name(self) -> str:
        """The name whose lock says that this session lives."""
        with self._lock:
            if self._life is None:
                self._life = self.lives.begin("session")
            return self._life.name

    @contextmanager
    def here(self) -> Iterator[Session]:
        """Until the block ends, what is called in this thread acts on this session."""
        token = _HERE.set(self)
        try:
            yield self
        finally:
            _HERE.reset(token)

    @contextmanager
    def workplace(self, project: str) -> Iterator[Workplace]:
        """What runs the executions of any project of this home, the front acting on it."""
        with self._of(project).here() as session:
            yield Workplace(session.runner, session.targets.rebuild)

    def _of(self, project: str) -> Session:
        if project == self.project:
            return self
        with self._lock:
            if project not in self._projects:
                settings = replace(self.settings, project=project)
                self._projects[project] = Session(settings, read_only=self.read_only)
            return self._projects[project]

    # ------------------------------------------------------------------ the port

    def call(self, target: Any, inputs: Mapping[str, Any]) -> Any:
        """Run a task or workflow as a call, and return its value."""
        with self.here():
            return self.runner.call(target, inputs)

    def created(self, creation: Creation) -> None:
        """Hold what ``create_from`` said until the running task returns."""
        frame = current_frame()
        if frame is None or not frame.takes_creations:
            msg = (
                f"{creation.artifact.name}.create_from(…) speaks of what a task returns, and no "
                "task is running. hl.publish(value, name) emits from anywhere."
            )
            raise DeclarationError(msg)
        frame.creations.append(creation)

    def check(self, artifact: Artifact) -> None:
        """Hold a declaration against the catalog's; nothing is written.

        One that names no keys refers to whatever is declared: there is nothing to hold.
        """
        if artifact.partition_keys is None and artifact.granularity is None:
            return
        declared(self.catalog.view(), artifact, artifact.project or self.project, self.user)

    def register(self, plan: LaunchPlan) -> Plan:
        """Record a launch plan's version; activate it if it asks for that."""
        handle = self._plans.register(plan)
        return handle.activate() if plan.auto_activate else handle

    def plan_handle(self, name: str) -> Plan:
        """The plan of that name as it stands."""
        return self._plans.get(name)

    def _after_activate(self) -> str:
        if self.reactor.status().running:
            return ""
        if not (self.interactive and self.settings.reactor):
            return "nothing runs events now: hl.settle() or `heirloom reactor` does"
        self.reactor.start()
        return "this kernel's reactor runs it"

    def close(self) -> None:
        """Stop this session's reactor, record its reads, let go of the home."""
        with self._lock:
            others, self._projects = list(self._projects.values()), {}
            life, self._life = self._life, None
        for other in others:
            other.close()
        try:
            self.reactor.stop()
            if not self.read_only:
                self.pulls.flush()
        finally:
            if life is not None:
                life.end()
            self.payloads.close()
            self.catalog.close()

    def __repr__(self) -> str:
        return f"<heirloom session {self.project!r} at {self.home}>"


_lock = threading.RLock()
_current: list[Session] = []
_HERE: ContextVar[Session | None] = ContextVar("heirloom_session", default=None)


def connect(
    home: str | os.PathLike[str] | None = None,
    *,
    store: str | None = None,
    project: str | None = None,
    read_only: bool = False,
) -> Session:
    """Open a home and make it the session that the front's functions act on.

    Args:
        home: `None` for ``$HEIRLOOM_HOME``, else ``~/.heirloom``.
        store: A path or fsspec URL for payloads; `None` for ``store/`` in the home.
        project: `None` for ``$HEIRLOOM_PROJECT``, else ``default``.
        read_only: Refuse every write.

    Raises:
        CatalogUnavailable: The home cannot be opened; the session before stays.
    """
    opened = Session(Settings.read(home, store, project), read_only=read_only)
    with _lock:
        try:
            reset()
        finally:
            _current.append(opened)
    return opened


def current() -> Session:
    """The session that acts here: of the running execution, else of this process.

    It is opened now where none is.
    """
    with _lock:
        return _HERE.get() or (_current[-1] if _current else connect())


def reset() -> None:
    """Close the session of this process and forget it."""
    with _lock:
        while _current:
            _current.pop().close()


def _provided(open_one: bool) -> Session | None:
    opened = open_one or _current or _HERE.get() is not None
    return current() if opened else None


provide(_provided)
atexit.register(reset)
