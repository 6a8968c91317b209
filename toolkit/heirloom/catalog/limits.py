"""What a document may hold; everything else is refused before a byte is written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import orjson

from heirloom.errors import InputError

__all__ = ["MAX_DEPTH", "MAX_RECORD", "RESERVED", "check_table", "encode"]

MAX_RECORD = 1_000_000
MAX_DEPTH = 64
MAX_TABLE = 128
RESERVED = "heirloom."
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def encode(table: str, doc: Mapping[str, Any]) -> bytes:
    """`doc` as JSON that reads back equal.

    Raises:
        InputError: It holds what JSON has no word for (NaN, an infinity, an integer beyond
            64 bits, half a surrogate pair, a key that is no string), nests deeper than
            `MAX_DEPTH`, or has more than `MAX_RECORD` bytes.
    """
    try:
        text = orjson.dumps(doc if type(doc) is dict else dict(doc), option=_OPTIONS)
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"A record of {table!r} cannot be kept as JSON: {error}."
        raise InputError(msg, name=table) from error
    if len(text) > MAX_RECORD:
        msg = (
            f"A record of {table!r} has {len(text):,} bytes; at most {MAX_RECORD:,} are kept. "
            "Put large values in the store."
        )
        raise InputError(msg, name=table)
    if b"null" in text and _has_no_number(doc):
        msg = f"A record of {table!r} holds NaN or an infinity, which JSON has no word for."
        raise InputError(msg, name=table)
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and _depth(doc, 0) > MAX_DEPTH:
        msg = f"A record of {table!r} nests deeper than {MAX_DEPTH}."
        raise InputError(msg, name=table)
    return text


def check_table(name: str) -> str:
    """`name`, if a table may have it.

    Raises:
        InputError: It may not.
    """
    fits = 0 < len(name) <= MAX_TABLE
    if not fits or any("\ud800" <= char <= "\udfff" for char in name):
        msg = f"A table's name has 1 to {MAX_TABLE} characters; got {name!r:.80}."
        raise InputError(msg, name=str(name)[:80])
    if name.startswith(RESERVED):
        msg = f"Names of tables that begin with {RESERVED!r} are kept for Heirloom; got {name!r}."
        raise InputError(msg, name=name)
    return name


def _has_no_number(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, Mapping):
        return any(map(_has_no_number, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_no_number, value))
    return False


def _depth(value: Any, above: int) -> int:
    if above > MAX_DEPTH:
        return above
    if isinstance(value, Mapping):
        return max((_depth(each, above + 1) for each in value.values()), default=above + 1)
    if isinstance(value, list | tuple):
        return max((_depth(each, above + 1) for each in value), default=above + 1)
    return above
