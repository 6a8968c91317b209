"""Periods of the calendar: minutes to years, in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

__all__ = ["GRANULARITIES", "MOST_TIMES", "WINDOWS", "beginnings", "following", "truncated"]

GRANULARITIES = ("minute", "hour", "day", "week", "month")
"""What a time partition is cut to."""
WINDOWS = ("hour", "day", "week", "month", "year")
"""What many time partitions may come together in."""
MOST_TIMES = 400
"""In one window."""
_END = datetime.max.replace(tzinfo=UTC)
_LENGTHS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}


def truncated(when: datetime, period: str | None) -> datetime:
    """The beginning of the period that `when` is in; a naive time is taken as UTC.

    Weeks begin on Mondays; `None` is a day.
    """
    aware = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    match period:
        case "minute":
            return aware.replace(second=0, microsecond=0)
        case "hour":
            return aware.replace(minute=0, second=0, microsecond=0)
        case "week":
            aware -= timedelta(days=aware.weekday())
        case "month":
            aware = aware.replace(day=1)
        case "year":
            aware = aware.replace(month=1, day=1)
    return aware.replace(hour=0, minute=0, second=0, microsecond=0)


def following(begin: datetime, period: str) -> datetime:
    """The beginning of the period after the one that begins then; at the end of time, that end."""
    longest = timedelta(days=31 if period == "month" else 366)
    length = _LENGTHS.get(period, longest)
    if begin > _END - length:
        return _END
    return begin + length if period in _LENGTHS else truncated(begin + length, period)


def beginnings(period: str, window: str, when: datetime) -> Iterator[datetime]:
    """When each period begins that lies in the window around `when`, in order.

    Of weeks, those that begin in it.
    """
    begin = truncated(when, window)
    end = following(begin, window)
    at = truncated(begin, period)
    while at < end:
        if at >= begin:
            yield at
        at = following(at, period)
