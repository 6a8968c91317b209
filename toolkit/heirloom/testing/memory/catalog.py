"""The verbs over a memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from heirloom.catalog.batch import Committed
from heirloom.catalog.protocol import Decide, Prepare
from heirloom.catalog.text import searchable
from heirloom.errors import CatalogUnavailable, Fenced, InputError, VersionNotFound
from heirloom.records.given import given_choice
from heirloom.records.names import fold
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.search_tree import ORDERS, Node, asks_for, relations_of
from heirloom.records.versions import ArtifactVersion
from heirloom.testing.memory.following import MemoryFollowing
from heirloom.testing.memory.state import Memory
from heirloom.testing.memory.view import MemoryView, Tables

__all__ = ["MemoryCatalog"]

_HIDDEN = ("draft", "yanked", "purged")


class MemoryCatalog:
    """One handle on a `Memory`; every thread may use it.

    Attributes:
        home: A name where others have a directory.
        read_only: Whether it can only be looked into.
    """

    def __init__(self, memory: Memory | None = None, *, read_only: bool = False) -> None:
        """Open `memory`, or a new one."""
        self.home = Path("memory")
        self.read_only = read_only
        self._memory = memory or Memory()
        self._closed = False

    def commit(
        self, prepare: Prepare, decide: Decide | None = None, *, durable: bool = True
    ) -> Committed:
        """Write what `prepare` gives and what `decide` adds to it, or nothing."""
        memory = self._open()
        if self.read_only:
            msg = "The catalog in memory is open for reading only."
            raise CatalogUnavailable(msg, path=str(self.home))
        with memory.alone():
            view = MemoryView(self._tables, inside=True)
            batch = prepare(view)
            if batch.fence is not None:
                _check_fence(view, batch.fence)
            fresh = [version for version in batch.versions if version.state != "draft"]
            if fresh and decide is not None:
                decide(view, fresh, batch)
            memory.add(batch)
            return Committed(
                versions=tuple(batch.versions),
                executions=tuple(batch.executions),
                rows=tuple(batch.rows),
                sequence=memory.position,
            )

    def view(self) -> MemoryView:
        """Every lookup."""
        return MemoryView(self._tables)

    def search(
        self,
        node: Node,
        *,
        project: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        order: str = "newest",
    ) -> tuple[list[ArtifactVersion], str | None, int]:
        """One page of what a search is true of; cursor; number of all.

        A cursor is the place, in commit order, of the last version of its page.
        """
        if limit < 0:
            msg = f"A page's limit is a whole number from 0; got {limit}."
            raise InputError(msg, name="limit", given=str(limit))
        after, order = _place(cursor), given_choice(order, "order", ORDERS)
        view = self.view()
        facts = _Facts(view, project or "default")
        for ref, direction in relations_of(node):
            facts.related(ref, direction)  # each must be of a version, whatever else is asked
        hidden = [state for state in _HIDDEN if not asks_for(node, state)]
        found = [
            (place, version)
            for place, version in enumerate(view.every())
            if project in (None, version.project)
            and version.state not in hidden
            and node.matches(version, facts)
        ]
        every = list(enumerate(view.every()))
        ranks = {place: _rank(order, place, version, facts) for place, version in every}
        found.sort(key=lambda pair: ranks[pair[0]])
        left = [pair for pair in found if after is None or ranks[pair[0]] > ranks.get(after, ())]
        following = str(left[limit - 1][0]) if 0 < limit < len(left) else None
        return [version for _, version in left[:limit]], following, len(found)

    def names(self, prefix: str = "", project: str | None = None) -> list[str]:
        """Names of artifacts that begin with `prefix`, case aside, sorted."""
        known = self._open().names.items()
        begin = {
            name for key, name in known if key[1].startswith(fold(prefix)) and _in(project, key)
        }
        return sorted(begin)

    def values(self, key: str, text: str, project: str, limit: int) -> list[str]:
        """What a search's `key` may be and have `text` in it, what begins with it first."""
        view, wanted = self.view(), fold(text)
        facts = _Facts(view, project)
        found = {
            value
            for version in view.every()
            if version.project == project
            for value in _values(key, version, facts)
            if wanted in fold(value)
        }
        return sorted(found, key=lambda v: (not fold(v).startswith(wanted), fold(v)))[:limit]

    def partition_keys(self) -> list[str]:
        """The partition keys that versions of any project have had, sorted."""
        return sorted({key for version in self.view().every() for key in version.conditions})

    def type_names(self) -> list[str]:
        """The classes that versions of any project were recorded as, sorted."""
        return sorted({version.type_name for version in self.view().every()})

    def partition_values(
        self, project: str, name: str, key: str, prefix: str = "", limit: int | None = None
    ) -> list[str]:
        """The values that a partition key has had and that begin with `prefix`, sorted."""
        every = [
            v for v in self.view().every() if (v.project, fold(v.name)) == (project, fold(name))
        ]
        found = sorted({v.conditions[key] for v in every if key in v.conditions})
        return [value for value in found if value.startswith(prefix)][:limit]

    def position(self) -> int:
        """A number that grows with every commit of anyone."""
        return self._open().position

    def wait(self, after: int, timeout: float) -> int:
        """Wait until the position is beyond `after`, or `timeout` seconds; the position."""
        memory = self._open()
        with memory.moved:
            memory.moved.wait_for(lambda: memory.position > after, timeout)
        return self.position()

    def following(self) -> MemoryFollowing:
        """What tells the states of executions as they are committed by anyone, from now on."""
        return MemoryFollowing(self._open())

    def close(self) -> None:
        """Use this handle no more; the others go on."""
        self._closed = True

    def _open(self) -> Memory:
        if self._closed:
            msg = "The catalog in memory was closed here; connect again."
            raise CatalogUnavailable(msg, path=str(self.home))
        return self._memory

    def _tables(self) -> Tables:
        return self._open().tables

    def __repr__(self) -> str:
        return "<MemoryCatalog>"


