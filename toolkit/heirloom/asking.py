"""What a session can be asked: versions, what ran, what became of events; nothing is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, overload

from heirloom.ancestry import Diff, Lineage, Why
from heirloom.catalog.protocol import Catalog
from heirloom.engine.anchors import Anchor, anchor_of
from heirloom.engine.behind import edited_behind
from heirloom.engine.completing import Offer, offers
from heirloom.engine.executed import Executed, executed, run_before
from heirloom.engine.fields import LaunchForm
from heirloom.engine.form import launch_form
from heirloom.engine.history import History
from heirloom.engine.launching import Launching
from heirloom.engine.looks import Looks, Page
from heirloom.engine.notebook_diff import NotebookDiff, notebook_diff
from heirloom.engine.plan import Plan
from heirloom.engine.plans import Plans
from heirloom.engine.preview import Preview
from heirloom.engine.reasons import Reasons
from heirloom.engine.run_log import RunLog, run_log
from heirloom.engine.shown import Execution
from heirloom.errors import InputError
from heirloom.records import executions as records
from heirloom.records.executions import EXECUTION_STATES
from heirloom.records.given import given_choice, given_count, given_hops
from heirloom.records.ledger import LEDGER_STATES, LedgerRow
from heirloom.records.versions import ArtifactVersion

__all__ = ["Asking"]


class Asking:
    """The verbs that only look."""

    project: str
    catalog: Catalog
    looks: Looks
    launching: Launching
    _plans: Plans

    # ------------------------------------------------------------------ versions

    def get(self, ref: Any, **partitions: Any) -> ArtifactVersion:
        """The record of the version that `ref` means; a look, no edge.

        Raises:
            ArtifactNotFound: No artifact of that name; the nearest are named.
            Unmet: No version meets the conditions.
        """
        return self.looks.get(ref, partitions)

    def latest_per(self, ref: Any, *keys: str, **partitions: Any) -> Page:
        """The version that `ref` means under each value of `keys`, the newest first.

        Given as an input, the page is the list of their payloads, each read with an edge of
        its own: ``report(parts=hl.latest_per(sales, "region"))``.

        Args:
            ref: A ref, an artifact or a query, whose order of ``latest`` holds.
            keys: Partition keys; ``time`` is the time partition.
            partitions: Further conditions.

        Raises:
            Unmet: No version meets the conditions.
            PartitionError: No key is named, or one that the artifact does not have.
        """
        return self.looks.latest_per(ref, keys, partitions)

    def history(self, ref: Any) -> History:
        """What was said of a name (``sales``) or of one version (``sales@7``), oldest first.

        Where an alias has been and why it moved, every revision of a card, notes, yanks.

        Raises:
            ArtifactNotFound: No artifact of that name; the nearest are named.
        """
        return self.looks.history(ref)

    def search(
        self,
        text: str = "",
        *,
        limit: int = 100,
        cursor: str | None = None,
        order: str = "newest",
    ) -> Page:
        """A page of the versions that a search line finds.

        Args:
            text: The line; empty finds all.
            limit: Versions on a page, at most.
            cursor: That of the page before, asked for in the same order.
            order: ``newest``, ``oldest``, ``name``, ``kind`` or ``producer``; within the last three
                the newest is the first. A page comes from the index: what is not on it is not read.

        Raises:
            RefError: The line does not parse; the message points at the spot.
            InputError: There is no such order; the nearest is named.
        """
        return self.looks.search(text, limit, cursor, order)

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
        hops = given_hops(up, "up"), given_hops(down, "down")
        return self.looks.lineage(ref, *hops, as_of, given_count(limit, "limit"))

    def why(self, ref: Any) -> Why:
        """What made a version, beside the newest live one before it of the same partition values.

        Its inputs, code, parameters and packages; of two nameless values of equal content none
        is said to differ. A look: no payload is read.

        Raises:
            ArtifactNotFound: No artifact of that name; the nearest are named.
            Unmet: No version meets the conditions.
        """
        return self._reasons.why(self.get(ref))

    @overload
    def diff(self, a: records.Execution, b: records.Execution | None = None) -> NotebookDiff: ...
    @overload
    def diff(self, a: Any, b: Any = None) -> Diff: ...
    def diff(self, a: Any, b: Any = None) -> Diff | NotebookDiff:
        """How version `b` differs from `a`: record, schema, inputs, packages, card and code.

        They may be of two artifacts. A look: no payload is read. Of two executions of notebooks
        it is the cells whose text or outputs differ; of one alone, from the last before it.

        Raises:
            ArtifactNotFound: No artifact of that name; the nearest are named.
            Unmet: No version meets the conditions.
            NotFound: An execution kept no notebook, or there is none before it.
            InputError: `b` is missing, and `a` is no execution.
        """
        if isinstance(a, records.Execution):
            if b is None:
                a, b = run_before(self.catalog.view(), a), a
            return notebook_diff(self.executed(a), self.executed(b))
        if b is None:
            msg = f"hl.diff takes two versions, or an execution of a notebook; got {a!r} alone."
            raise InputError(msg, name="b")
        return self._reasons.diff(self.get(a), self.get(b))

    def anchor(self, ref: Any) -> Anchor | None:
        """The cell that made a version, and whether it has changed since; `None` for no cell.

        Of what the cell called, that cell; with the cells behind it that were edited and not run.
        A look at the records, at what this kernel ran last of these cells, and at the notebooks'
        files where they can be read.

        Raises:
            ArtifactNotFound: No artifact of that name; the nearest are named.
            Unmet: No version meets the conditions.
        """
        view = self.catalog.view()
        producer = view.producer(self.get(ref).ref)
        found = anchor_of(view, producer)
        if found is None or producer is None:
            return None
        return replace(found, behind=edited_behind(view, producer))

    @property
    def _reasons(self) -> Reasons:
        return Reasons(self.looks, self.launching.runner.payloads)

    def execution(self, execution_id: str) -> Execution:
        """An execution by its id, or by six signs or more that begin it."""
        found = self.looks.execution(execution_id)
        return self.launching.shown(found)

    def executions(
        self,
        *,
        name: str | None = None,
        state: str | None = None,
        plan: str | None = None,
        root: str | None = None,
        parent: str | None = None,
        limit: int = 100,
    ) -> list[Execution]:
        """The project's executions that meet every filter given, newest first.

        Args:
            name: Of the task, workflow, cell or artifact that ran or was emitted.
            state: ``queued``, ``running``, ``succeeded``, ``failed``, ``dead``, ``cancelled``.
            plan: The launch plan that started them.
            root: The id of the outermost execution of their run, itself included.
            parent: The id of the execution that they were called in.
            limit: At most so many.

        Raises:
            InputError: `state` is none; the nearest is named.
        """
        found = self.catalog.view().executions(
            project=self.project,
            newest=True,
            limit=given_count(limit, "limit"),
            name=name,
            state=state and given_choice(state, "state", EXECUTION_STATES),
            plan=plan,
            root=root,
            parent=parent,
        )
        return [self.launching.shown(execution) for execution in found]

    def launch_form(self, target: Any) -> LaunchForm:
        """What a target takes: types, defaults, what queries give now, which versions would fit.

        A look: nothing is written. Versions are looked up as one goes through them, so that a
        form costs the same at any number of them.

        Args:
            target: A task, workflow, plan, a plan's name, or the path of a notebook.

        Raises:
            TargetNotFound: Nothing of that name can be run; the nearest names are given.
        """
        return launch_form(self.launching, target)

    def log(self, execution: Any) -> RunLog:
        """What an execution and those inside of it did: each one's state, and what they printed.

        Args:
            execution: An execution, its id, or six signs or more that begin it.

        Raises:
            ExecutionNotFound: There is none.
        """
        found = self.looks.execution(str(getattr(execution, "id", execution)))
        return run_log(self.catalog.view(), self.launching.runner.payloads, found)

    def executed(self, execution: Any, to: str | os.PathLike[str] | None = None) -> Executed:
        """The notebook as one execution left it, outputs and injected inputs included.

        One that failed or was interrupted is kept as far as it came. A look.

        Args:
            execution: An execution, its id, or six signs or more that begin it.
            to: A file that it is written to; nothing that exists is overwritten.

        Raises:
            ExecutionNotFound: There is none.
            NotFound: It is no notebook's, has not ended, or was killed with its process.
            InputError: The file exists; nothing was written.
        """
        found = self.looks.execution(str(getattr(execution, "id", execution)))
        copy = executed(self.launching.runner.payloads, found)
        if to is not None:
            copy.save(to)
        return copy

    def producer(self, version: ArtifactVersion) -> Execution | None:
        """What made a version."""
        found = self.catalog.view().producer(version.ref)
        return self.launching.shown(found) if found else None

    def consumers(self, version: ArtifactVersion, *, limit: int = 100) -> list[Execution]:
        """What read a version, each once, the newest first.

        Args:
            version: The version.
            limit: At most so many.
        """
        found = self.catalog.view().consumers(version.ref)
        each = {execution.id: execution for execution, _ in reversed(found)}.values()
        some = islice(each, given_count(limit, "limit"))
        return [self.launching.shown(execution) for execution in some]

    def declaration(self, name: str) -> Any:
        """The newest declaration of an artifact's name, or `None`."""
        return self.catalog.view().declaration(self.project, name)

    def aliases(self, name: str) -> dict[str, int]:
        """Where each alias of an artifact's name points, by version number."""
        return self.catalog.view().aliases(self.project, name)

    def names(self, prefix: str = "") -> list[str]:
        """Names of artifacts that begin with `prefix`."""
        known = self.catalog.view().declarations(self.project)
        return sorted(d.name for d in known if d.name.startswith(prefix))

    def partition_keys(self) -> list[str]:
        """The partition keys that versions have, of any artifact."""
        return self.catalog.partition_keys()

    def values(self, key: str, text: str = "", *, limit: int = 50) -> list[str]:
        """What a search's `key` may be, of what the project has: for completion.

        Args:
            key: ``name``, ``alias``, ``by`` or a partition key.
            text: What is in it, case aside; what begins with it comes first.
            limit: At most so many.
        """
        return self.catalog.values(key, text, self.project, given_count(limit, "limit"))

    def completions(self, line: str) -> list[Offer]:
        """What could stand at the end of `line`, a search up to the cursor; the likely first."""
        return offers(self, line)

    def partition_values(
        self, name: str, key: str, prefix: str = "", *, limit: int | None = None
    ) -> list[str]:
        """The first values that an artifact's versions have under a key, sorted.

        Args:
            name: The artifact's.
            key: ``time`` is the time partition.
            prefix: What they begin with.
            limit: At most so many; `None` for all.
        """
        return self.catalog.partition_values(self.project, name, key, prefix, limit)

    # ------------------------------------------------------------------ plans

    def plans(self) -> list[Plan]:
        """The launch plans of the project, by name."""
        return self._plans.all()

    def plan(self, name: str) -> Plan:
        """The launch plan of that name.

        Raises:
            PlanNotFound: There is none; the nearest names are given.
        """
        return self._plans.get(name)

    def preview(self, ref: Any) -> Preview:
        """What one more version would start, at every plan, and what that would start in turn.

        It is decided by what decides for good, and nothing is written. What a run would emit is
        known of its code, and of what its last runs emitted.

        Args:
            ref: ``sales``, ``sales[region=emea]``: one more of that, with new content; partition
                values that are left open are as in the newest one like it. ``sales@7``: one more
                with the content and the values of that.

        Raises:
            ArtifactNotFound: Nothing is declared under that name, and nothing listens to it.
            PartitionError: The artifact has no such key.
        """
        return self._plans.previewing.version(ref)

    def ledger(
        self,
        plan: str | None = None,
        *,
        state: str | None = None,
        ref: Any = None,
        execution: str | None = None,
        limit: int = 100,
    ) -> list[LedgerRow]:
        """What became of each event at each plan of the project, newest first.

        Args:
            plan: Only at the launch plan of that name.
            state: Only rows in one of `LEDGER_STATES`; what became of a ``queued`` one is its
                execution's state.
            ref: Only rows of the version that it means.
            execution: Only the row that started the execution of that id.
            limit: At most so many.

        Raises:
            PlanNotFound: No plan has that name; the nearest names are given.
            InputError: `state` is none; the nearest is named.
        """
        view = self.catalog.view()
        rows = view.ledger(
            plan=plan if plan is None else self.plan(plan).name,
            project=self.project,
            limit=given_count(limit, "limit"),
            state=state and given_choice(state, "state", LEDGER_STATES),
            ref=None if ref is None else self.get(ref).ref,
            execution=execution,
        )
        states = view.states({row.execution_id for row in rows if row.execution_id})
        return [_with_outcome(row, states) for row in rows]


def _with_outcome(row: LedgerRow, states: Mapping[str, str]) -> LedgerRow:
    """A row that shows what its execution is."""
    became = states.get(row.execution_id or "") if row.state == "queued" else None
    return row if became is None else row.as_became(became)
