"""The one version that a query means, or the line that says why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from heirloom.callers import warn_caller
from heirloom.errors import (
    ArtifactNotFound,
    PartitionError,
    QueryWarning,
    RefError,
    Unmet,
    VersionNotFound,
    closest,
    did_you_mean,
)
from heirloom.records.clauses import Clause
from heirloom.records.declarations import Declaration
from heirloom.records.names import moment, parse_moment
from heirloom.records.periods import truncated
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

__all__ = ["Lookup", "find_each", "find_version", "warn_of_unknown", "with_types"]


_RANGES = frozenset({"<", "<=", ">", ">="})


class Lookup(Protocol):
    """What resolving asks of the catalog, at one moment."""

    def resolve(self, query: Query) -> ArtifactVersion | None:
        """The version that a query means."""
        ...

    def declarations(self, project: str | None = None) -> list[Declaration]:
        """What is declared, for the nearest names."""
        ...

    def declaration(self, project: str, name: str) -> Declaration | None:
        """The newest declaration of a name."""
        ...

    def latest_number(self, project: str, name: str) -> int:
        """The newest number of a name; 0 where there is none."""
        ...

    def versions(self, query: Query) -> Iterable[ArtifactVersion]:
        """Every version that a query may mean."""
        ...

    def aliases(self, project: str, name: str) -> dict[str, int]:
        """Where each alias of a name points."""
        ...


def find_version(view: Lookup, query: Query) -> ArtifactVersion:
    """The version that `query` means.

    Raises:
        ArtifactNotFound: The catalog has no artifact of that name; the nearest are named.
        VersionNotFound: The number or alias does not exist, or does not meet the conditions
            beside it.
        Unmet: No version meets the conditions.
        RefError: It means a version for each value of a key.
    """
    if query.each:
        msg = f"{str(query)!r} means several versions; hl.latest_per gives them."
        raise RefError(msg, text=str(query))
    found = view.resolve(with_types(view, query))
    if found is not None:
        return found
    project = query.project or ""
    declaration = view.declaration(project, query.name)
    if declaration is None:
        known = [each.name for each in view.declarations(project)]
        near = did_you_mean(query.name, known)
        msg = (
            f"No artifact named {query.name!r} in project {project!r}.{near} %artifacts lists them."
        )
        raise ArtifactNotFound(msg, name=query.name, closest=closest(query.name, known))
    asked = str(replace(query, project=None))
    why = _unknown_key(declaration, query)
    if query.number is not None or query.alias is not None:
        msg = f"No version {asked!r}: {why or _not_pinned(view, query)}."
        raise VersionNotFound(msg, name=query.name)
    msg = f"No version meets {asked!r}: {why or _none_live(view, query)}."
    raise Unmet(msg, name=query.name)


def find_each(view: Lookup, query: Query) -> list[ArtifactVersion]:
    """The version that `query` means under each value of the keys it names, the newest first.

    Raises:
        Unmet: No version meets the conditions; or as `find_version`.
        PartitionError: No key is named, or one that the artifact does not have.
    """
    keys, query = query.each, replace(query, each=())
    find_version(view, query)  # says why there is none
    declaration = view.declaration(query.project or "", query.name)
    known = declaration.condition_keys if declaration is not None else keys
    unknown = next((key for key in keys if key not in known), None)
    if unknown is not None or not keys:
        wrong = f"no partition key {unknown!r}" if unknown else "to be told apart by a key"
        near = did_you_mean(unknown or "", known)
        has = f"has {list(known)}" if known else "has no partition keys"
        msg = f"{query.name!r} has {wrong}.{near} It {has}."
        raise PartitionError(msg, expected=known, given=keys)
    best: dict[tuple[str | None, ...], ArtifactVersion] = {}
    for version in view.versions(with_types(view, query)):
        group = tuple(version.conditions.get(key) for key in keys)
        best[group] = max(best.get(group, version), version, key=query.rank)
    return sorted(best.values(), key=lambda version: version.version, reverse=True)


def _unknown_key(declaration: Declaration, query: Query) -> str:
    """What to say of the first key that the artifact does not have; empty where it has all."""
    known = declaration.condition_keys
    for clause in query.clauses:
        if clause.key not in known:
            near = did_you_mean(clause.key, known)
            has = f"{near} It has {list(known)}" if known else " It has no partition keys"
            return f"{query.name!r} has no partition key {clause.key!r}.{has}"
    return ""


def _none_live(view: Lookup, query: Query) -> str:
    if query.clauses:
        return f"%artifacts name={query.name} shows what there is"
    if not view.latest_number(query.project or "", query.name):
        return f"{query.name!r} is declared, and nothing was emitted yet"
    return (
        "none is live. Drafts and yanked ones are reached by number; is=draft, is=yanked list them"
    )


def _not_pinned(view: Lookup, query: Query) -> str:
    """Why a number or an alias means nothing: it is beyond the last, unknown, or elsewhere."""
    bare = replace(query, clauses=())
    if (found := view.resolve(bare)) is not None:
        has = ", ".join(f"{key}={value}" for key, value in found.conditions.items())
        return f"that version has {has or 'no partitions'}"
    if query.number is not None:
        newest = view.latest_number(query.project or "", query.name)
        return f"the newest number is {newest}" if newest else f"{query.name!r} has no version yet"
    aliases = sorted(view.aliases(query.project or "", query.name))
    near = did_you_mean(query.alias or "", aliases)
    has = f" It has {', '.join(aliases)}" if aliases else " It has none"
    return f"{query.name!r} has no alias {query.alias!r}.{near}{has}"


def with_types(view: Lookup, query: Query) -> Query:
    """`query` as the declaration reads it.

    Its values are those of the declared types, by which its ranges are compared; a time that is
    asked for is cut to the granularity, as it was on emit.

    Raises:
        PartitionError: A value is none of its key's type.
    """
    declaration = view.declaration(query.project or "", query.name) if query.clauses else None
    if declaration is None:
        return query
    types = {**declaration.types, "time": "datetime"}
    typed = (clause.of_type(types.get(clause.key, "str")) for clause in query.clauses)
    cut = tuple(_cut(clause, declaration.granularity) for clause in typed)
    return replace(query, types=types, clauses=cut)


def warn_of_unknown(view: Lookup, query: Query) -> None:
    """Warn where a query that finds nothing never can: it names a key that is not declared."""
    declaration = view.declaration(query.project or "", query.name)
    if declaration is not None and (why := _unknown_key(declaration, query)):
        warn_caller(f"{why}.".replace("..", "."), QueryWarning)


def _cut(clause: Clause, granularity: str | None) -> Clause:
    if clause.key != "time" or clause.op in _RANGES or granularity is None:
        return clause
    if not all(isinstance(value, str) for value in clause.values):
        return clause  # bound to an input or to what fires: cut once it is known
    times = (moment(truncated(parse_moment(text), granularity)) for text in clause.values)
    return replace(clause, values=tuple(times))
