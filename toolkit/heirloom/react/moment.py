"""What a decision sees: the catalog at one commit, and what was decided in it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from heirloom.react.fired import newest_fired
from heirloom.react.starting import started
from heirloom.react.states import Verdict, move, opened, stay
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution
from heirloom.records.ledger import FIRED, LedgerRow
from heirloom.records.names import fold
from heirloom.records.plans import LaunchPlanRecord, Switch
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion

__all__ = ["Event", "Moment", "Standing", "alike"]

_AT_FIRST = 16


class Standing(Protocol):
    """What decisions ask of the catalog, all of one moment."""

    def listening(self, project: str, name: str) -> Sequence[tuple[LaunchPlanRecord, Switch]]:
        """Plans that were ever activated and listen to that artifact, by active version."""
        ...

    def last_fired(
        self,
        plan: tuple[str, str],
        artifact: tuple[str, str],
        conditions: Mapping[str, str],
        before: int,
    ) -> ArtifactVersion | None:
        """The newest version below a number, of these partition values, that this plan fired on."""
        ...

    def ledger(self, *, plan: str, project: str, ref: str) -> Sequence[LedgerRow]:
        """The rows of one event at a plan, that of its newest version first."""
        ...

    def waiting(
        self, lane: str, *, plan: str, project: str, limit: int | None = None
    ) -> Sequence[LedgerRow]:
        """The rows that wait in a plan's lane, the oldest event first."""
        ...

    def version(self, project: str, name: str, number: int) -> ArtifactVersion | None:
        """That version, whatever its state."""
        ...

    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that a query means."""
        ...

    def declaration(self, project: str, name: str) -> Declaration | None:
        """The newest declaration of a name."""
        ...

    def execution(self, id: str) -> Execution | None:
        """The execution of that id."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """A version, as one plan hears of it.

    Attributes:
        row: Its row at that plan, where there is one by now.
    """

    version: ArtifactVersion
    row: LedgerRow | None = None


@dataclass(slots=True)
class Moment:
    """One transaction's decisions, each seeing those before it.

    Attributes:
        approved: Whether code of that digest may run.
        fresh: Versions of this transaction, with the executions that made them.
        lifted: Keys of rows that are decided anew: until then they wait nowhere.
        rows: What was decided, by project, plan and ref.
        executions: What was started.
        declared: Declarations of this transaction, by project and name.
    """

    standing: Standing
    at: datetime
    approved: Callable[[str], bool]
    causes: Mapping[str, Execution] = field(default_factory=dict)
    lifted: frozenset[str] = frozenset()
    rows: dict[tuple[str, str, str], LedgerRow] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    declared: Mapping[tuple[str, str], Declaration] = field(default_factory=dict)
    _heard: dict[str, ArtifactVersion] = field(default_factory=dict)

    @property
    def decided(self) -> tuple[list[LedgerRow], list[Execution]]:
        """The rows as they are now, and what was started, in the order of the events."""
        return list(self.rows.values()), self.executions

    # ------------------------------------------------------------------ deciding

    def hear(self, versions: Iterable[ArtifactVersion]) -> Iterator[ArtifactVersion]:
        """Each version in turn; what is decided later sees it."""
        for version in versions:
            self._heard[version.ref] = version
            yield version

    def put(self, plan: LaunchPlanRecord, event: Event, verdict: Verdict) -> None:
        """Give the event's row its state, opening one where there is none."""
        row = event.row
        if row is None:
            row = opened(plan, event.version.ref, verdict, self.at)
        elif row.state == verdict.state == "waiting":
            row = stay(row, verdict)
        else:
            row = move(row, verdict, self.at)
        self.rows[_place(row)] = row

    def start(self, plan: LaunchPlanRecord, versions: Sequence[ArtifactVersion]) -> Execution:
        """A queued execution of the plan on these versions."""
        execution = started(plan, versions, [self.cause(each) for each in versions], self.at)
        self.executions.append(execution)
        return execution

    # ------------------------------------------------------------------ seeing

    def waiting(self, plan: LaunchPlanRecord, lane: str) -> Iterator[Event]:
        """What waits in a plan's lane, the oldest event first."""
        for row in self._standing_in(plan, lane):
            if _place(row) not in self.rows and row.key not in self.lifted:
                yield Event(self.version(row.refs[0]), row)
        for row in list(self.rows.values()):
            if (row.project, row.plan, row.lane) == (plan.project, plan.name, lane):
                yield Event(self.version(row.refs[0]), row)

    def _standing_in(self, plan: LaunchPlanRecord, lane: str) -> Iterator[LedgerRow]:
        """Rows as they were committed; those far behind are looked up only if asked for."""
        first = self.standing.waiting(lane, plan=plan.name, project=plan.project, limit=_AT_FIRST)
        yield from first
        if len(first) == _AT_FIRST:
            rest = self.standing.waiting(lane, plan=plan.name, project=plan.project)
            yield from rest[_AT_FIRST:]

    def last_fired(
        self, plan: LaunchPlanRecord, version: ArtifactVersion, *, itself: bool = False
    ) -> ArtifactVersion | None:
        """The newest earlier version with the same partition values that the plan fired on.

        It may be the version `itself` where that is asked for.
        """
        own_name, named = (plan.project, plan.name), (version.project, version.name)
        below = version.version + itself

        def state_here(ref: str) -> str | None:
            row = self.rows.get((*own_name, ref))
            return row.state if row is not None else None

        def standing(before: int) -> ArtifactVersion | None:
            return self.standing.last_fired(own_name, named, version.conditions, before)

        own = [
            earlier
            for earlier in self._heard.values()
            if earlier.version < below
            and state_here(earlier.ref) in FIRED
            and alike(earlier, version)
        ]
        return newest_fired(own[-1] if own else None, standing, state_here, below)

    def row(self, plan: LaunchPlanRecord, version: ArtifactVersion) -> LedgerRow | None:
        """What became of a version at the plan; `None` where the plan has not heard of it."""
        own = self.rows.get((plan.project, plan.name, version.ref))
        if own is not None:
            return own
        rows = self.standing.ledger(plan=plan.name, project=plan.project, ref=version.ref)
        return next(iter(rows), None)

    def granularity(self, project: str, name: str) -> str | None:
        """What an artifact's time partition is cut to; `None` where it has none."""
        declared = self._declaration(project, name)
        return declared.granularity if declared is not None else None

    def version(self, ref: str) -> ArtifactVersion:
        """The version that a row names.

        Raises:
            LookupError: There is none: the catalog lost it.
        """
        if ref in self._heard:
            return self._heard[ref]
        named = Ref.parse(ref)
        number = named.at if isinstance(named.at, int) else 0
        found = self.standing.version(named.project or "", named.name, number)
        if found is None:
            msg = f"The catalog has no {ref!r}, which a ledger row names."
            raise LookupError(msg)
        return found

    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that a query means, of those heard of and those before."""
        known = self.standing.resolve(query)
        return query.pick([*([known] if known else []), *self._heard.values()])

    def keys(self, project: str, name: str) -> frozenset[str]:
        """The partition keys of an artifact, ``time`` among them where it has one."""
        declared = self._declaration(project, name)
        if declared is None:
            return frozenset()
        return frozenset(declared.condition_keys)

    def _declaration(self, project: str, name: str) -> Declaration | None:
        own = self.declared.get((project, fold(name)))
        return own or self.standing.declaration(project, name)

    def cause(self, version: ArtifactVersion) -> Execution:
        """The execution that made a version.

        Raises:
            LookupError: There is none: the catalog lost it.
        """
        id = version.execution_id
        found = self.causes.get(id) or self.standing.execution(id)
        if found is None:
            msg = f"The catalog has no execution {id!r}, which made {version.ref}."
            raise LookupError(msg)
        return found


def _place(row: LedgerRow) -> tuple[str, str, str]:
    return row.project, row.plan, row.refs[0]


def alike(a: ArtifactVersion, b: ArtifactVersion) -> bool:
    """Whether two versions are of one name and the same partition values."""
    return (a.project, fold(a.name), a.conditions) == (b.project, fold(b.name), b.conditions)
