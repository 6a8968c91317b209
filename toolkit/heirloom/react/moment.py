"""What a decision sees: the catalog at one commit, and what was decided in it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from heirloom.react.overlay import Overlay, spot
from heirloom.react.standing import Standing
from heirloom.react.starting import started
from heirloom.react.states import Verdict, move, opened, stay
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.names import fold
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["Event", "Moment", "alike"]


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
        causes: Executions of this transaction that made versions, by id.
        lifted: Keys of rows that are decided anew: until then they wait nowhere.
        executions: What was started.
        declared: Declarations of this transaction, by project and name.
    """

    standing: Standing
    at: datetime
    approved: Callable[[str], bool]
    causes: Mapping[str, Execution] = field(default_factory=dict)
    lifted: frozenset[str] = frozenset()
    executions: list[Execution] = field(default_factory=list)
    declared: Mapping[tuple[str, str], Declaration] = field(default_factory=dict)
    _overlay: Overlay = field(init=False)
    _asked: dict[str, Execution | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._overlay = Overlay(self.standing, self.lifted)

    @property
    def decided(self) -> tuple[list[LedgerRow], list[Execution]]:
        """The rows as they are now, and what was started, in the order of the events."""
        return list(self._overlay.rows.values()), self.executions

    # ------------------------------------------------------------------ deciding

    def hear(self, versions: Iterable[ArtifactVersion]) -> Iterator[ArtifactVersion]:
        """Each version in turn; what is decided later sees it."""
        for version in versions:
            self._overlay.add(version)
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
        self._overlay.put(row)

    def start(self, plan: LaunchPlanRecord, versions: Sequence[ArtifactVersion]) -> Execution:
        """A queued execution of the plan on these versions."""
        execution = started(plan, versions, [self.cause(each) for each in versions], self.at)
        self.executions.append(execution)
        return execution

    # ------------------------------------------------------------------ seeing

    def waiting(
        self, plan: LaunchPlanRecord, lane: str, wanted: Mapping[str, str] | None = None
    ) -> Iterator[Event]:
        """What waits in a plan's lane, the oldest event first.

        Args:
            plan: Whose lane.
            lane: Where it waits.
            wanted: Only what has none of these keys with another value.
        """
        for row in self._overlay.waiting((plan.project, plan.name), lane, wanted):
            yield Event(self.version(row.refs[0]), row)

    def last_fired(
        self, plan: LaunchPlanRecord, version: ArtifactVersion, *, itself: bool = False
    ) -> ArtifactVersion | None:
        """The newest earlier version with the same partition values that the plan fired on.

        It may be the version `itself` where that is asked for.
        """
        artifact, below = (version.project, version.name), version.version + itself
        own = plan.project, plan.name
        return self._overlay.last_fired(own, artifact, version.conditions, below)

    def row(self, plan: LaunchPlanRecord, version: ArtifactVersion) -> LedgerRow | None:
        """What became of a version at the plan; `None` where the plan has not heard of it."""
        return self._overlay.row((plan.project, plan.name), version.ref)

    def granularity(self, project: str, name: str) -> str | None:
        """What an artifact's time partition is cut to; `None` where it has none."""
        declared = self._declaration(project, name)
        return declared.granularity if declared is not None else None

    def version(self, ref: str) -> ArtifactVersion:
        """The version that a row names.

        Raises:
            LookupError: There is none: the catalog lost it.
        """
        return self._overlay.version(ref)

    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that a query means, of those heard of and those before."""
        return self._overlay.resolve(query)

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
        if id not in self._asked:
            self._asked[id] = self.causes.get(id) or self.standing.execution(id)
        found = self._asked[id]
        if found is None:
            msg = f"The catalog has no execution {id!r}, which made {version.ref}."
            raise LookupError(msg)
        return found


def alike(a: ArtifactVersion, b: ArtifactVersion) -> bool:
    """Whether two versions are of one name and the same partition values."""
    return spot((a.project, a.name), a.conditions) == spot((b.project, b.name), b.conditions)
