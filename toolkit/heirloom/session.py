"""One session: catalog, store, codecs and engine together; what declarations act on."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from heirloom.catalog import Catalog, Database, protocol
from heirloom.declare.artifact import Artifact
from heirloom.declare.declared import EARLY, Declared
from heirloom.declare.emits import Creation
from heirloom.declare.launch import LaunchPlan
from heirloom.engine.again import Again
from heirloom.engine.attempt import Workplace
from heirloom.engine.backfilling import Backfilling
from heirloom.engine.bodies import bodies_of
from heirloom.engine.cancelling import Cancelling
from heirloom.engine.cells import Cells
from heirloom.engine.declaring import declared
from heirloom.engine.frame import current_frame
from heirloom.engine.holding import Holding
from heirloom.engine.idle import Idle
from heirloom.engine.known import Known
from heirloom.engine.launching import Launching
from heirloom.engine.lives import Life, Lives
from heirloom.engine.looks import Looks
from heirloom.engine.marking import Marking
from heirloom.engine.notebook import NotebookWorkflow
from heirloom.engine.payloads import Payloads
from heirloom.engine.plan import Plan
from heirloom.engine.plans import Plans
from heirloom.engine.preview import Preview
from heirloom.engine.previewing import Previewing
from heirloom.engine.promises import Promises
from heirloom.engine.publishing import Publishing
from heirloom.engine.pulls import Pulls
from heirloom.engine.reactor import Reactor
from heirloom.engine.recorder import Recorder
from heirloom.engine.registering import Registering
from heirloom.engine.resolve import Resolver
from heirloom.engine.runner import Runner
from heirloom.engine.stores import Stores
from heirloom.engine.switching import Switching
from heirloom.engine.targets import Targets
from heirloom.engine.telling import Telling
from heirloom.errors import DeclarationError, HeirloomError, NotSupported
from heirloom.react.approvals import Approvals
from heirloom.records.ids import new_id
from heirloom.settings import Settings
from heirloom.store import open_store
from heirloom.verbs import Verbs

if TYPE_CHECKING:
    from heirloom.engine.kernels import Kernels

__all__ = ["HERE", "Session"]

HERE: ContextVar[Session | None] = ContextVar("heirloom_session", default=None)
"""The session that acts in this thread, before any other: `Session.here` sets it."""


class Session(Verbs):
    """An open home: what the front's functions act on. Thread-safe.

    Attributes:
        interactive: Whether sessions of this process are a person's; the magics say so.
    """

    interactive = False

    def __init__(
        self, settings: Settings, *, read_only: bool = False, executor: Any = None
    ) -> None:
        """Open the home of `settings`, making it where it is new.

        Raises:
            CatalogUnavailable: The home cannot be read, or not written, or it is one that everybody
                can write and ``HEIRLOOM_APPROVE=all`` is set; nothing was made.
            StoreError: The store's address is none; nothing was made.
            InputError: `executor` is none.
        """
        settings.check_approve()
        bodies = bodies_of(executor)
        open_store(settings.store)  # an address that is none is refused before a home is made
        self.settings = settings
        self.home, self.project, self.user = settings.home, settings.project, settings.user
        self.read_only = read_only
        self.catalog = self._opened()
        self.lives = Lives(settings.home, user=settings.user, read_only=read_only)
        self.approvals = Approvals(settings.approvals, settings.approve_all)
        self.stores = Stores(
            self.catalog,
            settings.home,
            settings.store,
            settings.user,
            origin=settings.origin,
        )
        self.payloads = Payloads(self.stores)
        self.known = Known()
        resolver = Resolver(self.payloads, self.known, lambda: self.project)
        recorder = Recorder(
            self.project, self.user, self.payloads.secrets, self.catalog, self.approvals.allows
        )
        self.runner = Runner(
            recorder,
            self.payloads,
            resolver,
            self.known,
            self._name,
            settings.environment,
            settings,
            self.kernels,
            bodies,
            settings.cache,
        )
        self.looks = Looks(self.catalog, self.project, self.stores)
        self.pulls = Pulls(self.runner, self.looks, self.project, self.user)
        self._declarations = Declared()
        self._declarations.take(EARLY)
        self.publishing = Publishing(self.runner, self.looks, self._declarations)
        self.marking = Marking(self.catalog, self.looks, self.user)
        self.cells = Cells(self.runner, self.looks, self.project)
        self.targets = Targets(self.catalog, self.project)
        self.launching = Launching(self.runner, self.targets, self.looks)
        self.again = Again(self.launching, self.lives, self._name)
        self.cancelling = Cancelling(self.catalog, self.lives)
        self.holding = Holding(self.catalog)
        self.telling = Telling(self.catalog, self.here)
        self.idle = Idle(self.catalog, self.project)
        self.reactor = Reactor(settings, self.lives, self.catalog)
        self.id = new_id()
        self._life: Life | None = None
        self._kernels: Kernels | None = None
        self._closed = False
        self._projects: dict[str, Session] = {}
        self._lock = threading.RLock()
        self._promises = Promises(self.project)
        self._plans = Plans(
            self.catalog,
            self.approvals,
            self.project,
            Registering(
                self.catalog, self.payloads, self.approvals, self.project, self.user, self.id
            ),
            Switching(self.catalog, self.approvals, self.user, self.id),
            Previewing(self.approvals, self.looks, resolver, self.user),
            Backfilling(self.approvals, self.looks),
            self._after_activate,
        )

    def _opened(self) -> protocol.Catalog:
        """The catalog; a session on another one gives that."""
        allow = self.settings.network
        return Catalog(self.home, read_only=self.read_only, allow_network=allow)

    def _name(self) -> str:
        """The name whose lock says that this session lives."""
        with self._lock:
            if self._life is None:
                self._life = self.lives.begin("session")
            return self._life.name

    def kernels(self) -> Kernels:
        """The kernels that notebooks of this session run in."""
        from heirloom.engine.kernels import Kernels

        with self._lock:
            if self._kernels is None:
                self._kernels = Kernels()
            return self._kernels

    @property
    def journaled(self) -> Catalog:
        """The catalog, where it is one of ours with a journal; what keeps that in order is its own.

        Raises:
            NotSupported: It is another implementation.
        """
        if not isinstance(self.catalog, Catalog):
            msg = f"{self.catalog!r} has no journal of ours."
            raise NotSupported(msg)
        return self.catalog

    @property
    def db(self) -> Database:
        """The catalog as a `tinydb.TinyDB`, open for as long as the session is.

        Heirloom's tables (``versions``, ``executions``, ``marks``, ...) are read with TinyDB's
        ``Query``, and a raw write to one is `NotSupported`. Any other table is the user's own:
        each write to it is one durable transaction, which every process sees.

        Raises:
            NotSupported: The session is on another catalog than the one on a journal.
        """
        return self.journaled.db

    @contextmanager
    def here(self) -> Iterator[Session]:
        """Until the block ends, what is called in this thread acts on this session."""
        token = HERE.set(self)
        try:
            yield self
        finally:
            HERE.reset(token)

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
                self._projects[project] = type(self)(
                    settings, read_only=self.read_only, executor=self.runner.bodies
                )
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
        """Hold a declaration against the catalog's, and keep it in mind; nothing is written.

        One that names no keys refers to whatever is declared: there is nothing to hold.
        """
        if artifact.refers:
            return
        declared(self.catalog.view(), artifact, artifact.project or self.project, self.user)
        self._declarations.add(artifact)

    def declared(self, target: Any) -> None:
        """Hold a declaration's default queries against what tasks promise of the artifacts.

        Raises:
            InputError: One asks for what its input cannot take.
        """
        self._promises.declared(target)
        if isinstance(target, NotebookWorkflow) and target.closure.warm:
            self.kernels().keep(target.kernel_in(self.runner))

    def register(self, plan: LaunchPlan) -> Plan:
        """Record a launch plan's version; activate it if it asks for that."""
        self._promises.check_plan(plan)
        handle = self._plans.register(plan)
        if not plan.auto_activate:
            return handle
        active = handle.activate()
        return replace(active, note="; ".join(filter(None, [handle.note, active.note])))

    def plan_handle(self, name: str) -> Plan:
        """The plan of that name as it stands."""
        return self._plans.get(name)

    def previewed(self, plan: LaunchPlan, ref: Any, since: Any) -> Preview:
        """What a launch plan would start, registered or not."""
        self._promises.check_plan(plan)
        return self._plans.draft(plan, ref, since)

    def _after_activate(self, plan: str) -> str:
        if self.reactor.runs_anywhere():
            return ""
        if not (self.interactive and self.settings.reactor):
            self.idle.add(plan)
            return "nothing runs events now: hl.settle() or `heirloom reactor` does"
        self.reactor.start()
        return "this kernel's reactor runs it"

    def leave(self) -> None:
        """At the end of the process: say what nothing runs, and let a kernel's end not wait."""
        if self.interactive:
            self.reactor.leave()
        elif not self.reactor.runs_anywhere():
            with suppress(HeirloomError):  # a home that went is no error of a process that ends
                self.idle.tell()

    def close(self) -> None:
        """Record this session's reads, stop its reactor, let go of the home.

        Raises:
            CatalogUnavailable: The reads could not be recorded, and are not; all else is closed.
        """
        with self._lock:
            others, self._projects = list(self._projects.values()), {}
            life, self._life = self._life, None
            kernels, self._kernels = self._kernels, None
            closed, self._closed = self._closed, True
        with ExitStack() as ends:  # the last named is the first; what one raises, no other minds
            ends.callback(self.catalog.close)
            ends.callback(self.payloads.close)
            if life is not None:
                ends.callback(life.end)
            if kernels is not None:
                ends.callback(kernels.close)
            ends.callback(self.telling.close)
            ends.callback(self.reactor.stop)
            if not self.read_only and not closed:
                ends.callback(self.pulls.flush)  # a kernel that waits for its workers may be killed
            for other in reversed(others):
                ends.callback(other.close)

    def __repr__(self) -> str:
        return f"<heirloom session {self.project!r} at {self.home}>"
