"""A value on its way through a run: alive, recorded, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from heirloom.records.executions import Item
from heirloom.records.files import Directory, File
from heirloom.records.payloads import ABSENT, Payload
from heirloom.records.versions import ArtifactVersion

if TYPE_CHECKING:
    from heirloom.engine.payloads import Payloads

__all__ = ["IMMUTABLE", "Slot"]

IMMUTABLE = (type(None), bool, int, float, complex, str, bytes)


@dataclass(slots=True)
class Slot:
    """What one input is bound to, and its value as far as this process has it.

    Attributes:
        bound: What the record says: an item, or a payload of its own.
        payload: Where the value can be loaded from.
        alive: The object itself, or `ABSENT`; a mutable one is given out once, so that no
            task sees what another did to it.
        within: The items that went into a value which is no item itself.
    """

    bound: Item | Payload
    payload: Payload
    alive: Any = ABSENT
    version: ArtifactVersion | None = None
    within: tuple[Item, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """The item that it is, or those that went into it."""
        return (self.bound,) if isinstance(self.bound, Item) else self.within

    def take(self, payloads: Payloads, *, as_: Any = None, allow_pickle: bool = False) -> Any:
        """The value for one consumer: of a file, always the recorded one."""
        value = self.alive
        if value is not ABSENT and (self.payload.format == "alive" or isinstance(value, IMMUTABLE)):
            return value
        self.alive = ABSENT
        if value is not ABSENT and not isinstance(value, File | Directory):
            return value
        return payloads.load(self.payload, as_=as_, allow_pickle=allow_pickle)
