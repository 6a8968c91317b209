"""The declarations that stand in a session, for what names an artifact by its text alone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from heirloom.records.names import fold

if TYPE_CHECKING:
    from heirloom.declare.artifact import Artifact

__all__ = ["EARLY", "Declared"]


class Declared:
    """The last declaration of each name that says its keys, for as long as somebody has it."""

    def __init__(self) -> None:
        self._found: WeakValueDictionary[tuple[str | None, str], Artifact] = WeakValueDictionary()

    def add(self, artifact: Artifact) -> None:
        """Keep a declaration in mind; one that only refers says nothing."""
        if not artifact.refers:
            self._found[artifact.project, fold(artifact.name)] = artifact

    def find(self, name: str, project: str) -> Artifact | None:
        """What a name is declared as, where that is known: for `project`, or for any."""
        return self._found.get((project, fold(name))) or self._found.get((None, fold(name)))

    def take(self, other: Declared) -> None:
        """Keep in mind what another one knows, which then knows nothing."""
        self._found.update(other._found)
        other._found.clear()


EARLY = Declared()
"""What is declared while no session is open: the next one that opens takes it."""
