"""What a caller gave for an argument, held against what the argument takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from heirloom.errors import InputError, did_you_mean

__all__ = ["given_choice", "given_count", "given_hops", "given_seconds", "given_text"]


_MOST = 1 << 62
"""More than there can be of anything; one more is still a number to every database."""


def given_text(value: Any, name: str) -> str:
    """`value`, which is a string.

    Raises:
        InputError: It is not.
    """
    if not isinstance(value, str):
        raise _refused(value, name, "text")
    return value


def given_count(value: Any, name: str, *, least: int = 1) -> int:
    """`value`, which is a whole number from `least`; beyond all there can be, that.

    Raises:
        InputError: It is not.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise _refused(value, name, f"a whole number from {least}")
    return min(value, _MOST)


def given_hops(value: Any, name: str) -> int | None:
    """`value`, which is a whole number from 0, or `None` for all.

    Raises:
        InputError: It is neither.
    """
    return None if value is None else given_count(value, name, least=0)


def given_seconds(value: Any, name: str) -> float | None:
    """`value`, which is a number of seconds from 0, or `None`.

    Raises:
        InputError: It is neither.
    """
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not value >= 0:
        raise _refused(value, name, "seconds from 0, or None")
    return float(value)


def given_choice(value: Any, name: str, known: Iterable[str]) -> str:
    """`value`, which is one of `known`.

    Raises:
        InputError: It is not; the nearest is named.
    """
    choices = tuple(known)
    if value not in choices:
        near = did_you_mean(str(value), choices)
        raise _refused(value, name, f"one of {', '.join(choices)}", near)
    return str(value)


def _refused(value: Any, name: str, expected: str, near: str = "") -> InputError:
    msg = f"{name} is {expected}; got {value!r:.60}.{near}"
    return InputError(msg, name=name, expected=expected, given=f"{value!r:.60}")
