"""What the words after options say: numbers, times, hops."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import timedelta

from heirloom.records.clock import now

__all__ = ["count", "days", "hops", "rate", "seconds"]


def rate(text: str) -> float:
    """Megabytes a second, more than none."""
    number = seconds(text)
    if not number:
        msg = f"takes megabytes a second; got {text!r}"
        raise ArgumentTypeError(msg)
    return number


def days(text: str) -> int:
    """So many days, since when there were dates: ``90d``."""
    try:
        number = int(text.removesuffix("d"))
        now() - timedelta(days=number)
    except (ValueError, OverflowError):
        number = -1
    if number < 0:
        msg = f"takes days, as in 90d; got {text!r}"
        raise ArgumentTypeError(msg)
    return number


def count(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        msg = f"takes a whole number from 1; got {text!r}"
        raise ArgumentTypeError(msg)
    return int(text)


def hops(text: str) -> int | None:
    """So many hops; `None` for ``all``."""
    if text == "all":
        return None
    if not text.isdecimal():
        msg = f"takes a whole number, or all; got {text!r}"
        raise ArgumentTypeError(msg)
    return int(text)


def seconds(text: str) -> float:
    """Seconds, from 0."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        msg = f"takes seconds; got {text!r}"
        raise ArgumentTypeError(msg)
    return number
