"""Dates, times of day, moments and spans as tagged JSON, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .naming import class_name
from .refusal import NotPlain

__all__ = ["READ", "WRITE", "timestamp"]


def timestamp(value: Any) -> dict[str, Any]:
    """A pandas Timestamp: ``[UTC or naive time, unit, zone]``."""
    if value.tz is None:
        return {"$timestamp": [value.isoformat(), value.unit, None]}
    if not isinstance(value.tz, ZoneInfo | timezone) and not hasattr(value.tz, "zone"):  # pytz
        raise NotPlain("", f"in a zone of class {class_name(type(value.tz))}")
    return {"$timestamp": [value.tz_convert("UTC").isoformat(), value.unit, str(value.tz)]}


def _datetime(value: datetime) -> Any:
    zone = value.tzinfo
    if isinstance(zone, ZoneInfo) and zone.key:
        return {"$datetime": [value.replace(tzinfo=None, fold=0).isoformat(), zone.key, value.fold]}
    if zone is not None and type(zone) is not timezone:
        value = value.astimezone(timezone(value.utcoffset() or timedelta()))
    return {"$datetime": [value.replace(fold=0).isoformat(), None, value.fold]}


def _time(value: time) -> Any:
    if value.tzinfo is not None and type(value.tzinfo) is not timezone:
        raise NotPlain("", "a time of day with a named zone")
    return {"$time": [value.replace(fold=0).isoformat(), value.fold]}


def _read_datetime(given: list[Any]) -> datetime:
    text, zone, fold = given
    moment = datetime.fromisoformat(text).replace(fold=fold)
    if zone is None:
        return moment
    try:
        return moment.replace(tzinfo=ZoneInfo(zone))
    except ZoneInfoNotFoundError as exc:
        raise ValueError(f"this machine knows no time zone {zone!r}") from exc


def _read_timestamp(given: list[Any]) -> Any:
    import pandas as pd

    text, unit, zone = given
    moment = pd.Timestamp(text).as_unit(unit)
    return moment if zone is None else moment.tz_convert(zone)


WRITE: Mapping[type, Callable[[Any], Any]] = {
    datetime: _datetime,
    date: lambda value: {"$date": value.isoformat()},
    time: _time,
    timedelta: lambda value: {"$timedelta": [value.days, value.seconds, value.microseconds]},
}
"""By exact class, what JSON says of a value."""

READ: Mapping[str, Callable[[Any], Any]] = {
    "$datetime": _read_datetime,
    "$date": date.fromisoformat,
    "$time": lambda given: time.fromisoformat(given[0]).replace(fold=given[1]),
    "$timedelta": lambda given: timedelta(*given),
    "$timestamp": _read_timestamp,
}
"""By tag, the value."""
