"""The verbs of the catalog."""

from __future__ import annotations

import time
from pathlib import Path

from heirloom.catalog.archive import Archive
from heirloom.catalog.batch import Batch, Committed
from heirloom.catalog.commit import Decide, Prepare, check_fence, write
from heirloom.catalog.line import Place
from heirloom.catalog.place import Home
from heirloom.catalog.search import Related, Search
from heirloom.catalog.table import Database
from heirloom.catalog.view import View
from heirloom.records.search_tree import Node
from heirloom.records.versions import ArtifactVersion

__all__ = ["Catalog"]

_POLL = 0.01


class Catalog:
    """One handle on a home; every thread may use it, and any number of processes have one.

    Attributes:
        home: The directory.
        read_only: Whether it can only be looked into.
        db: The same documents as a `tinydb.TinyDB`: Heirloom's tables to read, any other
            table to use freely.
    """

    def __init__(
        self,
        home: Path | str,
        *,
        read_only: bool = False,
        sync: str = "group",
        related: Related | None = None,
    ) -> None:
        """Open the catalog in `home`, made if there is none.

        Args:
            home: The directory.
            read_only: Only look; the home needs not be writable.
            sync: ``group`` (synced before a commit returns, after others were let in),
                ``commit`` (before they are let in) or ``none``.
            related: Full refs of the ancestors (``up``) or descendants (``down``) of a
                ref, for searches; by default, from the recorded edges.

        Raises:
            CatalogUnavailable: The home cannot be read, or not be written.
            CatalogDamaged: The journal is damaged; the error names the byte.
            FormatTooNew: A later Heirloom wrote it.
        """
        place = Home(Path(home), read_only=read_only)
        self.home = place.path
        self.read_only = read_only
        self._archive = Archive(place, sync=sync)
        self._view = View(self._archive)
        self._search = Search(self._archive, related)
        self.db = Database(self._archive)

    # ------------------------------------------------------------------ writing

    def commit(
        self, prepare: Prepare, decide: Decide | None = None, *, durable: bool = True
    ) -> Committed:
        """Write one transaction: what `prepare` gives, and what `decide` adds to it.

        Both run while nobody else writes, and may run twice (when the derived index has to
        be made anew in between). What either raises passes through, and nothing is written.

        Args:
            prepare: Gives the batch; an empty one writes nothing.
            decide: Called with the fresh versions, drafts aside, where there are any; adds
                rows and executions to the batch.
            durable: Return only when it is on the disk.

        Raises:
            Fenced: ``batch.fence`` does not hold.
            CatalogError: Something would exist twice.
            InputError: A record holds what JSON cannot.
            CatalogUnavailable: The disk refused; nothing was written, or, where it failed
                to sync, it is unknown.
            CatalogLocked: Another process held the lock too long.
        """
        return self._archive.mending(lambda: self._commit(prepare, decide, durable=durable))

    def _commit(self, prepare: Prepare, decide: Decide | None, *, durable: bool) -> Committed:
        archive = self._archive
        batch, wrote, place = archive.alone(lambda: _transact(archive, prepare, decide))
        if wrote and durable:
            archive.sync(place.at)
        return _committed(batch, place.n)

    # ------------------------------------------------------------------ looking

    def view(self) -> View:
        """Every lookup, answered by the catalog's present end."""
        return self._view

    def search(
        self,
        node: Node,
        *,
        project: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> tuple[list[ArtifactVersion], str | None, int]:
        """One page of the versions that a search is true of, the newest first.

        Drafts, yanked and purged versions are among them only when the search asks for
        such. What others write meanwhile does not shift later pages.

        Args:
            node: The search, as `records.search.parse_search` reads it.
            project: Only that project's.
            limit: At most so many.
            cursor: Where the page before ended.

        Returns:
            The versions, the cursor of the next page (`None` on the last), and how many
            there are in all.
        """
        return self._search.page(node, project=project, limit=limit, cursor=cursor)

    def names(self, prefix: str = "", project: str | None = None) -> list[str]:
        """Names of artifacts that begin with `prefix`, case aside, sorted."""
        return self._search.names(prefix, project)

    def partition_values(self, project: str, name: str, key: str) -> list[str]:
        """The values that a partition key has had, sorted."""
        return self._search.partition_values(project, name, key)

    def position(self) -> int:
        """A number that grows with every commit of anyone."""
        return self._archive.refresh()

    def wait(self, after: int, timeout: float) -> int:
        """Wait until the position is beyond `after`, or `timeout` seconds; the position."""
        until = time.monotonic() + timeout
        while (found := self.position()) <= after:
            remaining = until - time.monotonic()
            if remaining <= 0:
                break
            time.sleep(min(_POLL, remaining))
        return found

    def close(self) -> None:
        """Give files and locks back; the catalog is not used again."""
        self._archive.close()

    def __repr__(self) -> str:
        return f"<Catalog {self.home}>"


def _transact(
    archive: Archive, prepare: Prepare, decide: Decide | None
) -> tuple[Batch, bool, Place]:
    view = View(archive, inside=True)
    batch = prepare(view)
    if batch.fence is not None:
        check_fence(view, batch.fence)
    fresh = [version for version in batch.versions if version.state != "draft"]
    if fresh and decide is not None:
        decide(view, fresh, batch)
    wrote = write(archive, view, batch)
    return batch, wrote, archive.journal.place


def _committed(batch: Batch, sequence: int) -> Committed:
    return Committed(tuple(batch.versions), tuple(batch.executions), tuple(batch.rows), sequence)
