"""What is added to a catalog and is not in it yet: versions, and rows that were decided."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import dropwhile

from heirloom.react.shelf import Shelf, fits
from heirloom.react.standing import Standing
from heirloom.records.items import made_version
from heirloom.records.ledger import FIRED, LedgerRow
from heirloom.records.names import fold
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["Overlay", "Spot", "spot"]

Spot = tuple[str, str, tuple[tuple[str, str], ...]]
_Name = tuple[str, str]
_Lane = tuple[str, str, str]

_AT_FIRST = 16


def spot(artifact: _Name, conditions: Mapping[str, str]) -> Spot:
    """The same for versions of one artifact with the same partition values."""
    return artifact[0], fold(artifact[1]), tuple(sorted(conditions.items()))


class Overlay:
    """A standing catalog with what was added; no answer walks past what has nothing to do with it.

    Attributes:
        rows: What was decided, by project, plan and ref, in the order of the events.
    """

    def __init__(self, standing: Standing, lifted: frozenset[str] = frozenset()) -> None:
        """Begin where `standing` stands, which stays as it is.

        Args:
            standing: The catalog.
            lifted: Keys of rows that wait there no more.
        """
        self.rows: dict[tuple[str, str, str], LedgerRow] = {}
        self._standing = standing
        self._lifted = lifted
        self._places: dict[tuple[str, str, str], int] = {}
        self._named: dict[_Name, Shelf[ArtifactVersion]] = defaultdict(Shelf)
        self._known: dict[str, ArtifactVersion] = {}
        self._lanes: dict[_Lane, Shelf[LedgerRow]] = defaultdict(Shelf)
        self._first: dict[_Lane, Sequence[LedgerRow]] = {}
        self._behind: dict[_Lane, list[LedgerRow]] = {}
        self._fired: dict[tuple[_Name, Spot], list[ArtifactVersion]] = defaultdict(list)

    # ------------------------------------------------------------------ what is added

    def add(self, version: ArtifactVersion) -> None:
        """Let a version be there."""
        self._known[version.ref] = version
        named = self._named[version.project, fold(version.name)]
        named.put(version.version, version, version.conditions)

    def put(self, row: LedgerRow) -> None:
        """Let the row of an event be as it is now."""
        plan, version = (row.project, row.plan), self.version(row.refs[0])
        before = self.rows.get(_place(row))
        at = self._places.setdefault(_place(row), len(self._places))
        if before is not None and before.lane is not None:
            self._lanes[(*plan, before.lane)].take(at)
        if row.lane is not None:
            self._lanes[(*plan, row.lane)].put(at, row, version.conditions)
        was, fires = before is not None and before.state in FIRED, row.state in FIRED
        if was != fires:
            self._count(plan, version, fires)
        self.rows[_place(row)] = row

    def _count(self, plan: _Name, version: ArtifactVersion, fires: bool) -> None:
        """Note whether a plan has fired on a version."""
        fired = self._fired[plan, spot((version.project, version.name), version.conditions)]
        if fires:
            insort(fired, version, key=_number)
        else:
            del fired[bisect_left(fired, version.version, key=_number)]

    # ------------------------------------------------------------------ what is asked

    def row(self, plan: _Name, ref: str) -> LedgerRow | None:
        """The row of an event at a plan."""
        own = self.rows.get((*plan, ref))
        if own is not None:
            return own
        return next(iter(self._standing.ledger(plan=plan[1], project=plan[0], ref=ref)), None)

    def waiting(
        self, plan: _Name, lane: str, wanted: Mapping[str, str] | None = None
    ) -> Iterator[LedgerRow]:
        """The rows that wait in a plan's lane, the oldest event first.

        Args:
            plan: Its project and name.
            lane: Where they wait.
            wanted: Only those whose versions have none of these keys with another value.
        """
        for row in self._standing_in((*plan, lane)):
            if not wanted or fits(self.version(row.refs[0]).conditions, wanted):
                yield row
        if (*plan, lane) in self._lanes:
            yield from self._lanes[(*plan, lane)].fitting(wanted or {})

    def _standing_in(self, lane: _Lane) -> Iterator[LedgerRow]:
        """Rows as they were committed; those far behind are looked up only if asked for."""
        if lane not in self._first:
            self._first[lane] = self._committed(lane, _AT_FIRST)
        yield from self._left(self._first[lane])
        if len(self._first[lane]) < _AT_FIRST:
            return
        if lane not in self._behind:
            self._behind[lane] = list(self._left(self._committed(lane, None)[_AT_FIRST:]))
        self._behind[lane] = list(dropwhile(self._gone, self._behind[lane]))
        yield from self._left(self._behind[lane])

    def _left(self, rows: Iterable[LedgerRow]) -> Iterator[LedgerRow]:
        return (row for row in rows if not self._gone(row))

    def _committed(self, lane: _Lane, limit: int | None) -> Sequence[LedgerRow]:
        project, plan, name = lane
        return self._standing.waiting(name, plan=plan, project=project, limit=limit)

    def _gone(self, row: LedgerRow) -> bool:
        return _place(row) in self.rows or row.key in self._lifted

    def last_fired(
        self, plan: _Name, artifact: _Name, conditions: Mapping[str, str], before: int
    ) -> ArtifactVersion | None:
        """The newest version below a number, of these partition values, that a plan fired on."""
        fired = self._fired.get((plan, spot(artifact, conditions)), [])
        at = bisect_left(fired, before, key=_number)
        own = fired[max(at - 1, 0) : at]
        while known := self._standing.last_fired(plan, artifact, conditions, before):
            row = self.rows.get((*plan, known.ref))
            if row is None or row.state in FIRED:
                own.append(known)
                break
            before = known.version
        return max(own, key=_number, default=None)

    def version(self, ref: str) -> ArtifactVersion:
        """The version that a row names.

        Raises:
            LookupError: There is none: the catalog lost it.
        """
        if ref not in self._known:
            found = self.numbered(*made_version(ref))
            if found is None:
                msg = f"The catalog has no {ref!r}, which a ledger row names."
                raise LookupError(msg)
            self._known[ref] = found
        return self._known[ref]

    def numbered(self, project: str, name: str, number: int) -> ArtifactVersion | None:
        """That version, whatever its state."""
        own = self._added(project, name).get(number)
        return own or self._standing.version(project, name, number)

    def newest(self, project: str, name: str) -> ArtifactVersion | None:
        """The last version of a name that was added."""
        return next(self._added(project, name).fitting({}, last_first=True), None)

    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that a query means, of those that were added and those that stand."""
        added = self._added(query.project or "", query.name)
        held = filter(query.matches, added.fitting(query.pinned, last_first=True))
        own: Iterable[ArtifactVersion] = held
        if query.latest == "commit":
            own = [version for version in (next(held, None),) if version is not None]
        known = self._standing.resolve(query)
        return query.pick([*([known] if known else []), *own])

    def _added(self, project: str, name: str) -> Shelf[ArtifactVersion]:
        return self._named.get((project, fold(name))) or Shelf()


def _place(row: LedgerRow) -> tuple[str, str, str]:
    return row.project, row.plan, row.refs[0]


def _number(version: ArtifactVersion) -> int:
    return version.version
