"""What a catalog is, to whoever uses one: its verbs, and the lookups of a view.

`heirloom.testing.catalog_contract` is the definition in full: whatever passes it is a catalog.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from heirloom.catalog.batch import Batch, Committed
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution, Read
from heirloom.records.ledger import LedgerRow
from heirloom.records.marks import Mark
from heirloom.records.plans import LaunchPlanRecord, Switch
from heirloom.records.queries import Query
from heirloom.records.search_tree import Node
from heirloom.records.stores import StoreRecord
from heirloom.records.versions import ArtifactVersion

__all__ = ["Catalog", "Decide", "Following", "Prepare", "View"]


class Catalog(Protocol):
    """One handle on a catalog; every thread may use it."""

    @property
    def home(self) -> Path:
        """Where it is."""
        ...

    @property
    def read_only(self) -> bool:
        """Whether it can only be looked into."""
        ...

    def commit(
        self, prepare: Prepare, decide: Decide | None = None, *, durable: bool = True
    ) -> Committed:
        """Write what `prepare` gives, and what `decide` adds to it, or nothing."""
        ...

    def view(self) -> View:
        """Every lookup, each answered by the catalog's present end."""
        ...

    def search(
        self,
        node: Node,
        *,
        project: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        order: str = "newest",
    ) -> tuple[list[ArtifactVersion], str | None, int]:
        """A page of what a search is true of, in one of `ORDERS`; the next cursor; all, counted."""
        ...

    def names(self, prefix: str = "", project: str | None = None) -> list[str]:
        """Names of artifacts that begin with `prefix`, case aside, sorted."""
        ...

    def values(self, key: str, text: str, project: str, limit: int) -> list[str]:
        """What ``name``, ``alias``, ``by`` or a partition key may be in a search.

        Of what the project has: that with `text` in it, case aside; what begins with it first.
        """
        ...

    def partition_keys(self) -> list[str]:
        """The partition keys that versions of any project have had, sorted."""
        ...

    def type_names(self) -> list[str]:
        """The classes that versions of any project were recorded as, sorted."""
        ...

    def partition_values(
        self, project: str, name: str, key: str, prefix: str = "", limit: int | None = None
    ) -> list[str]:
        """The values that a partition key has had and that begin with `prefix`, sorted, so many."""
        ...

    def position(self) -> int:
        """A number that grows with every commit of anyone."""
        ...

    def wait(self, after: int, timeout: float) -> int:
        """Wait until the position is beyond `after`, or `timeout` seconds; the position."""
        ...

    def following(self) -> Following:
        """What tells the states of executions as they are committed by anyone, from now on."""
        ...

    def close(self) -> None:
        """Give everything back; what is asked later is an error."""
        ...


class Following(Protocol):
    """Executions in commit order, from the moment when it was made; one thread's."""

    def read(self) -> list[Execution]:
        """What was committed since the last call, each state of an execution once."""
        ...

    def close(self) -> None:
        """It is not read again."""
        ...


