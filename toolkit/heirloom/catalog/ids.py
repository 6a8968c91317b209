"""Sets of ids that take about a bit for each: ids of a table mostly follow each other."""

from __future__ import annotations

__all__ = ["Ids"]

_BITS = 10


class Ids:
    """Ids of documents; a lone one far from others takes as much as in a set."""

    def __init__(self) -> None:
        self._blocks: dict[int, int] = {}

    def add(self, id: int) -> None:
        """Have it from now on."""
        block, bit = _place(id)
        self._blocks[block] = self._blocks.get(block, 0) | bit

    def discard(self, id: int) -> None:
        """Have it no longer, if it was had."""
        block, bit = _place(id)
        if block in self._blocks:
            self._blocks[block] &= ~bit

    def __len__(self) -> int:
        return sum(map(int.bit_count, self._blocks.values()))


def _place(id: int) -> tuple[int, int]:
    """The block that an id is in, and its bit there."""
    return id >> _BITS, 1 << (id & (1 << _BITS) - 1)
