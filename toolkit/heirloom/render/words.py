"""Words that are put together the same way wherever they are read."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["counted", "events_of", "within_project"]


def counted(count: int, noun: str) -> str:
    """``1 event``, ``2 events``, ``1,200 events``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def events_of(names: Iterable[str], condition: str) -> str:
    """What starts a plan, by its trigger's condition: ``sales or visits``.

    Args:
        names: What it listens to.
        condition: ``any``, ``all`` or ``all-latest``.
    """
    listed = list(names)
    text = (" and " if condition == "all" else " or ").join(listed)
    more = condition == "all-latest" and len(listed) > 1
    return f"{text}, with the latest of the others" if more else text


def within_project(ref: str) -> str:
    """A ref as it is read within its project: ``emea/sales@1`` of the full one."""
    return ref.partition("://")[2].partition("/")[2] or ref
