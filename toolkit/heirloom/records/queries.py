"""A question for one version of an artifact: the newest that meets its clauses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from heirloom.records.binds import Bind, bind_from_doc
from heirloom.records.clauses import Clause
from heirloom.records.names import fold
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion

__all__ = ["LATEST", "Query"]

LATEST = ("commit", "time_partition")
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Pure data: which versions match, and which of them is meant.

    Attributes:
        project: `None` for the project of whoever asks.
        clauses: Conditions on partitions; a value may be a `Bind`, known later.
        at: A version number or an alias; `None` or ``latest`` for the newest.
        latest: Newest by ``commit`` order, or by ``time_partition`` and then commit order.
        types: Declared type by key, for ``<`` and its like.
        each: Keys under each of whose values one version is meant; empty for one in all.
        below: Only versions of smaller numbers; asked and never recorded.
    """

    name: str
    project: str | None = None
    clauses: tuple[Clause, ...] = ()
    at: int | str | None = None
    latest: str = "commit"
    types: Mapping[str, str] = field(default_factory=dict)
    each: tuple[str, ...] = ()
    below: int | None = None

    @classmethod
    def of(cls, ref: Ref, types: Mapping[str, str] | None = None) -> Query:
        """The query that a ref's text stands for."""
        return cls(
            name=ref.name, project=ref.project, clauses=ref.clauses, at=ref.at, types=types or {}
        )

    @property
    def ref(self) -> Ref:
        """The query as a ref, for people."""
        return Ref(self.name, self.project, self.clauses, self.at)

    @property
    def number(self) -> int | None:
        """The one version asked for, if it is one."""
        return self.at if isinstance(self.at, int) else None

    @property
    def alias(self) -> str | None:
        """The alias asked for, if it is one."""
        return self.at if isinstance(self.at, str) and self.at != "latest" else None

    @property
    def binds(self) -> tuple[Bind, ...]:
        """What is known only later."""
        return tuple(v for c in self.clauses for v in c.values if isinstance(v, Bind))

    @property
    def pinned(self) -> dict[str, Any]:
        """The keys that it holds to one value."""
        return {c.key: c.values[0] for c in self.clauses if c.op == "=" and not c.negated}

    def bind(self, inputs: Mapping[str, Any], firing: Mapping[str, str]) -> Query:
        """The same query with every `Bind` replaced by its value.

        Raises:
            LookupError: An input or a partition is not there.
        """
        if not self.binds:
            return self
        clauses = tuple(
            replace(
                clause,
                values=tuple(
                    v.value(inputs, firing) if isinstance(v, Bind) else v for v in clause.values
                ),
            )
            for clause in self.clauses
        )
        return replace(self, clauses=clauses)

    def per(self, *keys: str) -> Query:
        """The same question asked under each value of some partition keys.

        As an input it gives the list of what is found, the newest first, with an edge to each:
        ``def report(parts: list[pd.DataFrame] = sales.query().per("region"))``. ``time`` is
        the time partition.
        """
        return replace(self, each=keys)

    def within(self, project: str) -> Query:
        """The same query with its project filled in."""
        return self if self.project else replace(self, project=project)

    def holds(self, version: ArtifactVersion) -> bool:
        """Whether the clauses hold for `version`, whatever its state and name."""
        found = version.conditions
        return all(clause.holds(found, self.types) for clause in self.clauses)

    def matches(self, version: ArtifactVersion) -> bool:
        """Whether `version` is one that this query may give.

        A number or an alias reaches a draft or yanked version; a purged one, nothing.
        """
        if version.name != self.name and fold(version.name) != fold(self.name):
            return False
        if self.project not in (None, version.project):
            return False
        if self.number is not None and version.version != self.number:
            return False
        if self.alias is not None and self.alias not in version.aliases:
            return False
        if self.below is not None and version.version >= self.below:
            return False
        pinned = self.number is not None or self.alias is not None
        return (version.state == "live" or pinned) and self.holds(version)

    def pick(self, versions: Iterable[ArtifactVersion]) -> ArtifactVersion | None:
        """The version meant among `versions`, or `None` where none matches."""
        return max(filter(self.matches, versions), key=self.rank, default=None)

    def rank(self, version: ArtifactVersion) -> tuple[Any, ...]:
        """What orders matching versions; the greatest is the one meant."""
        if self.latest == "commit":
            return (version.version,)
        when = version.time_partition
        return (when is not None, when or _OLDEST, version.version)

    def to_doc(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "name": self.name,
            "project": self.project,
            "clauses": [
                [
                    c.key,
                    c.op,
                    [v.to_doc() if isinstance(v, Bind) else v for v in c.values],
                    c.negated,
                ]
                for c in self.clauses
            ],
            "at": self.at,
            "latest": self.latest,
            "types": dict(self.types),
            **({"each": list(self.each)} if self.each else {}),
        }

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> Query:
        """What `to_doc` wrote."""
        return cls(
            name=doc["name"],
            project=doc["project"],
            clauses=tuple(
                Clause(key, op, tuple(map(bind_from_doc, values)), negated)
                for key, op, values, negated in doc["clauses"]
            ),
            at=doc["at"],
            latest=doc["latest"],
            types=doc["types"],
            each=tuple(doc.get("each", ())),
        )

    def __heirloom_source__(self) -> str:
        return f"heirloom.Query.from_doc({self.to_doc()!r})"

    def __repr__(self) -> str:
        return f"<query {self!s:.120}>"

    def __str__(self) -> str:
        return f"{self.ref} per {', '.join(self.each)}" if self.each else str(self.ref)
