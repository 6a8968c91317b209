"""The verbs of the catalog."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from heirloom.catalog.archive import Archive
from heirloom.catalog.batch import Batch, Committed
from heirloom.catalog.commit import Decide, Prepare, check_fence, write
from heirloom.catalog.free_text import hide_secrets
from heirloom.catalog.inside import Inside
from heirloom.catalog.place import Home
from heirloom.catalog.search import Search
from heirloom.catalog.table import Database
from heirloom.catalog.view import View
from heirloom.records.redactions import Redaction
from heirloom.records.search_tree import Node
from heirloom.records.versions import ArtifactVersion

if TYPE_CHECKING:
    from heirloom.catalog.following import Following
    from heirloom.catalog.purging import Purged
    from heirloom.catalog.redacting import Redacted
    from heirloom.catalog.snapshot import Snapshot

__all__ = ["Catalog"]

_POLL = 0.025


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
        allow_network: bool = False,
    ) -> None:
        """Open the catalog in `home`, made if there is none.

        Args:
            home: The directory.
            read_only: Only look; the home needs not be writable.
            sync: ``group`` (synced before a commit returns, after others were let in),
                ``commit`` (before they are let in) or ``none``.
            allow_network: Write also on a network file system, where locks may not hold.

        Raises:
            CatalogUnavailable: The home cannot be read, or not be written.
            CatalogDamaged: The journal is damaged; the error names the byte.
            FormatTooNew: A later Heirloom wrote it.
        """
        place = Home(Path(home), read_only=read_only, allow_network=allow_network)
        self.home = place.path
        self.read_only = read_only
        self._archive = Archive(place, sync=sync)
        self._view = View(self._archive)
        self._search = Search(self._archive)
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
        batch, kept, n = archive.alone(lambda: _transact(archive, prepare, decide))
        if kept is not None and durable:
            kept()
        return _committed(batch, n)

    def purge(
        self,
        by: str,
        before: datetime | None = None,
        *,
        dry_run: bool = False,
    ) -> Purged:
        """Leave out of the journal what its present state does not need.

        That is what later lines overtook and, where `before` is given, records of runs that
        ended before: whole runs, of which no execution read or made a version, stands in the
        ledger, gave or took a value from another run, or is named by another's record. So no
        lineage changes. Others wait meanwhile, and go on with the new journal.

        Args:
            by: Who does it.
            before: `None` to keep the records of all runs.
            dry_run: Only say what would go.

        Raises:
            CatalogUnavailable: The disk took it not; the old journal stands.
            CatalogLocked: Another process held the lock too long.
        """
        from heirloom.catalog.purging import purge

        return purge(self._archive, by, before, dry_run=dry_run)

    def redact(
        self,
        what: Redaction,
        by: str,
        why: str,
        *,
        dry_run: bool = False,
    ) -> Redacted:
        """Put a mark in the place of a value, in every line that ever held it.

        The old journal's bytes are gone then, and so are the index and the copies beside the
        journal that held it. The new journal's header says who did it, when, why and in how
        many places, and nothing of the value.

        Args:
            what: What goes.
            by: Who does it.
            why: In their words.
            dry_run: Only say what would go.

        Raises:
            InputError: It is nowhere, or part of what other records rely on: a name, an id,
                a ref, a time. Nothing was changed.
            CatalogUnavailable: The disk took it not; the old journal stands.
            CatalogLocked: Another process held the lock too long.
        """
        from heirloom.catalog.redacting import redact

        return redact(self._archive, what, by, why, dry_run=dry_run)

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
        order: str = "newest",
    ) -> tuple[list[ArtifactVersion], str | None, int]:
        """One page of the versions that a search is true of.

        Drafts, yanked and purged versions are among them only when the search asks for
        such. What others write meanwhile does not shift later pages.

        Args:
            node: The search, as `records.search.parse_search` reads it.
            project: Only that project's.
            limit: At most so many.
            cursor: Where the page before ended.
            order: One of `ORDERS`: as committed, or by what the index groups versions by.

        Returns:
            The versions, the cursor of the next page (`None` on the last), and how many
            there are in all.
        """
        return self._search.page(node, project=project, limit=limit, cursor=cursor, order=order)

    def names(self, prefix: str = "", project: str | None = None) -> list[str]:
        """Names of artifacts that begin with `prefix`, case aside, sorted."""
        return self._search.names(prefix, project)

    def values(self, key: str, text: str, project: str, limit: int) -> list[str]:
        """What a search's `key` may be and have `text` in it, what begins with it first."""
        return self._search.values(key, text, project, limit)

    def partition_keys(self) -> list[str]:
        """The partition keys that versions of any project have had, sorted."""
        return self._search.partition_keys()

    def type_names(self) -> list[str]:
        """The classes that versions of any project were recorded as, sorted."""
        return self._search.type_names()

    def partition_values(
        self, project: str, name: str, key: str, prefix: str = "", limit: int | None = None
    ) -> list[str]:
        """The values that a partition key has had and that begin with `prefix`, sorted.

        The first `limit` of them; a value costs the same however many versions have it.
        """
        return self._search.partition_values(project, name, key, prefix, limit)

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Everything at the present end, for as long as the block lasts; nobody waits for it."""
        from heirloom.catalog.snapshot import snapshot

        return snapshot(self._archive)

    def position(self) -> int:
        """A number that grows with every commit of anyone."""
        return self._archive.refresh()

    def wait(self, after: int, timeout: float) -> int:
        """Wait until the position is beyond `after`, or `timeout` seconds; the position.

        A commit wakes whoever waits at once, and is found within 25 ms where that fails.
        """
        listen = time.sleep if self.read_only else self._archive.bells.listen
        until = time.monotonic() + timeout
        while (found := self.position()) <= after:
            remaining = until - time.monotonic()
            if remaining <= 0:
                break
            listen(min(_POLL, remaining))
        return found

    def following(self) -> Following:
        """What tells the states of executions as they are committed by anyone, from now on."""
        from heirloom.catalog.following import Following

        return Following(self._archive)

    def close(self) -> None:
        """Give files and locks back; the catalog is not used again."""
        self._archive.close()

    def __repr__(self) -> str:
        return f"<Catalog {self.home}>"


def _transact(
    archive: Archive, prepare: Prepare, decide: Decide | None
) -> tuple[Batch, Callable[[], None] | None, int]:
    view = Inside(archive)
    batch = prepare(view)
    if batch.fence is not None:
        check_fence(view, batch.fence)
    fresh = [version for version in batch.versions if version.state != "draft"]
    if fresh and decide is not None:
        decide(view, fresh, batch)
    hide_secrets(batch)
    kept = archive.promise() if write(archive, view, batch) else None
    return batch, kept, archive.journal.place.n


def _committed(batch: Batch, sequence: int) -> Committed:
    return Committed(tuple(batch.versions), tuple(batch.executions), tuple(batch.rows), sequence)
