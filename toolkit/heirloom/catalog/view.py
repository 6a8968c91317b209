"""The catalog as it can be looked up, outside a commit and inside one."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from heirloom.catalog.archive import Archive
from heirloom.catalog.listening import Listening
from heirloom.catalog.runs import Runs
from heirloom.errors import CatalogError
from heirloom.records.names import fold
from heirloom.records.versions import ArtifactVersion

__all__ = ["View"]


class View(Listening, Runs):
    """Every lookup; each is answered by the catalog's present end.

    Outside a commit, each answer is at least as new as the call. Inside one nobody else
    writes, so that all answers are of one moment.

    Attributes:
        counted: The last number given in this commit, by project and folded name.
    """

    def __init__(self, archive: Archive, *, inside: bool = False) -> None:
        super().__init__(archive, inside=inside)
        self.counted: dict[tuple[str, str], int] = {}
        self._numbered: dict[str, ArtifactVersion] = {}

    def number(self, emission: ArtifactVersion) -> tuple[ArtifactVersion, bool]:
        """The emission with the next number of its name, and `True`.

        Where the same emission was committed before (or numbered before in this commit), that
        version and `False`. Only inside a commit.

        Raises:
            CatalogError: No commit is under way.
        """
        if not self._inside:
            msg = "A version is numbered only inside a commit."
            raise CatalogError(msg)
        known = self._numbered.get(emission.emission) or self._known_emission(emission.emission)
        if known is not None:
            return known, False
        key = (emission.project, fold(emission.name))
        number = self.counted.get(key) or self._newest(*key)
        self.counted[key] = number + 1
        version = replace(emission, version=number + 1)
        self._numbered[version.emission] = version
        return version, True

    def _known_emission(self, emission: str) -> ArtifactVersion | None:
        return None if self._archive.is_new("versions", emission) else self._emitted(emission)

    def newest_number(self, project: str, folded: str) -> int:
        """The newest committed number of a name; 0 where there is none."""
        return self._newest(project, folded)

    def is_fresh(self, version: ArtifactVersion) -> bool:
        """Whether no committed version has that emission key."""
        if self._numbered.get(version.emission) is not None:
            return True
        return self._known_emission(version.emission) is None

    def id_of(self, table: str, key: Hashable, where: str, *params: Hashable) -> int | None:
        """The id of one of Heirloom's documents by its natural key, or `None`."""
        if table == "executions" and self._archive.is_new(table, str(key)):
            return None
        line = self._tail.find(table, key)
        if line is not None:
            return line.id
        row = self._row(f"SELECT id FROM {table} WHERE {where}", *params)
        return int(row[0]) if row else None
