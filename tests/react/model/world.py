"""A catalog of a few lists, and short texts for what happens in it and what came of that.

An event is ``a``, ``a[r=e]``, or ``a:x`` with the content ``x``; ``a+b`` are two of one commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from heirloom.react.decide import Decision, decide, redecide, release
from heirloom.react.replay import backfill
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.names import fold, parse_moment
from heirloom.records.payloads import Payload
from heirloom.records.plans import LaunchPlanRecord, Switch, Trigger
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion

BEGAN = datetime(2026, 1, 31, 12, tzinfo=UTC)
FIRED = ("queued", "waiting", "coalesced")


class World:
    """What stands committed; every verb is one transaction."""

    def __init__(self, **keys: str) -> None:
        """Declare artifacts, each with its keys (``a="r day"``); ``time`` is one, of days."""
        self.keys = keys
        self.now = BEGAN
        self.plans: dict[str, tuple[LaunchPlanRecord, Switch]] = {}
        self.emitted: dict[str, ArtifactVersion] = {}
        self.rows: dict[str, LedgerRow] = {}
        self.executions: dict[str, Execution] = {}
        self.forbidden: set[str] = set()

    # ------------------------------------------------------------------ what decisions ask

    def listening(self, project: str, name: str) -> list[tuple[LaunchPlanRecord, Switch]]:
        return [
            (plan, switch)
            for plan, switch in self.plans.values()
            if plan.trigger and fold(name) in [fold(query.name) for query in plan.trigger.on]
        ]

    def last_fired(
        self,
        plan: tuple[str, str],
        artifact: tuple[str, str],
        conditions: Mapping[str, str],
        before: int,
    ) -> ArtifactVersion | None:
        fired = {
            row.refs[0] for row in self.rows.values() if row.plan == plan[1] and row.state in FIRED
        }
        found = [
            v for v in self.emitted.values() if v.ref in fired and (v.project, v.name) == artifact
        ]
        alike = [v for v in found if v.conditions == conditions and v.version < before]
        return alike[-1] if alike else None

    def ledger(self, *, plan: str, project: str, ref: str) -> list[LedgerRow]:
        rows = reversed(self.rows.values())
        return [row for row in rows if (row.plan, row.refs) == (plan, (ref,))]

    def waiting(
        self, lane: str, *, plan: str, project: str, limit: int | None = None
    ) -> list[LedgerRow]:
        wanted = ("waiting", lane, plan)
        found = [row for row in self._rows() if (row.state, row.lane, row.plan) == wanted]
        return found[:limit]

    def _rows(self) -> list[LedgerRow]:
        """Every row, by the place of its event in commit order."""
        place = {ref: at for at, ref in enumerate(self.emitted)}
        return sorted(self.rows.values(), key=lambda row: place[row.refs[0]])

    def version(self, project: str, name: str, number: int) -> ArtifactVersion | None:
        return self.emitted.get(f"heirloom://{project}/{name}@{number}")

    def resolve(self, query: Query) -> ArtifactVersion | None:
        return query.pick(self.emitted.values())

    def versions(self, query: Query) -> list[ArtifactVersion]:
        return [each for each in reversed(self.emitted.values()) if query.matches(each)]

    def plan(self, project: str, name: str, version: int | None = None) -> LaunchPlanRecord | None:
        return self.plans[name][0] if name in self.plans else None

    def declaration(self, project: str, name: str) -> Declaration | None:
        if name not in self.keys:
            return None
        keys = tuple(self.keys[name].split())
        return Declaration(
            project=project,
            name=name,
            version=1,
            keys=tuple(key for key in keys if key != "time"),
            granularity="day" if "time" in keys else None,
            declared_at=BEGAN,
            declared_by="ada",
        )

    def execution(self, id: str) -> Execution | None:
        return self.executions.get(id)

    # ------------------------------------------------------------------ what happens

    def listen(self, name: str, on: str, *, version: int = 1, **trigger: Any) -> LaunchPlanRecord:
        """A plan that is on, and listens to the refs in `on`, parted by blanks."""
        queries = tuple(Query.of(Ref.parse(text)) for text in on.split())
        plan = LaunchPlanRecord(
            project="p",
            name=name,
            version=version,
            workflow="work",
            kind="workflow",
            code=f"code of {name}",
            digest="d",
            registered_at=BEGAN,
            registered_by="ada",
            session_id="s",
            trigger=Trigger(on=queries, **trigger),
        )
        before = self.plans.get(name)
        self.plans[name] = plan, _switch(plan, True)
        if before is not None:
            self._decide_anew(plan, [])
        return plan

    def turn(self, name: str, on: bool, missed: str = "none") -> None:
        """Switch a plan, and do with what it missed what a session does."""
        plan, before = self.plans[name]
        self.plans[name] = plan, _switch(plan, on)
        if on and not before.active:
            paused = [r for r in self._rows() if (r.plan, r.state) == (name, "paused")]
            wanted = {"none": [], "newest": paused[-1:], "each": paused}[missed]
            for row in paused:
                if row not in wanted:
                    self.rows[row.key] = replace(row, state="skipped")
            self._decide_anew(plan, wanted)

    def _decide_anew(self, plan: LaunchPlanRecord, missed: list[LedgerRow]) -> None:
        waiting = [r for r in self._rows() if (r.plan, r.state) == (plan.name, "waiting")]
        rows = [*waiting, *missed]
        self._commit(redecide(self, plan, rows, self.now, self._approved))

    def backfill(self, name: str) -> None:
        """Run what a plan has no row of through it."""
        plan, switch = self.plans[name]
        history = [
            version
            for version in self.emitted.values()
            if (version.project, version.name) in plan.listens and version.state == "live"
        ]
        rows = [row for row in self._rows() if row.plan == name]
        events = {version.ref for version in history} - {row.refs[0] for row in rows}
        waiting = [row for row in rows if row.state == "waiting"]
        if switch.active and events:
            self._commit(backfill(self, plan, history, events, waiting, self.now, self._approved))

    def approve(self, name: str) -> None:
        """Let a plan's code run, and what waited for that go on."""
        plan, _ = self.plans[name]
        self.forbidden.discard(plan.code)
        rows = self.waiting("approval", plan=name, project="p")
        self._commit(redecide(self, plan, rows, self.now, self._approved))

    def _approved(self, code: str) -> bool:
        return code not in self.forbidden

    def emit(self, text: str, *, depth: int = 0, chain: str = "") -> list[ArtifactVersion]:
        """One commit of the events in `text`."""
        cause = Execution(
            id=f"cause{len(self.executions)}",
            kind="task",
            name="emit",
            state="succeeded",
            root_id=f"root{len(self.executions)}",
            project="p",
            created_by="bob",
            started_at=self.now,
            depth=depth,
            chain=chain,
        )
        fresh: list[ArtifactVersion] = []
        for each in text.split("+"):
            fresh.append(self._made(each, cause.id, fresh))
        decision = decide(self, fresh, {cause.id: cause}, self.now, self._approved)
        self.executions[cause.id] = cause
        self.emitted |= {version.ref: version for version in fresh}
        self._commit(decision)
        return fresh

    def _made(self, text: str, cause: str, fresh: list[ArtifactVersion]) -> ArtifactVersion:
        said, _, content = text.partition(":")
        ref = Ref.parse(said)
        number = 1 + sum(v.name == ref.name for v in (*self.emitted.values(), *fresh))
        digest = f"sha256:{content or f'{ref.name}{number}'}"
        values = dict(ref.values())
        time = values.pop("time", None)
        return ArtifactVersion(
            project="p",
            name=ref.name,
            version=number,
            payload=Payload(format="file", type_name="File", kind="file", digest=digest),
            partitions=values,
            time_partition=parse_moment(time) if time else None,
            created_at=self.now,
            created_by="bob",
            execution_id=cause,
            root_id="root",
            path="/step",
            output="o0",
        )

    def yank(self, ref: str) -> None:
        """Take a version (``a@1``) back."""
        full = f"heirloom://p/{ref}"
        self.emitted[full] = replace(self.emitted[full], state="yanked")

    def passes(self, seconds: float) -> None:
        """Let time go by, and what is due be let go."""
        self.now += timedelta(seconds=seconds)
        waiting = [row for row in self._rows() if row.state == "waiting"]
        due = [row for row in waiting if row.due is not None and row.due <= self.now]
        for name, rows in groupby(sorted(due, key=lambda row: row.plan), lambda row: row.plan):
            plan, switch = self.plans[name]
            self._commit(release(self, plan, switch.active, list(rows), self.now))

    def _commit(self, decision: Decision) -> None:
        rows, executions = decision
        assert len({row.key for row in rows}) == len(rows)
        self.rows |= {row.key: row for row in rows}
        self.executions |= {execution.id: execution for execution in executions}

    def play(self, steps: str) -> World:
        """Emit what `steps` say, parted by blanks.

        ``5s`` lets time pass, ``off`` and ``on`` switch every plan, ``on=each`` runs what was
        missed, ``backfill`` what was not heard, ``-a@1`` yanks.
        """
        for step in steps.split():
            if step.startswith("-"):
                self.yank(step[1:])
            elif step.endswith("s") and step[:-1].isdigit():
                self.passes(int(step[:-1]))
            elif step == "off" or step.partition("=")[0] == "on":
                for name in self.plans:
                    self.turn(name, step != "off", step.partition("=")[2] or "none")
            elif step == "backfill":
                for name in self.plans:
                    self.backfill(name)
            else:
                self.emit(step)
        return self

    # ------------------------------------------------------------------ what came of it

    def became(self, plan: str = "plan") -> str:
        """The state of each event's row in commit order: ``a1 queued, b1 waiting``."""
        rows = [row for row in self.rows.values() if row.plan == plan]
        return ", ".join(f"{short(row.refs)} {row.state}" for row in rows)

    def runs(self, plan: str = "plan") -> str:
        """What each execution was started on, in the order they were queued: ``a1b1 a2b2``."""
        started = [e for e in self.executions.values() if e.plan == plan]
        return " ".join(short(each.triggered_by) for each in started)

    def row(self, ref: str, plan: str = "plan") -> LedgerRow:
        """The one row of an event (``a1``) at a plan."""
        (found,) = (r for r in self.rows.values() if (short(r.refs), r.plan) == (ref, plan))
        return found


def short(refs: Iterable[str]) -> str:
    """Refs as ``a1b2``."""
    return "".join(ref.rpartition("/")[2].replace("@", "") for ref in refs)


def _switch(plan: LaunchPlanRecord, active: bool) -> Switch:
    return Switch(
        project="p",
        plan=plan.name,
        version=plan.version,
        active=active,
        person=True,
        at=BEGAN,
        by="ada",
        session_id="s",
    )
