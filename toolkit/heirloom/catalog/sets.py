"""Sets of versions by what they have, kept in the index: what a search joins.

A term is a text such as ``kind=data`` or ``part:region=emea``. Its set is kept in blocks of
4096 document ids, each as those ids or, from 256 on, as a bitmap. In memory a set is one
whole number, bit n for the version of id n, so that and, or, not and counting are single
steps at any size.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Iterator

__all__ = [
    "BLOCK",
    "Blocks",
    "SetRows",
    "members",
    "packed",
    "rising",
    "set_of",
    "set_of_ids",
    "term",
]

BLOCK = 4096
_BYTES = BLOCK // 8
_HELD = 50_000
_ONE = ord("1")


def term(field: str, value: object = "") -> str:
    """The key of the set of versions whose `field`, which has no ``=`` in it, is `value`."""
    return f"{field}={value}"


class SetRows:
    """Adds to sets inside the caller's SQLite transaction; `flush` writes what was added."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._blocks: dict[tuple[str, int], int] = {}

    def add(self, key: str, id: int) -> None:
        """Add one version."""
        block, bit = divmod(id, BLOCK)
        self._blocks[key, block] = self._block(key, block) | 1 << bit
        if len(self._blocks) > _HELD:
            self.flush()

    def discard(self, key: str, id: int) -> None:
        """Take one version away, if it is there."""
        block, bit = divmod(id, BLOCK)
        self._blocks[key, block] = self._block(key, block) & ~(1 << bit)

    def count(self, key: str, block: int) -> int:
        """How many of a block are in a set."""
        return self._block(key, block).bit_count()

    def clear(self, key: str, block: int) -> None:
        """Take a whole block away."""
        self._blocks[key, block] = 0

    def move(self, within: str, old: str | None, new: str | None) -> None:
        """Take what is in `within` away from `old` and add it to `new`."""
        self.flush()
        for id in members(set_of(self._db, [within])):
            if old is not None:
                self.discard(old, id)
            if new is not None:
                self.add(new, id)

    def _block(self, key: str, block: int) -> int:
        held = self._blocks.get((key, block))
        if held is not None:
            return held
        row = self._db.execute("SELECT ids FROM sets WHERE term=? AND block=?", (key, block))
        found = row.fetchone()
        return _unpacked(found[0]) if found else 0

    def flush(self) -> None:
        """Write every block that was changed."""
        self._db.executemany(
            "INSERT OR REPLACE INTO sets VALUES (?,?,?)",
            [(key, block, packed(bits)) for (key, block), bits in self._blocks.items()],
        )
        self._blocks.clear()


class Blocks:
    """A set that grows by packed blocks.

    Single ids are noted as signs of a binary number: Python sets a byte three times as
    fast as a bit.
    """

    def __init__(self) -> None:
        self._bits = bytearray()
        self._signs = bytearray()

    def add(self, block: int, ids: bytes) -> None:
        """Add what a block has."""
        at = block * BLOCK
        if len(ids) < _BYTES:
            _reach(self._signs, at + BLOCK, b"0")
            signs = self._signs
            for id in array("H", ids):
                signs[at + id] = _ONE
            return
        begin, end = at // 8, at // 8 + _BYTES
        _reach(self._bits, end, b"\0")
        there = int.from_bytes(self._bits[begin:end], "little")
        both = there | int.from_bytes(ids, "little")
        self._bits[begin:end] = both.to_bytes(_BYTES, "little")

    def whole(self) -> int:
        """The set."""
        signs = int(self._signs[::-1] or b"0", 2)
        return signs | int.from_bytes(self._bits, "little")


def _reach(found: bytearray, length: int, nothing: bytes) -> None:
    found.extend(nothing * (length - len(found)))


def set_of(db: sqlite3.Connection, keys: Iterable[str]) -> int:
    """The union of the sets of those terms."""
    found = Blocks()
    for key in keys:
        for block, ids in db.execute("SELECT block, ids FROM sets WHERE term=?", (key,)):
            found.add(block, ids)
    return found.whole()


def set_of_ids(ids: Iterable[int]) -> int:
    """The set of those ids."""
    found = bytearray()
    for id in ids:
        at = id >> 3
        if at >= len(found):
            found.extend(bytes(at + _BYTES - len(found)))
        found[at] |= 1 << (id & 7)
    return int.from_bytes(found, "little")


def members(found: int) -> Iterator[int]:
    """The ids in a set, the highest first."""
    data = found.to_bytes((found.bit_length() + 7) // 8, "little")
    end = len(data)
    while end > 0:
        begin = max(0, end - _BYTES)
        some = int.from_bytes(data[begin:end], "little")
        while some:
            bit = some.bit_length() - 1
            yield begin * 8 + bit
            some ^= 1 << bit
        end = begin


def rising(found: int) -> Iterator[int]:
    """The ids in a set, the lowest first."""
    data = found.to_bytes((found.bit_length() + 7) // 8, "little")
    for begin in range(0, len(data), _BYTES):
        some = int.from_bytes(data[begin : begin + _BYTES], "little")
        while some:
            bit = (some & -some).bit_length() - 1
            yield begin * 8 + bit
            some ^= 1 << bit


def packed(bits: int) -> bytes:
    """The ids in one block, below 4096, as they are kept."""
    if bits.bit_count() * 2 < _BYTES:
        return array("H", list(members(bits))).tobytes()
    return bits.to_bytes(_BYTES, "little")


def _unpacked(packed: bytes) -> int:
    if len(packed) < _BYTES:
        return set_of_ids(array("H", packed))
    return int.from_bytes(packed, "little")
