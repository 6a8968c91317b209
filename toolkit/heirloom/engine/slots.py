"""A value on its way through a run: alive, recorded, or both."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from heirloom.records.executions import Item
from heirloom.records.versions import ABSENT, ArtifactVersion, Payload

if TYPE_CHECKING:
    from heirloom.engine.payloads import Payloads

__all__ = ["Known", "Slot"]

_IMMUTABLE = (type(None), bool, int, float, complex, str, bytes)


@dataclass(slots=True)
class Slot:
    """What one input is bound to, and its value as far as this process has it.

    Attributes:
        bound: What the record says: an item, or a payload of its own.
        payload: Where the value can be loaded from.
        alive: The object itself, or `ABSENT`; a mutable one is given out once, so that no
            task sees what another did to it.
    """

    bound: Item | Payload
    payload: Payload
    alive: Any = ABSENT
    version: ArtifactVersion | None = None

    def take(self, payloads: Payloads, *, as_: Any = None, allow_pickle: bool = False) -> Any:
        """The value for one consumer."""
        value = self.alive
        if value is not ABSENT:
            loadable = self.payload.format != "alive"
            if not isinstance(value, _IMMUTABLE) and loadable:
                self.alive = ABSENT
            return value
        return payloads.load(self.payload, as_=as_, allow_pickle=allow_pickle)


class Known:
    """Which live objects are which recorded items, without keeping the objects alive."""

    def __init__(self) -> None:
        self._items: dict[int, tuple[weakref.ref[Any], Slot]] = {}
        self._lock = threading.Lock()

    def remember(self, value: Any, slot: Slot) -> None:
        """Know `value` from now on; what cannot be referred to weakly is not remembered."""
        key = id(value)

        def forget(_: object) -> None:
            with self._lock:
                self._items.pop(key, None)

        try:
            reference = weakref.ref(value, forget)
        except TypeError:
            return
        with self._lock:
            self._items[key] = (reference, replace(slot, alive=ABSENT))

    def find(self, value: Any) -> Slot | None:
        """The recorded item that `value` is, or `None`."""
        with self._lock:
            found = self._items.get(id(value))
        if found is None or found[0]() is not value:
            return None
        return found[1]
