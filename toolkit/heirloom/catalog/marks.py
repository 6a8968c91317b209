"""Looking up what was said of versions."""

from __future__ import annotations

from heirloom.catalog.lookup import Lookup, asked
from heirloom.records.marks import Mark, emitted_card
from heirloom.records.names import fold
from heirloom.records.versions import ArtifactVersion

__all__ = ["Marks"]

_NAMED = "name = (SELECT id FROM names WHERE project=? AND folded=?)"


class Marks(Lookup):
    """Marks are only ever added: nothing that was said is lost when it is said anew."""

    @asked
    def marks(self, project: str, name: str, number: int | None = None) -> list[Mark]:
        """Every mark on versions of a name, or on that one, oldest first.

        Of one version the first is the card that it was emitted with, where it had one.
        """
        named = (project, fold(name))
        if number is None:
            return self._marks(_NAMED, named)
        key = (*named, number)
        emitted = self._one("versions", key, f"{_NAMED} AND number=?", *key)
        first = emitted_card(ArtifactVersion.from_doc(emitted)) if emitted else []
        return first + self._marks(f"{_NAMED} AND number=?", key)

    def _marks(self, where: str, key: tuple[str, str] | tuple[str, str, int]) -> list[Mark]:
        docs = self._many(
            "marks",
            where,
            key,
            lambda doc: (doc["project"], fold(doc["name"]), doc["version"])[: len(key)] == key,
        )
        return list(map(Mark.from_doc, docs))
