"""A value on its way through a run: alive, recorded, or both."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heirloom.records.executions import Item, Read
from heirloom.records.payloads import ABSENT, Payload
from heirloom.records.versions import ArtifactVersion

if TYPE_CHECKING:
    from heirloom.engine.payloads import Payloads

__all__ = ["IMMUTABLE", "Slot"]

_CLAIMING = threading.Lock()
IMMUTABLE = (type(None), bool, int, float, complex, str, bytes)


@dataclass(slots=True)
class Slot:
    """What one input is bound to, and its value as far as this process has it.

    Attributes:
        bound: What the record says: an item, or a payload of its own.
        payload: Where the value can be loaded from.
        alive: The object itself, or `ABSENT`; a mutable one is given out once, so that no
            task sees what another did to it.
        within: The items that went into a value which is no item itself, each as it is kept.
    """

    bound: Item | Payload
    payload: Payload
    alive: Any = ABSENT
    version: ArtifactVersion | None = None
    within: Mapping[Item, Payload] = field(default_factory=dict)

    @property
    def items(self) -> Mapping[Item, Payload]:
        """The item that it is, or those that went into it, each as it is kept."""
        return {self.bound: self.payload} if isinstance(self.bound, Item) else self.within

    def reads(self, name: str) -> tuple[Read, ...]:
        """The edges of an input of that name, beside the one that its being an item is."""
        if isinstance(self.bound, Item):
            return ()
        return tuple(Read(item.id, name, item.how) for item in self.within)

    def claim(self) -> Any:
        """The live object, given out once where it can be changed; else `ABSENT`."""
        with _CLAIMING:
            value = self.alive
            if self.payload.format != "alive" and not isinstance(value, IMMUTABLE):
                self.alive = ABSENT
            return value

    def take(self, payloads: Payloads, *, as_: Any = None, allow_pickle: bool = False) -> Any:
        """The value for one consumer; of a file, or of what holds one, always the recorded one."""
        value = self.claim()
        alive = self.payload.format == "alive"
        if value is not ABSENT and (alive or not payloads.on_disk(self.payload)):
            return value
        return payloads.load(self.payload, as_=as_, allow_pickle=allow_pickle)
