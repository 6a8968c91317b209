"""The one clock: aware UTC times, as text in records."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["now", "stamp", "unstamp"]


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


def stamp(when: datetime) -> str:
    """A time as a record keeps it: RFC 3339 with microseconds, ``Z``; sorts as text."""
    return when.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def unstamp(text: str) -> datetime:
    """The time that `stamp` wrote."""
    return datetime.fromisoformat(text)
