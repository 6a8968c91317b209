"""A store of a home: what a payload's record names, and where that lies now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from heirloom.records.clock import stamp, unstamp

__all__ = ["HOME_STORE", "StoreRecord"]

HOME_STORE: Final = "home"
"""The id of the store inside a home, which needs no record until it is moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRecord:
    """Where the payloads of one store lie; a store that moves gets a new address, not a new id.

    Attributes:
        url: An address without credentials; a path below the home is relative to it.
        at: When this address was recorded.
    """

    id: str
    url: str
    at: datetime
    by: str

    def to_doc(self) -> dict[str, Any]:
        """The JSON form."""
        return {"id": self.id, "url": self.url, "at": stamp(self.at), "by": self.by}

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> StoreRecord:
        """What `to_doc` wrote."""
        return cls(id=doc["id"], url=doc["url"], at=unstamp(doc["at"]), by=doc["by"])
