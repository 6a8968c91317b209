"""From a batch to the operations of one transaction, checked before a byte is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

from heirloom.catalog.archive import Archive
from heirloom.catalog.batch import Batch
from heirloom.catalog.inside import Inside
from heirloom.catalog.journal import Op
from heirloom.catalog.limits import encode
from heirloom.catalog.question import IndexBroken
from heirloom.catalog.rows import Rows
from heirloom.catalog.tables import Doc, kept, natural_key
from heirloom.catalog.view import View
from heirloom.catalog.witnesses import check_absent
from heirloom.errors import CatalogError, Fenced
from heirloom.records.names import fold
from heirloom.records.versions import ArtifactVersion

__all__ = ["Decide", "Prepare", "check_fence", "write"]

Prepare = Callable[[View], Batch]
Decide = Callable[[View, Sequence[ArtifactVersion], Batch], None]

_WHERE: Mapping[str, str] = {
    "executions": "key=?",
    "ledger": "key=?",
    "switches": "project=? AND plan=?",
    "plans": "project=? AND name=? AND number=?",
    "stores": "key=?",
    "code": "digest=?",
}


def check_fence(view: View, fence: tuple[str, int]) -> None:
    """Hold that the root execution runs, and runs that attempt.

    Raises:
        Fenced: It does not.
    """
    root_id, attempt = fence
    root = view.execution(root_id)
    if root is not None and root.state == "running" and root.attempt == attempt:
        return
    now = f"is {root.state} in attempt {root.attempt}" if root else "is not recorded"
    msg = (
        f"Execution {root_id} {now}; attempt {attempt} records nothing. "
        "Another attempt has taken it over, or it was cancelled."
    )
    raise Fenced(msg, execution_id=root_id, attempt=attempt)


def write(archive: Archive, view: Inside, batch: Batch) -> bool:
    """Append the batch, in the order in which a reader needs it; whether there was anything.

    Raises:
        CatalogError: Something would exist twice, a number would be left out, or a mark be
            on nothing.
        InputError: A record holds what JSON cannot.
    """
    writer = _Writer(archive, view)
    _gather(writer, batch)
    if writer.ops:
        archive.append(writer.ops, writer.numbers, writer.keys)
    return bool(writer.ops)


def _gather(writer: _Writer, batch: Batch) -> None:
    for digest, doc in batch.codes.items():
        writer.add_once("code", digest, {**doc, "digest": digest})
    for store in batch.stores:
        writer.put("stores", store.id, store.to_doc())
    writer.check_declarations(batch)
    for declaration in batch.declarations:
        writer.insert("declarations", declaration.to_doc())
    for plan in batch.plans:
        key = (plan.project, plan.name, plan.version)
        writer.add_new("plans", key, plan.to_doc())
    for switch in batch.switches:
        writer.put("switches", (switch.project, switch.plan), switch.to_doc())
    for execution in batch.executions:
        writer.put("executions", execution.id, execution.to_doc())
        writer.keys.append(("executions", execution.id))
    writer.check_versions(batch.versions)
    for version in batch.versions:
        writer.insert("versions", version.to_doc())
    for row in batch.rows:
        writer.put("ledger", row.key, row.to_doc())
    writer.check_marks(batch)
    for mark in batch.marks:
        writer.insert("marks", mark.to_doc())


class _Writer:
    """Collects operations, giving each document its id."""

    def __init__(self, archive: Archive, view: Inside) -> None:
        self._archive = archive
        self._view = view
        self._given: Counter[str] = Counter()
        self._placed: dict[tuple[str, Hashable], int] = {}
        self.ops: list[Op] = []
        self.numbers: dict[tuple[str, str], int] = {}
        self.keys: list[tuple[str, str]] = []

    def insert(self, table: str, doc: Mapping[str, Any]) -> int:
        """Add a document under a new id."""
        id = self._archive.next_id(table) + self._given[table]
        self._given[table] += 1
        self.ops.append(("i", table, id, encode(table, doc)))
        return id

    def put(self, table: str, key: Hashable, doc: Mapping[str, Any]) -> None:
        """Add a document, or replace the one of that key."""
        placed = self._placed.get((table, key))
        id = placed or self._known(table, key)
        if id is None:
            check_absent(self._archive.index.connection(), table, doc)
            self._placed[table, key] = self.insert(table, doc)
            return
        before = None if placed else self._before(table, key, id)
        self.ops.append(("u", table, id, encode(table, kept(table, before, doc))))

    def _before(self, table: str, key: Hashable, id: int) -> Doc:
        """The document that is replaced: an id that the index gives is not written unseen."""
        found = Rows(self._archive, table).find(id)
        if found is None or natural_key(table, found) != key:
            msg = f"{table} {id} is not the document of {key!r}"
            raise IndexBroken(msg)
        return found

    def add_once(self, table: str, key: Hashable, doc: Mapping[str, Any]) -> None:
        """Add a document where there is none of that key."""
        if self._known(table, key) is None:
            self.insert(table, doc)

    def add_new(self, table: str, key: Hashable, doc: Mapping[str, Any]) -> None:
        """Add a document of a key that is new."""
        if (table, key) in self._placed or self._known(table, key) is not None:
            msg = f"The catalog has {table} {key} already; nothing was written."
            raise CatalogError(msg)
        self._placed[table, key] = self.insert(table, doc)

    def _known(self, table: str, key: Hashable) -> int | None:
        params = key if isinstance(key, tuple) else (key,)
        return self._view.id_of(table, key, _WHERE[table], *params)

    def check_declarations(self, batch: Batch) -> None:
        """Hold that each declaration is the next of its name."""
        newest: dict[tuple[str, str], int] = {}
        for each in batch.declarations:
            key = (each.project, fold(each.name))
            if key not in newest:
                known = self._view.declaration(each.project, each.name)
                newest[key] = known.version if known else 0
            newest[key] += 1
            _check_next(f"declaration of {each.name!r}", each.version, newest[key])

    def check_versions(self, versions: Iterable[ArtifactVersion]) -> None:
        """Hold that each version has the next number of its name and a new emission key."""
        emissions: set[str] = set()
        for each in versions:
            key = (each.project, fold(each.name))
            expected = self.numbers.get(key) or self._view.newest_number(*key)
            self.numbers[key] = expected + 1
            _check_next(repr(each.name), each.version, expected + 1)
            fresh = each.emission not in emissions and self._view.is_fresh(each)
            if not fresh:
                msg = f"Emission {each.emission!r} exists already; nothing was written."
                raise CatalogError(msg)
            emissions.add(each.emission)
            self.keys.append(("versions", each.emission))

    def check_marks(self, batch: Batch) -> None:
        """Hold that what is marked is there, or comes with the batch."""
        fresh = {(v.project, fold(v.name), v.version) for v in batch.versions}
        for mark in batch.marks:
            key = (mark.project, fold(mark.name), mark.version)
            if key not in fresh and self._view.version(*key) is None:
                msg = f"There is no {mark.name}@{mark.version} to mark; nothing was written."
                raise CatalogError(msg)


def _check_next(what: str, number: int, expected: int) -> None:
    if number != expected:
        msg = f"The next version of {what} is {expected}, not {number}; nothing was written."
        raise CatalogError(msg)
