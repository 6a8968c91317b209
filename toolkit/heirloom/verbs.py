"""What a session can be asked: every verb of the front, with what it promises."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any

from heirloom.ancestry import Lineage
from heirloom.catalog import Catalog
from heirloom.engine.cells import Cells
from heirloom.engine.claims import Claims, Workplace
from heirloom.engine.launching import Launching, Settled
from heirloom.engine.lives import Lives
from heirloom.engine.looks import Looks, Page
from heirloom.engine.plans import Plan, Plans
from heirloom.engine.publishing import Publishing
from heirloom.engine.pulls import Pulls
from heirloom.engine.runner import Runner
from heirloom.engine.targets import Targets
from heirloom.react.approvals import Approvals
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.versions import ArtifactVersion, Card

__all__ = ["Verbs"]


class Verbs(ABC):
    """The verbs over the parts that a session has put together."""

    project: str
    catalog: Catalog
    lives: Lives
    approvals: Approvals
    runner: Runner
    looks: Looks
    pulls: Pulls
    publishing: Publishing
    cells: Cells
    targets: Targets
    launching: Launching
    _plans: Plans

    @abstractmethod
    def here(self) -> AbstractContextManager[Any]:
        """Until the block ends, what is called in this thread acts on this session."""

    @abstractmethod
    def workplace(self, project: str) -> AbstractContextManager[Workplace]:
        """What runs the executions of any project of this home."""

    # ------------------------------------------------------------------ looks

    def get(self, ref: Any, **partitions: Any) -> ArtifactVersion:
        """The record of the version that `ref` means; a look, no edge.

        Raises:
            ArtifactNotFound: No artifact of that name; the nearest are named.
            Unmet: No version meets the conditions.
        """
        return self.looks.get(ref, partitions)

    def search(self, text: str = "", *, limit: int = 100, cursor: str | None = None) -> Page:
        """A page of the versions that a search line finds, newest first.

        Raises:
            RefError: The line does not parse; the message points at the spot.
        """
        return self.looks.search(text, limit, cursor)

    def lineage(
        self,
        ref: Any,
        up: int | None = 1,
        down: int | None = 1,
        as_of: datetime | None = None,
        *,
        limit: int = 1000,
    ) -> Lineage:
        """The lineage around a version; a hop is version, execution, version; `None` is all."""
        return self.looks.lineage(ref, up, down, as_of, limit)

    def execution(self, execution_id: str) -> Execution:
        """An execution by its id, or by six signs or more that begin it."""
        found = self.looks.execution(execution_id)
        return self.launching.shown(found)

    def executions(self, *, limit: int = 100, **filters: Any) -> list[Execution]:
        """The project's executions, newest first; `filters`: state, root, parent, plan, name."""
        view = self.catalog.view()
        found = view.executions(project=self.project, newest=True, limit=limit, **filters)
        return [self.launching.shown(execution) for execution in found]

    def producer(self, version: ArtifactVersion) -> Execution | None:
        """What made a version."""
        return self.catalog.view().producer(version.ref)

    def consumers(self, version: ArtifactVersion) -> list[Execution]:
        """What read a version, each once."""
        found = self.catalog.view().consumers(version.ref)
        return list({execution.id: execution for execution, _ in found}.values())

    def declaration(self, name: str) -> Any:
        """The newest declaration of an artifact's name, or `None`."""
        return self.catalog.view().declaration(self.project, name)

    def names(self, prefix: str = "") -> list[str]:
        """Names of artifacts that begin with `prefix`."""
        known = self.catalog.view().declarations(self.project)
        return sorted(d.name for d in known if d.name.startswith(prefix))

    def partition_values(self, name: str, key: str) -> list[str]:
        """The values that an artifact's versions have under a key."""
        return self.catalog.partition_values(self.project, name, key)

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
        return self.pulls.pull(ref, partitions, as_=as_, to=to, allow_pickle=allow_pickle)

    def pull_frame(self, ref: Any, **partitions: Any) -> Any:
        """The payload as a pandas DataFrame; a read, so an edge."""
        return self.pulls.frame(ref, partitions)

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
        draft: bool = False,
    ) -> ArtifactVersion:
        """Emit `value` as the next version of ``name[key=value]``, from anywhere.

        Raises:
            PartitionError: The keys are not those that are declared; nothing was recorded.
            CodecError: No safe format takes the value; nothing was recorded.
        """
        return self.publishing.publish(
            value, ref, card, time_partition=time_partition, format=format, draft=draft
        )

    def alias(self, ref: Any, alias: str, reason: str = "") -> ArtifactVersion:
        """Let `alias` point at this version from now on."""
        return self.publishing.alias(ref, alias, reason)

    def annotate(
        self, ref: Any, card: Card | str | None = None, note: str | None = None
    ) -> ArtifactVersion:
        """Revise the card of a version, or add a note to it."""
        return self.publishing.annotate(ref, card, note)

    def yank(self, ref: Any, reason: str = "") -> ArtifactVersion:
        """Take a version out of ``latest`` and of queries; its number still reaches it."""
        return self.publishing.yank(ref, reason)

    def release(self, draft: Any) -> ArtifactVersion:
        """Emit a draft's payload as a new version, which fires as any other."""
        return self.publishing.release(draft)

    # ------------------------------------------------------------------ runs and plans

    def run(
        self,
        target: Any,
        inputs: Mapping[str, Any] | None = None,
        /,
        *,
        check: bool = True,
        **named: Any,
    ) -> Execution:
        """Run a task, workflow, plan, or notebook, and return its execution.

        Args:
            target: The object, the name of a plan, or the path of a notebook.
            inputs: By name; versions are given as objects or full ``heirloom://`` URIs.
            check: Raise where the body raised; else the failed execution is returned.
            named: More inputs.

        Raises:
            InputError: An input is missing, unknown or of another type; nothing is recorded.
            TaskFailed: A body raised; the execution is recorded as failed.
        """
        with self.here():
            return self.launching.run(target, inputs, named, check)

    def settle(self, timeout: float | None = None) -> Settled:
        """Run here what is queued, wait for what others run, until nothing moves.

        Args:
            timeout: Seconds after which nothing more is started or waited for; `None` for as
                long as it takes.

        Raises:
            DeclarationError: It is called inside a task or a triggered body.
        """
        return self.launching.settle(self.lives, self.claims, timeout)

    def claims(self, claimant: str) -> Claims:
        """What takes queued executions under the name of a living process."""
        return Claims(self.catalog, self.lives, self.approvals, claimant, self.workplace)

    def plans(self) -> list[Plan]:
        """The launch plans of the project, by name."""
        return self._plans.all()

    def plan(self, name: str) -> Plan:
        """The launch plan of that name.

        Raises:
            PlanNotFound: There is none; the nearest names are given.
        """
        return self._plans.get(name)

    def ledger(
        self, plan: str | None = None, *, limit: int = 100, **filters: Any
    ) -> list[LedgerRow]:
        """What became of events at plans, newest first; `filters`: state, ref, execution."""
        view = self.catalog.view()
        return view.ledger(plan=plan, project=self.project, limit=limit, **filters)
