"""The catalog as it was while its history came, for one plan that hears all of it again. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from heirloom.react.overlay import Spot, spot
from heirloom.react.standing import Recorded
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.names import fold
from heirloom.records.plans import LaunchPlanRecord, Switch
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["Past"]

_ALL = (1 << 63) - 1


class Past:
    """What stands, as of the version that was heard last; each lookup is made once.

    Other plans hear nothing, as they have heard it in its time, until it is over. Of names that
    are not in the history, all that stands is there from the beginning.
    """

    def __init__(
        self,
        now: Recorded,
        plan: LaunchPlanRecord,
        history: Iterable[ArtifactVersion],
        waiting: Iterable[LedgerRow] | None = None,
    ) -> None:
        """Begin before the first version of `history`, which is in commit order.

        Args:
            now: What stands.
            plan: Who hears it.
            history: What is heard.
            waiting: The plan's rows that wait there, the oldest event first; `None` for a plan
                that has no ledger of its own.
        """
        self.now = now
        self._plan = plan.project, plan.name
        self._over = False
        self._blank = waiting is None
        self._lanes: dict[str | None, list[LedgerRow]] = defaultdict(list)
        for row in waiting or ():
            self._lanes[row.lane].append(row)
        self._heard: dict[tuple[str, str], int] = {}
        self._history: dict[tuple[str, str, int], ArtifactVersion] = {}
        for version in history:
            name = version.project, fold(version.name)
            self._heard.setdefault(name, version.version - 1)
            self._history[*name, version.version] = version
        self._answers: dict[str, list[ArtifactVersion]] = {}
        self._fired: dict[Spot, list[ArtifactVersion | None]] = {}
        self._executions: dict[str, Execution | None] = {}

    def hear(self, version: ArtifactVersion) -> None:
        """That version is there from now on."""
        self._heard[version.project, fold(version.name)] = version.version

    def end(self) -> None:
        """All has been heard: what comes now, every plan hears."""
        self._over = True
        self._heard.clear()

    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that a query meant then."""
        until = self._heard.get((query.project or "", fold(query.name)))
        if until is None:
            return self.now.resolve(query)
        key = str(query)
        if key not in self._answers:
            self._answers[key] = list(reversed(self.now.versions(query)))
        found = self._answers[key]
        there = bisect_right(found, until, key=_number)
        if query.latest == "commit":
            return found[there - 1] if there else None
        return query.pick(found[:there])

    def versions(self, query: Query) -> Sequence[ArtifactVersion]:
        """Every version that a query may give by now, the newest first."""
        return self.now.versions(query)

    def listening(self, project: str, name: str) -> Sequence[tuple[LaunchPlanRecord, Switch]]:
        """Nobody, until it is over."""
        return self.now.listening(project, name) if self._over else ()

    def last_fired(
        self,
        plan: tuple[str, str],
        artifact: tuple[str, str],
        conditions: Mapping[str, str],
        before: int,
    ) -> ArtifactVersion | None:
        """The newest below a number that a plan fired on."""
        if plan != self._plan:
            return self.now.last_fired(plan, artifact, conditions, before)
        if self._blank:
            return None
        fired = self._fired.setdefault(spot(artifact, conditions), [])
        while not fired or _number(fired[-1]) >= before:
            below = _number(fired[-1]) if fired else _ALL
            fired.append(self.now.last_fired(plan, artifact, conditions, below))
        return fired[bisect_right(fired, -before, key=lambda version: -_number(version))]

    def ledger(self, *, plan: str, project: str, ref: str) -> Sequence[LedgerRow]:
        """The rows of one event at a plan."""
        if (project, plan) == self._plan and self._blank:
            return ()
        return self.now.ledger(plan=plan, project=project, ref=ref)

    def waiting(
        self, lane: str, *, plan: str, project: str, limit: int | None = None
    ) -> Sequence[LedgerRow]:
        """The rows that wait in a plan's lane."""
        if (project, plan) == self._plan:
            return self._lanes[lane][:limit]
        return self.now.waiting(lane, plan=plan, project=project, limit=limit)

    def plan(self, project: str, name: str, version: int | None = None) -> LaunchPlanRecord | None:
        """A plan's newest version, or that one."""
        return self.now.plan(project, name, version)

    def version(self, project: str, name: str, number: int) -> ArtifactVersion | None:
        """That version, whatever its state."""
        known = self._history.get((project, fold(name), number))
        return known or self.now.version(project, name, number)

    def declaration(self, project: str, name: str) -> Declaration | None:
        """The newest declaration of a name."""
        return self.now.declaration(project, name)

    def execution(self, id: str) -> Execution | None:
        """The execution of that id."""
        if id not in self._executions:
            self._executions[id] = self.now.execution(id)
        return self._executions[id]


def _number(version: ArtifactVersion | None) -> int:
    return version.version if version is not None else 0
