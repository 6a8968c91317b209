"""Ids of executions: short, sortable by the time they were made, unique by chance."""

from __future__ import annotations

import os
import time

__all__ = ["new_id"]

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """Sixteen signs: nine of milliseconds, seven (35 bits) of chance."""
    number = (time.time_ns() // 1_000_000) << 35 | int.from_bytes(os.urandom(5)) >> 5
    signs = []
    for _ in range(16):
        number, digit = divmod(number, 32)
        signs.append(_DIGITS[digit])
    return "".join(reversed(signs))
