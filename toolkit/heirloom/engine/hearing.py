"""The recorded versions that a plan listens to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from heirloom.engine.looks import Looks
from heirloom.errors import InputError
from heirloom.records.clauses import quote
from heirloom.records.clock import now
from heirloom.records.given import given_text
from heirloom.records.names import fold
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.search import parse_search
from heirloom.records.search_tree import AllOf, AnyOf, Field, Node
from heirloom.records.versions import ArtifactVersion

__all__ = ["heard_by"]

_PAGE = 1000


def heard_by(
    looks: Looks, plan: LaunchPlanRecord, since: Any = None, where: str = ""
) -> list[ArtifactVersion]:
    """The live versions of the artifacts that a plan listens to, in commit order.

    Those that its queries leave out are among them.

    Args:
        looks: Where they are recorded.
        plan: The plan.
        since: Only from then on: a time, a date, how long ago, or text as in a search (``7d``).
        where: Only what that search line finds, too.

    Raises:
        InputError: `since` or `where` is none of these.
        RefError: One does not parse, or names a key that nothing has but something like it.
    """
    given = parse_search(given_text(where, "where"))
    times = _since(since)
    if plan.trigger is None:
        return []
    names = AnyOf(tuple(Field("name", query.name) for query in plan.trigger.on))
    asked: Node = AllOf((names, *times, given))
    found: list[ArtifactVersion] = []
    page, cursor, _ = looks.catalog.search(asked, limit=_PAGE)
    while cursor is not None:
        found += page
        page, cursor, _ = looks.catalog.search(asked, limit=_PAGE, cursor=cursor)
    found += page
    if not found:
        looks.check_keys(given, where)
    return [version for version in reversed(found) if _listens(plan, version)]


def _listens(plan: LaunchPlanRecord, version: ArtifactVersion) -> bool:
    named = (version.project, fold(version.name)) in plan.listens
    return named and version.state == "live"


def _since(given: Any) -> list[Node]:
    """A condition on when, if there is one."""
    match given:
        case None:
            return []
        case str():
            return [parse_search(f"since={quote(given)}")]
        case timedelta():
            return [Field("since", now() - given)]
        case datetime():
            return [Field("since", given if given.tzinfo else given.replace(tzinfo=UTC))]
        case date():
            return [Field("since", datetime(given.year, given.month, given.day, tzinfo=UTC))]
    msg = f"since is a time, a timedelta or text such as '7d'; got {given!r:.60}."
    raise InputError(msg, name="since", given=f"{given!r:.60}")
