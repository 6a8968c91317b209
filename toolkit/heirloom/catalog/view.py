"""The catalog as it can be looked up."""

from __future__ import annotations

from heirloom.catalog.listening import Listening
from heirloom.catalog.marks import Marks
from heirloom.catalog.runs import Runs
from heirloom.errors import CatalogError
from heirloom.records.stores import StoreRecord
from heirloom.records.versions import ArtifactVersion

__all__ = ["View"]


class View(Listening, Runs, Marks):
    """Every lookup; each is answered by the catalog's present end.

    Outside a commit, each answer is at least as new as the call. Inside one nobody else
    writes, so that all answers are of one moment.
    """

    def number(self, emission: ArtifactVersion) -> tuple[ArtifactVersion, bool]:
        """The emission with the next number of its name, and `True`.

        Where the same emission was committed before (or numbered before in this commit), that
        version and `False`. Only inside a commit.

        Raises:
            CatalogError: No commit is under way.
        """
        msg = "A version is numbered only inside a commit."
        raise CatalogError(msg)

    def stores(self) -> list[StoreRecord]:
        """Every store that was recorded, as it stands, in the order of their first records."""
        docs = self._ask(lambda: self._many("stores", "1", (), lambda doc: True))
        return [StoreRecord.from_doc(doc) for doc in docs]