class _Facts:
    """What a search may ask beyond a version itself."""

    def __init__(self, view: MemoryView, project: str) -> None:
        self._view = view
        self._project = project

    def text(self, version: ArtifactVersion) -> str:
        declared = self._view.declaration(version.project, version.name)
        described = declared.description if declared else ""
        return searchable(version, described, self.producer(version))

    def producer(self, version: ArtifactVersion) -> str:
        made = self._view.execution(version.execution_id)
        return made.name if made else ""

    def types(self, version: ArtifactVersion) -> Mapping[str, str]:
        declared = self._view.declaration(version.project, version.name)
        return declared.types if declared else {}

    def related(self, ref: str, direction: str) -> frozenset[str]:
        version = self._view.resolve(Query.of(Ref.parse(ref)).within(self._project))
        if version is None:
            msg = f"No version is {ref!r}, which {direction}= asks for."
            raise VersionNotFound(msg, name=ref)
        return self._view.related(version.ref, direction)


def _check_fence(view: MemoryView, fence: tuple[str, int]) -> None:
    root_id, attempt = fence
    root = view.execution(root_id)
    if root is None or (root.state, root.attempt) != ("running", attempt):
        msg = f"Execution {root_id} does not run in attempt {attempt}, which records nothing."
        raise Fenced(msg, execution_id=root_id, attempt=attempt)


def _rank(order: str, place: int, version: ArtifactVersion, facts: _Facts) -> tuple[Any, ...]:
    match order:
        case "newest":
            return (-place,)
        case "oldest":
            return (place,)
        case "name":
            return fold(version.name), version.project, -place
        case "kind":
            return version.kind, -place
    maker = facts.producer(version)
    return fold(maker), maker, -place


def _values(key: str, version: ArtifactVersion, facts: _Facts) -> tuple[str, ...]:
    match key:
        case "name":
            return (version.name,)
        case "alias":
            return version.aliases
        case "by":
            return fold(version.created_by), facts.producer(version)
    return (version.conditions[key],) if key in version.conditions else ()


def _place(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit()) or len(cursor) > 18:
        msg = f"{cursor!r:.40} is no cursor; give the one that the page before ended with."
        raise InputError(msg, name="cursor", given=cursor)
    return int(cursor)


def _in(project: str | None, key: tuple[str, str]) -> bool:
    return project in (None, key[0])
