"""Previews: decisions on what is imagined to come, by the code that makes them for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from heirloom.catalog.protocol import View
from heirloom.engine.expected import Expected, one_more
from heirloom.engine.finding import find_version
from heirloom.engine.hearing import heard_by
from heirloom.engine.looks import Looks
from heirloom.engine.preview import Preview, PreviewRow
from heirloom.engine.resolve import Resolver
from heirloom.errors import InputError
from heirloom.react.approvals import Approvals
from heirloom.react.imagined import Imagined
from heirloom.react.past import Past
from heirloom.react.rehearsal import Rehearsal
from heirloom.react.replay import replay
from heirloom.react.standing import Recorded
from heirloom.records.clock import now
from heirloom.records.executions import Execution
from heirloom.records.ids import new_id
from heirloom.records.ledger import LedgerRow
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["Previewing"]

MOST = 1000  # runs that a preview follows to what they emit


@dataclass(slots=True)
class Previewing:
    """Imagines for one session; writes nothing."""

    approvals: Approvals
    looks: Looks
    resolver: Resolver
    user: str

    def version(self, ref: Any) -> Preview:
        """What one more version would start; with a number, the content of that one again.

        Raises:
            ArtifactNotFound: Nothing is declared under that name, and nothing listens to it.
            PartitionError: The artifact has no such key, or one is left open by all there is.
        """
        view = self.looks.catalog.view()
        rehearsal = self._rehearsal(view, view)
        return self._heard(view, rehearsal, [self.looks.query(ref)])

    def plan(self, plan: LaunchPlanRecord, ref: Any = None, since: Any = None) -> Preview:
        """The same at one plan alone, which is on; or what it would have made of its history.

        Args:
            plan: Any version of it, registered or not.
            ref: What comes; `None` for one more version of each that it listens to.
            since: From when on it hears again all that it listens to.

        Raises:
            InputError: `ref` and `since` are both given, or `since` is no time.
        """
        if ref is not None and since is not None:
            msg = "A preview is of a ref or since a time; got both."
            raise InputError(msg, name="since", given=f"{since!r:.60}")
        view = self.looks.catalog.view()
        if since is not None:
            return self._since(view, plan, since)
        rehearsal = self._rehearsal(view, view, plan)
        _activate(view, rehearsal, plan)
        on = plan.trigger.on if plan.trigger is not None else ()
        asked = [self.looks.query(ref)] if ref is not None else [q.within(plan.project) for q in on]
        return self._heard(view, rehearsal, asked, plan)

    # ------------------------------------------------------------------ imagining

    def _rehearsal(
        self, view: View, base: Recorded, plan: LaunchPlanRecord | None = None
    ) -> Rehearsal:
        world = Imagined(base, [plan] if plan is not None else [])
        own = plan.code if plan is not None and not _registered(view, plan) else None

        def approved(code: str) -> bool:
            return code == own or self.approvals.allows(code)

        return Rehearsal(world, Expected(view, world, self.resolver), approved, MOST)

    def _heard(
        self,
        view: View,
        rehearsal: Rehearsal,
        asked: Sequence[Query],
        only: LaunchPlanRecord | None = None,
    ) -> Preview:
        at = now()
        came = []
        for query in asked:
            by = self._emitter(query)
            came.append(self._more(view, rehearsal.world, query, by))
            rehearsal.hear(came[-1:], by, at)
        rehearsal.follow(at)
        of = " and ".join(version.label for version in came) or "nothing"
        rows = _rows(rehearsal, view, came)
        if only is not None:
            rows = tuple(row for row in rows if _speaks_of(row, only))
        return Preview(of=of, rows=rows, note=_note(rehearsal, only))

    def _since(self, view: View, plan: LaunchPlanRecord, since: Any) -> Preview:
        history = heard_by(self.looks, plan, since)
        past = Past(view, plan, history)
        rehearsal = self._rehearsal(view, past, plan)
        replay(rehearsal, past, plan, history, {version.ref for version in history}, {}, now())
        rehearsal.follow(now())
        of = f"{len(history)} version{'s' * (len(history) != 1)} since {since}"
        return Preview(of=of, rows=_rows(rehearsal, view, history), note=_note(rehearsal, plan))

    def _emitter(self, query: Query) -> Execution:
        """What would emit a version that nothing has emitted."""
        own = new_id()
        return Execution(
            id=own,
            kind="publish",
            name=query.name,
            state="succeeded",
            root_id=own,
            project=query.project or "",
            created_by=self.user,
            started_at=now(),
        )

    def _more(self, view: View, world: Imagined, query: Query, by: Execution) -> ArtifactVersion:
        """One more version of what a query asks for; of a given version, its content again."""
        project = query.project or ""
        if query.at is not None:
            like = find_version(view, query)
            more = one_more(view, world, project, query.name, like.conditions, by)
            return replace(more, payload=like.payload, card=like.card)
        declared = view.declaration(project, query.name)
        if declared is None and not world.listening(project, query.name):
            find_version(view, query)  # which says what is near
        version = one_more(view, world, project, query.name, query.pinned, by)
        if declared is None:
            return version
        given = {key: value for key, value in query.pinned.items() if key != "time"}
        return replace(version, partitions=declared.checked({**version.partitions, **given}))


def _registered(view: View, plan: LaunchPlanRecord) -> bool:
    return view.plan(plan.project, plan.name, plan.version) is not None


def _activate(view: View, rehearsal: Rehearsal, plan: LaunchPlanRecord) -> None:
    """Decide anew on what waits at a plan, as it is when another version of it becomes active."""
    switch = view.switch(plan.project, plan.name)
    if switch is not None and (switch.version, switch.active) != (plan.version, True):
        waiting = view.ledger(plan=plan.name, project=plan.project, state="waiting")[::-1]
        rehearsal.anew(plan, waiting, now())


# ---------------------------------------------------------------------- telling


def _rows(
    rehearsal: Rehearsal, view: View, came: Iterable[ArtifactVersion]
) -> tuple[PreviewRow, ...]:
    """What was decided as a tree: below each execution what its end brought about."""
    heard = {version.ref for version in came}
    below: dict[str, dict[str, list[LedgerRow]]] = {}
    for row in rehearsal.world.rows:
        before = view.row(row.key)
        if row.refs[0] in heard or before is None or before.state != row.state:
            together = row.execution_id if row.state == "queued" else None
            group = below.setdefault(rehearsal.under[row.key], {})
            group.setdefault(together or row.key, []).append(row)

    def told(under: str) -> tuple[PreviewRow, ...]:
        return tuple(_row(rehearsal, rows, told(key)) for key, rows in below.pop(under, {}).items())

    return told("")


def _row(
    rehearsal: Rehearsal, rows: Sequence[LedgerRow], then: tuple[PreviewRow, ...]
) -> PreviewRow:
    last = rows[-1]
    world, queued = rehearsal.world, last.state == "queued"
    refs = world.executions[last.execution_id or ""].triggered_by if queued else last.refs
    plan = world.plan(last.project, last.plan, last.plan_version)
    quiet = plan.trigger.debounce if queued and plan is not None and plan.trigger else None
    reasons = [
        f"after {quiet:g} s with nothing more" if quiet else "",
        "" if queued else last.reason,
        str(rehearsal.circles.get(last.execution_id or "", "")),
    ]
    return PreviewRow(
        plan=last.plan,
        plan_version=last.plan_version,
        refs=refs,
        event=", ".join(world.version_of(ref).label for ref in refs),
        state=last.state,
        reason="; ".join(filter(None, reasons)),
        then=then,
    )


def _speaks_of(row: PreviewRow, plan: LaunchPlanRecord) -> bool:
    return row.plan == plan.name or any(_speaks_of(each, plan) for each in row.then)


def _note(rehearsal: Rehearsal, plan: LaunchPlanRecord | None) -> str:
    told = []
    if plan is not None and plan.trigger is None:
        told.append(f"{plan.name} runs by hand: nothing starts it")
    if rehearsal.cut:
        were = "run was" if rehearsal.cut == 1 else "runs were"
        told.append(f"{rehearsal.cut} {were} not followed to what is emitted")
    return "; ".join(told)