class View(Protocol):
    """The lookups; inside a commit, all of one moment."""

    def number(self, emission: ArtifactVersion) -> tuple[ArtifactVersion, bool]:
        """Inside a commit: the emission numbered, and whether it is new."""
        ...

    # ------------------------------------------------------------------ versions

    def version(self, project: str, name: str, number: int) -> ArtifactVersion | None:
        """That version, whatever its state."""
        ...

    def latest_number(self, project: str, name: str) -> int:
        """The newest number of a name, whatever its state; 0 where there is none."""
        ...

    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that `query`, its project filled in, means."""
        ...

    def versions(self, query: Query) -> list[ArtifactVersion]:
        """Every version that `query` may give, the newest first."""
        ...

    def aliases(self, project: str, name: str) -> dict[str, int]:
        """Where each alias of a name points."""
        ...

    def marks(self, project: str, name: str, number: int | None = None) -> list[Mark]:
        """Every mark on a name's versions, oldest first; on one, from its emission's card on."""
        ...

    def declaration(self, project: str, name: str) -> Declaration | None:
        """The newest declaration of a name, however it is spelled."""
        ...

    def declarations(self, project: str | None = None) -> list[Declaration]:
        """The newest declaration of each name, by project and name."""
        ...

    # ------------------------------------------------------------------ executions and edges

    def execution(self, id: str) -> Execution | None:
        """The execution of that id, as it stands."""
        ...

    def find_execution(self, prefix: str) -> Execution | None:
        """The one execution whose id is `prefix`, or, from six signs on, begins so."""
        ...

    def executions(
        self,
        *,
        state: str | None = None,
        root: str | None = None,
        path: str | None = None,
        parent: str | None = None,
        plan: str | None = None,
        name: str | None = None,
        project: str | None = None,
        newest: bool | None = None,
        limit: int | None = None,
    ) -> list[Execution]:
        """Those that meet every filter given; the newest first, but by `state` the oldest."""
        ...

    def states(self, ids: Collection[str]) -> dict[str, str]:
        """The states of those executions that are there, by id."""
        ...

    def cached(self, project: str, key: str) -> Execution | None:
        """The newest execution of that cache key whose own body ran and ended well."""
        ...

    def begun(self, plan: str, project: str, limit: int) -> list[Execution]:
        """Of what the events of a plan started: those that began last, the last of them first."""
        ...

    def producer(self, item: str) -> Execution | None:
        """The execution that made a version (by full ref) or a nameless value."""
        ...

    def consumers(self, item: str) -> Sequence[tuple[Execution, Read]]:
        """Who read `item`, and as what, the oldest first; one pair for each such read."""
        ...

    def outputs(self, execution_id: str) -> Sequence[str]:
        """Items that the execution made, by the order of its outputs."""
        ...

    def related(self, item: str, direction: str) -> frozenset[str]:
        """All ancestors (``up``) or descendants (``down``) of `item`, itself aside."""
        ...

    # ------------------------------------------------------------------ plans and the ledger

    def plans(self, project: str | None = None) -> list[LaunchPlanRecord]:
        """Every version of every plan, in the order they were registered."""
        ...

    def plan(self, project: str, name: str, version: int | None = None) -> LaunchPlanRecord | None:
        """A plan's newest version, or that one."""
        ...

    def switch(self, project: str, plan: str) -> Switch | None:
        """The plan's switch; `None` where it was never activated."""
        ...

    def switches(self, project: str | None = None) -> list[Switch]:
        """Every switch, in the order in which the plans were first activated."""
        ...

    def listening(self, project: str, name: str) -> list[tuple[LaunchPlanRecord, Switch]]:
        """Plans that were ever activated and whose active version listens to that artifact."""
        ...

    def row(self, key: str) -> LedgerRow | None:
        """The ledger row of that key."""
        ...

    def ledger(
        self,
        *,
        plan: str | None = None,
        state: str | None = None,
        ref: str | None = None,
        execution: str | None = None,
        project: str | None = None,
        limit: int | None = None,
    ) -> list[LedgerRow]:
        """Ledger rows that meet every filter given, the newest event first."""
        ...

    def waiting(
        self,
        lane: str,
        *,
        plan: str | None = None,
        project: str | None = None,
        limit: int | None = None,
    ) -> list[LedgerRow]:
        """The rows that wait in a lane, of one plan or of any, the oldest event first."""
        ...

    def due(self, until: datetime) -> list[LedgerRow]:
        """Waiting rows of any project whose time has come by `until`, the oldest event first."""
        ...

    def next_due(self) -> datetime | None:
        """When the first waiting row of any project is due."""
        ...

    def last_fired(
        self,
        plan: tuple[str, str],
        artifact: tuple[str, str],
        conditions: Mapping[str, str],
        before: int | None = None,
    ) -> ArtifactVersion | None:
        """The newest version of an artifact with these partition values that the plan fired on.

        Both are given by project and name: a plan may listen to another project's. A row counts
        for the version that it is of, where that was there before it. With `before`, of those
        below that number.
        """
        ...

    # ------------------------------------------------------------------ code and stores

    def code(self, digest: str) -> dict[str, Any] | None:
        """The source closure of that digest, as it was recorded."""
        ...

    def stores(self) -> list[StoreRecord]:
        """Every store that was recorded, as it stands, in the order of their first records."""
        ...


Prepare = Callable[[View], Batch]
Decide = Callable[[View, Sequence[ArtifactVersion], Batch], None]
