"""What a session can do: every verb of the front, with what it promises."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, BinaryIO

from heirloom.asking import Asking
from heirloom.callers import warn_caller
from heirloom.declare.graph import check_untraced
from heirloom.engine.again import Again
from heirloom.engine.attempt import Workplace
from heirloom.engine.cancelling import Cancelling
from heirloom.engine.cells import Cells
from heirloom.engine.claims import Claims
from heirloom.engine.holding import Holding
from heirloom.engine.idle import Idle
from heirloom.engine.launching import Settled
from heirloom.engine.lives import Lives
from heirloom.engine.marking import Marking
from heirloom.engine.notebook import NotebookWorkflow
from heirloom.engine.outcomes import Outcome, outcomes
from heirloom.engine.publishing import Publishing
from heirloom.engine.pulls import Pulls
from heirloom.engine.query_lock import LockMoved, moved, moved_to
from heirloom.engine.runner import Runner
from heirloom.engine.shown import Execution
from heirloom.engine.targets import Targets
from heirloom.engine.telling import Listener, Telling
from heirloom.errors import InputError
from heirloom.react.approvals import Approvals
from heirloom.records.given import given_seconds
from heirloom.records.ledger import LedgerRow
from heirloom.records.news import NEWS
from heirloom.records.versions import ArtifactVersion, Card
from heirloom.tracebacks import users_own

__all__ = ["Verbs"]


class Verbs(Asking, ABC):
    """The verbs over the parts that a session has put together."""

    user: str
    lives: Lives
    approvals: Approvals
    runner: Runner
    pulls: Pulls
    publishing: Publishing
    marking: Marking
    cells: Cells
    again: Again
    cancelling: Cancelling
    holding: Holding
    targets: Targets
    telling: Telling
    idle: Idle

    @abstractmethod
    def here(self) -> AbstractContextManager[Any]:
        """Until the block ends, what is called in this thread acts on this session."""

    @abstractmethod
    def workplace(self, project: str) -> AbstractContextManager[Workplace]:
        """What runs the executions of any project of this home."""

    # ------------------------------------------------------------------ reads and emissions

    def pull(
        self,
        ref: Any,
        *,
        as_: Any = None,
        to: str | os.PathLike[str] | None = None,
        allow_pickle: bool = False,
        **partitions: Any,
    ) -> Any:
        """The payload of the version that `ref` means, verified; a read, so an edge.

        Args:
            ref: Text, an artifact, a query, or a version.
            as_: Another form, e.g. ``pyarrow.Table``; `None` for the type it was emitted as.
            to: A path that a file or directory is copied to.
            allow_pickle: Load a pickled payload, which runs its code.
            partitions: More conditions.

        Raises:
            PayloadDamaged: The bytes are not those that were recorded.
            UnsafeRead: It is pickled, and that was not allowed.
        """
        check_untraced("hl.pull(…)", reads=True)
        return self.pulls.pull(ref, partitions, as_=as_, to=to, allow_pickle=allow_pickle)

    def pull_frame(self, ref: Any, **partitions: Any) -> Any:
        """The payload as a pandas DataFrame; a read, so an edge."""
        check_untraced("hl.pull_frame(…)", reads=True)
        return self.pulls.frame(ref, partitions)

    def open(self, ref: Any, **partitions: Any) -> BinaryIO:
        """The payload as a binary file that can seek, for what is too large to pull; a read.

        ::

            with hl.open("genome") as stream:
                head = stream.read(1024)

        Its bytes are verified before the first is given: read through once in a process, as long
        as the file is untouched; from a bucket, downloaded into the cache. What a link names is
        held against the size and etag that were recorded.

        Raises:
            CodecError: The value is not kept as one file: a directory, a value in the record.
            PayloadDamaged: The bytes are not those that were recorded.
        """
        check_untraced("hl.open(…)", reads=True)
        return self.pulls.open(ref, partitions)

    def peek(self, version: ArtifactVersion) -> Any:
        """The payload for a preview: a look, never unpickled."""
        return self.pulls.peek(version)

    def bind(self, name: str, version: ArtifactVersion) -> None:
        """Say that the notebook's `name` holds `version`: who reads the name, reads the version."""
        self.cells.bind(name, version)

    def publish(
        self,
        value: Any,
        ref: str,
        card: Card | str | None = None,
        *,
        time_partition: datetime | date | None = None,
        format: str | None = None,
        kind: str | None = None,
        draft: bool = False,
        allow_shared: bool = False,
    ) -> ArtifactVersion:
        """Emit `value` as the next version of ``name[key=value]``, from anywhere.

        Args:
            value: A frame, an array, plain values, a `File`, …
            ref: What it becomes a version of; a new name is declared with the keys that it gives.
            card: Markdown beside it.
            time_partition: Cut to the artifact's granularity, in UTC.
            format: A codec other than the type's own, e.g. ``arrow`` or ``pickle``.
            kind: ``data``, ``model``, ``file`` or ``value``; `None` for what a `ModelCard` or a
                `DataCard` says, else the type.
            draft: Recorded, but never latest, and fires nothing until it is released.
            allow_shared: Emit even where the name is another user's; said once, it holds.

        Raises:
            DeclarationError: The name is another user's, or there is no such kind; nothing was
                stored or recorded.
            PartitionError: The keys are not those that are declared; nothing was recorded.
            CodecError: No safe format takes the value; nothing was recorded.
        """
        check_untraced("hl.publish(…)")
        return self.publishing.publish(
            value,
            ref,
            card,
            time_partition=time_partition,
            format=format,
            kind=kind,
            draft=draft,
            allow_shared=allow_shared,
        )

    def alias(self, ref: Any, alias: str, reason: str = "") -> ArtifactVersion:
        """Let `alias` point at this version from now on."""
        return self.marking.alias(ref, alias, reason)

    def annotate(
        self, ref: Any, card: Card | str | None = None, note: str | None = None
    ) -> ArtifactVersion:
        """Revise the card of a version, or add a note to it."""
        return self.marking.annotate(ref, card, note)

    def yank(self, ref: Any, reason: str = "") -> ArtifactVersion:
        """Take a version out of ``latest`` and of queries; its number still reaches it."""
        return self.marking.yank(ref, reason)

    def restore(self, ref: Any, reason: str = "") -> ArtifactVersion:
        """Take a yank back: the version is what it was; nothing fires, nothing is new.

        Raises:
            DeclarationError: It is not yanked.
        """
        return self.marking.restore(ref, reason)

    def release(self, draft: Any) -> ArtifactVersion:
        """Emit a draft's payload as a new version, which fires as any other."""
        return self.publishing.release(draft)

    # ------------------------------------------------------------------ runs

    @users_own
    def run(
        self,
        target: Any,
        inputs: Mapping[str, Any] | None = None,
        /,
        *,
        executor: Any = None,
        check: bool = True,
        locked: bool = False,
        **named: Any,
    ) -> Execution:
        """Run a task, workflow, plan, or notebook, and return its execution.

        Args:
            target: The object, the name of a plan, or the path of a notebook.
            inputs: By name; versions are given as objects or full ``heirloom://`` URIs.
            executor: Where its tasks run, as of `connect`; `None` for the session's own.
            check: Raise where the body raised; else the failed execution is returned.
            locked: Of a notebook: its smart defaults mean the versions of the lock beside it,
                which `update_lock` moves.
            named: More inputs.

        Raises:
            InputError: An input is missing, unknown or of another type; nothing is recorded.
            NotFound: There is no lock, or the catalog lacks a version of it; nothing is recorded.
            TaskFailed: A body raised; the execution is recorded as failed.
        """
        check_untraced("hl.run(…)")
        with self.here():
            return self.launching.on(executor).run(target, inputs, named, check, locked)

    def update_lock(self, notebook: Any, run: Any = None, *, dry_run: bool = False) -> LockMoved:
        """Let the lock of a notebook have what its smart defaults mean now; what that changes.

        The lock is ``NAME.heirloom.lock`` beside ``NAME.ipynb``: JSON to be kept with it.

        Args:
            notebook: Its path, or what `notebook_workflow` gives.
            run: An execution of it, or its id: the lock has what that was given, instead.
            dry_run: Only tell; write nothing.

        Raises:
            TargetNotFound: There is no such notebook.
            Unmet: A query finds nothing; the lock is as it was.
            InputError: It is no notebook, or the run is another's.
        """
        with self.here():
            found = self.targets.find(notebook).target
            if not isinstance(found, NotebookWorkflow):
                msg = f"A notebook has a lock; got a {found.kind}."
                raise InputError(msg, name="notebook", given=found.kind)
            if run is None:
                change = moved(found, self.catalog.view(), self.runner.resolver)
            else:
                change = moved_to(found, self.executed(run))
        if not dry_run:
            change.write()
        return change

    @users_own
    def rerun(
        self,
        execution: Any,
        inputs: Mapping[str, Any] | None = None,
        /,
        *,
        latest: bool = False,
        check: bool = True,
        **named: Any,
    ) -> Execution:
        """Run what was recorded again: its code, its input versions, in a clean process.

        It is a new run, its ``rerun_of`` the one before. Where installed distributions differ
        from those that were recorded, a warning names each.

        Args:
            execution: An execution, its id, or six signs or more that begin it; of a part of a
                run, that part alone.
            inputs: What is given instead of what was recorded.
            latest: Ask again for the versions that default queries gave.
            check: Raise where the body raises; else the failed execution is returned.
            named: More inputs.

        Raises:
            ExecutionNotFound: There is none.
            InputError: An input is unknown or does not fit; nothing is recorded.
            NotPortable: The code is bound to the kernel that ran it.
            TaskFailed: The body raised; the new execution is recorded.
        """
        given = self.launching.named(inputs, named)
        told = self.again.apart(_id(execution), given, latest=latest)
        for line in told["differs"]:
            warn_caller(f"rerun: {line}")
        return self.launching.ended(told["id"], check)

    @users_own
    def resume(self, execution: Any, *, check: bool = True) -> Execution:
        """Run the next attempt of a run that failed, died or was cancelled; what it is then.

        Leaves that were committed are not run again. The recorded code runs, in this process,
        in a fresh module.

        Raises:
            ExecutionNotFound: There is none.
            InputError: It did not end badly.
            NotPortable: The code is bound to the kernel that ran it.
            TaskFailed: It fails again, and `check` is true.
        """
        with self.here():
            return self.again.resume(_id(execution), check)

    def cancel(self, execution: Any) -> Execution:
        """End the run that an execution belongs to; from now on nothing of it is recorded.

        What a reactor's worker runs is interrupted, and what waits for an executor here; a body
        that is under way elsewhere runs to its end in vain.

        Raises:
            ExecutionNotFound: There is none.
            InputError: It has ended already.
        """
        return self.launching.shown(self.cancelling.cancel(_id(execution), self.user))

    def hold(self, execution: Any) -> Execution:
        """Keep a queued execution from starting, until `start` lets it or `cancel` ends it.

        Raises:
            ExecutionNotFound: There is none.
            InputError: It has begun, or ended.
        """
        return self.launching.shown(self.holding.hold(_id(execution), self.user))

    def start(self, execution: Any) -> Execution:
        """Let a queued execution start now, that is held or counted down.

        What else it waits for (a slot, an approval, its plan's ``max_per_hour``) stays.

        Raises:
            ExecutionNotFound: There is none.
            InputError: It has begun, or ended.
        """
        return self.launching.shown(self.holding.start(_id(execution)))

    def settle(self, timeout: float | None = None) -> Settled:
        """Run here what is queued, wait for what others run, until nothing moves.

        Args:
            timeout: Seconds after which nothing more is started or waited for; `None` for as
                long as it takes.

        Raises:
            DeclarationError: It is called inside a task or a triggered body.
        """
        seconds = given_seconds(timeout, "timeout")
        settled = self.launching.settle(self.lives, self.claims, seconds)
        self.idle.settled()
        return settled

    def on(self, states: str | Iterable[str] = NEWS, call: Any = None, *, plan: Any = None) -> Any:
        """Have a function called with what becomes of triggered executions, wherever they run.

        ::

            @hl.on("failed")
            def tell(news):
                print(news.plan, news.refs, news.reason)

        From now on each is told once, in commit order, as a `News` (``state at execution_id
        project plan plan_version refs attempt reason``), in a thread of the listener's own. What
        the function raises is logged and changes nothing. A function of the same name, given
        for the same news again, takes the place of the one before. Nobody listens, nothing is
        done; closing the session tells what is left to be told, and ends.

        Args:
            states: What is told: ``started``, ``succeeded``, ``failed``, ``dead``,
                ``cancelled``; one, several, or all if not given.
            call: The function; `None` to decorate one.
            plan: A plan or its name; `None` for every plan of the project.

        Returns:
            The listener, whose ``stop()`` ends it.

        Raises:
            DeclarationError: There are no such news, `call` cannot be called, or it is inside an
                execution.
            PlanNotFound: There is no such plan.
        """
        name = None if plan is None else self.plan(getattr(plan, "name", plan)).name

        def listen(call: Any) -> Listener:
            return self.telling.on(states, call, project=self.project, plan=name)

        return listen if call is None else listen(call)

    def outcomes(self, rows: Iterable[LedgerRow]) -> list[Outcome]:
        """What became of each of these events by now, and why, in plain words."""
        return outcomes(self.claims(""), rows)

    def claims(self, claimant: str) -> Claims:
        """What takes queued executions under the name of a living process."""
        return Claims(self.catalog, self.lives, self.approvals, claimant, self.workplace)


def _id(execution: Any) -> str:
    return str(getattr(execution, "id", execution))
