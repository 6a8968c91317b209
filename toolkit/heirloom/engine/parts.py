"""Which members of a container are which of the items that went into it."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

from heirloom.engine.slots import Slot
from heirloom.records.executions import Item
from heirloom.records.payloads import COLLECTION, Payload

if TYPE_CHECKING:
    from heirloom.engine.payloads import Payloads

__all__ = ["Parts"]


class Parts:
    """Tells members by their content: a record names the items, not where they stand.

    Items of equal content are told in their order; of the last one, there may be more.
    """

    def __init__(self, slot: Slot, payloads: Payloads) -> None:
        self._payloads = payloads
        self._left: defaultdict[str | None, deque[Item]] = defaultdict(deque)
        for item, payload in slot.within.items():
            self._left[payload.digest].append(item)

    def slot_of(self, member: Payload) -> Slot:
        """A member as the item that it is, or with the items that went into it."""
        if (item := self._item(member)) is not None:
            return Slot(item, member)
        inner = self._payloads.within(member) if member.format == COLLECTION else ()
        found = {item: each for each in inner if (item := self._item(each)) is not None}
        return Slot(member, member, within=found)

    def _item(self, payload: Payload) -> Item | None:
        left = self._left.get(payload.digest) if payload.digest is not None else None
        if not left:
            return None
        return left.popleft() if len(left) > 1 else left[0]
