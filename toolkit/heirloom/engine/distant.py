"""A home as a body sees it that was sent away: opened when asked, and perhaps not there."""

from __future__ import annotations

import os
import platform
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from heirloom.catalog import Catalog as Opened
from heirloom.catalog.protocol import Catalog, View
from heirloom.engine.stores import Stores
from heirloom.errors import CatalogUnavailable, HeirloomError, NotSupported
from heirloom.records.stores import StoreRecord

__all__ = ["Carried", "Distant", "HomeMark", "mark_of"]


@dataclass(frozen=True, slots=True)
class HomeMark:
    """What tells a home from another one at the same path of another machine.

    Attributes:
        node: The number that the file system gave its directory.
        position: How far its catalog had come.
    """

    node: int
    position: int


def mark_of(catalog: Catalog) -> HomeMark:
    """The mark of the home that is open here."""
    return HomeMark(_node(catalog.home), catalog.position())


def _node(home: Path) -> int:
    try:
        return os.stat(home).st_ino
    except OSError:
        return 0


class Distant:
    """The catalog of the session that sent a body here: opened at the first question.

    It answers as a catalog that is only looked into does. Where the home is not on this machine,
    every question is the same error, and whoever asks nothing never sees it.
    """

    read_only = True

    def __init__(self, home: Path, mark: HomeMark) -> None:
        self.home = home
        self._mark = mark
        self._catalog: Catalog | None = None
        self._lock = threading.Lock()

    def commit(self, *_: Any, **__: Any) -> NoReturn:
        """Nothing is written from here.

        Raises:
            NotSupported: Always.
        """
        msg = (
            "A workflow, a map or a plan in the body of a task that runs on an executor has no "
            "catalog to write to. Call tasks there, or compose it in a workflow or @dynamic."
        )
        raise NotSupported(msg)

    def view(self) -> Any:
        """Every lookup; the home is opened when one is made."""
        return _DistantView(self)

    def close(self) -> None:
        """Let go of it."""
        if self._catalog is not None:
            self._catalog.close()

    def __getattr__(self, verb: str) -> Any:
        if verb.startswith("_"):
            raise AttributeError(verb)
        return getattr(self.opened(), verb)

    def opened(self) -> Catalog:
        """The catalog itself.

        Raises:
            CatalogUnavailable: The home is not on this machine, or not for this user.
        """
        with self._lock:
            if self._catalog is None:
                self._catalog = self._open()
            return self._catalog

    def _open(self) -> Catalog:
        try:
            catalog: Catalog = Opened(self.home, read_only=True)
        except HeirloomError as error:
            raise self._not_here() from error
        if _node(self.home) != self._mark.node or catalog.position() < self._mark.position:
            catalog.close()
            raise self._not_here()
        return catalog

    def _not_here(self) -> CatalogUnavailable:
        msg = (
            f"The catalog ({self.home}) is on the machine that sent this body, and is not reached "
            f"from {platform.node()!r}. Give the body what it asks for as an input: "
            "payloads come from the store."
        )
        return CatalogUnavailable(msg, path=str(self.home))


class _DistantView:
    def __init__(self, distant: Distant) -> None:
        self._distant = distant

    def __getattr__(self, lookup: str) -> Any:
        return getattr(self._distant.opened().view(), lookup)


@dataclass(slots=True)
class Carried(Stores):
    """The stores of a home as the jobs tell them that came with a body; no catalog is asked."""

    _carried: dict[str, StoreRecord] = field(default_factory=dict)

    def carry(self, records: tuple[StoreRecord, ...]) -> None:
        """Know these, too."""
        self._carried |= {record.id: record for record in records}

    def all(self, view: View | None = None) -> list[StoreRecord]:
        """Every store that a job told of."""
        return list(self._carried.values())
