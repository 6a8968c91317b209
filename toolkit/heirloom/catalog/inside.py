"""The view inside a commit, where versions are numbered and keys are looked up."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from heirloom.catalog.archive import Archive
from heirloom.catalog.view import View
from heirloom.records.names import fold
from heirloom.records.versions import ArtifactVersion

__all__ = ["Inside"]


class Inside(View):
    """What one commit sees, and the numbers that it has given so far."""

    def __init__(self, archive: Archive) -> None:
        super().__init__(archive, inside=True)
        self._counted: dict[tuple[str, str], int] = {}
        self._numbered: dict[str, ArtifactVersion] = {}

    def number(self, emission: ArtifactVersion) -> tuple[ArtifactVersion, bool]:
        """See `View.number`."""
        known = self._numbered.get(emission.emission) or self._known(emission.emission)
        if known is not None:
            return known, False
        key = (emission.project, fold(emission.name))
        number = self._counted.get(key) or self.newest_number(*key)
        self._counted[key] = number + 1
        version = replace(emission, version=number + 1)
        self._numbered[version.emission] = version
        return version, True

    def newest_number(self, project: str, folded: str) -> int:
        """The newest number that a name ever had, be the version lost; 0 where it had none."""
        lost: int = self._archive.journal.lost_numbers.get((project, folded), 0)
        return max(self._newest(project, folded), lost)

    def is_fresh(self, version: ArtifactVersion) -> bool:
        """Whether no committed version has that emission key."""
        return version.emission in self._numbered or self._known(version.emission) is None

    def id_of(self, table: str, key: Hashable, where: str, *params: Hashable) -> int | None:
        """The id of one of Heirloom's documents by its natural key, or `None`."""
        if table == "executions" and self._archive.is_new(table, str(key)):
            return None
        line = self._tail.find(table, key)
        if line is not None:
            return line.id
        row = self._row(f"SELECT id FROM {table} WHERE {where}", *params)
        return int(row[0]) if row else None

    def _known(self, emission: str) -> ArtifactVersion | None:
        return None if self._archive.is_new("versions", emission) else self._emitted(emission)
