"""Which live objects are which recorded items."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from heirloom.codecs.objects import parts_of
from heirloom.engine.slots import IMMUTABLE, Slot
from heirloom.records.executions import Item
from heirloom.records.payloads import ABSENT, Payload

__all__ = ["Known"]

_HELD = 4 << 20
"""Bytes of recorded size up to which objects that cannot be referred to weakly are held."""


class Known:
    """Objects by identity; a number or a text has none, and is never known.

    Objects are not kept alive, but for the last few lists, dicts and sets: they cannot be
    referred to weakly.
    """

    def __init__(self) -> None:
        self._items: dict[int, tuple[weakref.ref[Any], Slot]] = {}
        self._held: OrderedDict[int, tuple[Any, Slot]] = OrderedDict()
        self._size = 0
        self._lock = threading.RLock()  # a forgotten object's end may come at any moment

    def __bool__(self) -> bool:
        return bool(self._items or self._held)

    def remember(self, value: Any, slot: Slot) -> None:
        """Know `value` as that item from now on."""
        if isinstance(value, IMMUTABLE) or not slot.items:
            return
        kept = replace(slot, alive=ABSENT)
        key = id(value)

        def forget(gone: weakref.ref[Any]) -> None:
            with self._lock:
                if key in self._items and self._items[key][0] is gone:
                    del self._items[key]

        try:
            reference = weakref.ref(value, forget)
        except TypeError:
            if isinstance(value, list | dict | set | bytearray):
                self._hold(key, value, kept)
            return
        with self._lock:
            self._items[key] = (reference, kept)

    def _hold(self, key: int, value: Any, slot: Slot) -> None:
        with self._lock:
            if key in self._held:
                self._size -= self._held.pop(key)[1].payload.size
            self._held[key] = (value, slot)
            self._size += slot.payload.size
            while self._size > _HELD:
                self._size -= self._held.popitem(last=False)[1][1].payload.size

    def find(self, value: Any) -> Slot | None:
        """The recorded item that `value` is, or `None`."""
        if isinstance(value, IMMUTABLE):
            return None
        with self._lock:
            found = self._items.get(id(value))
            if found is not None:
                return found[1] if found[0]() is value else None
            held = self._held.get(id(value))
        return held[1] if held is not None else None

    def names(self, names: Iterable[str], namespace: Mapping[str, Any]) -> set[str]:
        """The items that some of a notebook's names hold."""
        slots = (self.find(namespace.get(name)) for name in names)
        return {slot.bound.id for slot in slots if slot and isinstance(slot.bound, Item)}

    def inside(self, value: Any) -> dict[Item, Payload]:
        """The items inside of a container or an object, however deep; each once, in order."""
        items: dict[Item, Payload] = {}
        seen: set[int] = set()
        open_ = deque(parts_of(value) if self else ())
        while open_:
            member = open_.popleft()
            if isinstance(member, IMMUTABLE) or id(member) in seen:
                continue
            seen.add(id(member))
            found = self.find(member)
            if found is not None:
                items |= found.items
            else:
                open_.extendleft(reversed([*parts_of(member)]))
        return items
