"""Looking up what a plan fired on last; as fast however long its artifact's history is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from heirloom.catalog.apply_versions import conditions_key
from heirloom.catalog.events import PLACE, item_of
from heirloom.catalog.versions import COLUMNS, HIGHEST, Versions
from heirloom.records.ledger import FIRED
from heirloom.records.names import fold
from heirloom.records.versions import ArtifactVersion

__all__ = ["Firings"]

_Placed = tuple[int, ArtifactVersion]
_Name = tuple[str, str]

_STORED = f"""
SELECT f.row, {COLUMNS} FROM firings f JOIN versions v ON v.id=f.version
WHERE f.project=?2 AND f.plan=?3 AND f.name=(SELECT id FROM names WHERE project=?4 AND folded=?5)
    AND f.conditions=?6 AND v.number<?1
    AND f.version<=(SELECT id FROM versions WHERE name=f.name AND number<?1
        ORDER BY number DESC LIMIT 1)
ORDER BY f.version DESC
"""
"""From the newest on; no row above the last version of that name that may be meant is walked."""


class Firings(Versions):
    """The versions that plans fired on, by their partition values."""

    def last_fired(
        self,
        plan: tuple[str, str],
        artifact: tuple[str, str],
        conditions: Mapping[str, str],
        before: int | None = None,
    ) -> ArtifactVersion | None:
        """The newest version of an artifact with these partition values that the plan fired on.

        Args:
            plan: Its project and name.
            artifact: Its project, which may be another than the plan's, and name.
            conditions: The partition values.
            before: Only versions below that number; `None` for all.
        """
        highest = HIGHEST if before is None else before
        named = artifact[0], fold(artifact[1])
        return self._ask(lambda: self._last_fired(plan, named, conditions, highest))

    # ------------------------------------------------------------------ unasked

    def _last_fired(
        self, plan: _Name, artifact: _Name, conditions: Mapping[str, str], before: int
    ) -> ArtifactVersion | None:
        wanted = dict(conditions)
        found = [
            (id, version)
            for id, version in self._fired_lately(plan, artifact)
            if version.conditions == wanted and version.version < before
        ]
        fresh = self._tail.rows("ledger")
        asked = (before, *plan, *artifact, conditions_key(wanted))
        for row, *columns in self._rows(_STORED, *asked):
            if row not in fresh:  # there, its state may be another by now
                found.append((columns[0], self._of_row(columns)))
                break
        return max(found, key=lambda placed: placed[0], default=(0, None))[1]

    def _fired_lately(self, plan: _Name, artifact: _Name) -> Iterator[_Placed]:
        """The place and the version of each event of an artifact in rows that the index lacks."""
        lines = self._tail.rows("ledger")
        for id, doc in self._tail.docs("ledger"):
            if (doc["project"], doc["plan"]) != plan or doc["state"] not in FIRED:
                continue
            item = item_of(doc)
            place = self._place(lines[id].at, *item) if item and item[1:] == artifact else None
            version = self._version(*artifact, item[0]) if item and place else None
            if place and version:
                yield place, version

    def _place(self, before: int, number: int, project: str, folded: str) -> int | None:
        """The id of a version that was recorded before that byte of the journal."""
        line = self._tail.find("versions", (project, folded, number))
        if line is not None:
            return line.id if line.at < before else None
        row = self._row(PLACE, number, project, folded)
        return int(row[0]) if row else None
