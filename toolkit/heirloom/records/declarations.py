"""What is known of an artifact's name: its partition keys, owner, description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from heirloom.errors import PartitionError, did_you_mean
from heirloom.records.clock import stamp, unstamp
from heirloom.records.names import canonical

__all__ = ["Declaration"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One version of an artifact's declaration.

    Attributes:
        keys: Partition keys in the order they were declared.
        types: Declared type by key: ``str`` (where none is named), ``int``, ``float``,
            ``bool``, ``date``, ``datetime``.
        granularity: Of the time partition; `None` where the artifact has none.
        owner: Who to ask; who declared the name first, where nobody was named.
        where: What declared it, in words, for the error that points there.
        shared: Others who emit under the name, each since they said ``allow_shared``.
    """

    project: str
    name: str
    version: int
    keys: tuple[str, ...]
    declared_at: datetime
    declared_by: str
    types: Mapping[str, str] = field(default_factory=dict)
    granularity: str | None = None
    owner: str = ""
    description: str = ""
    where: str = ""
    shared: tuple[str, ...] = ()

    @property
    def condition_keys(self) -> tuple[str, ...]:
        """What its versions are asked for by: its keys, and ``time`` where it has times."""
        return (*self.keys, "time") if self.granularity is not None else self.keys

    @property
    def masters(self) -> frozenset[str]:
        """Who may change what is declared: the owner, and who declared it."""
        return frozenset({self.owner, self.declared_by})

    @property
    def emitters(self) -> frozenset[str]:
        """Who emits under the name without saying so."""
        return self.masters | frozenset(self.shared)

    def checked(self, partitions: Mapping[str, str]) -> dict[str, str]:
        """Canonical values for all of the keys and no other, as their types write them.

        Raises:
            PartitionError: A key is unknown (the nearest is named) or missing, or a value is
                none of its key's type.
        """
        given = tuple(partitions)
        for key in given:
            if key not in self.keys:
                has = f"has {list(self.keys)}" if self.keys else "has no partition keys"
                near = did_you_mean(key, self.keys)
                msg = f"Artifact {self.name!r} has no partition key {key!r}.{near} It {has}."
                raise PartitionError(msg, expected=self.keys, given=given)
        missing = [key for key in self.keys if key not in partitions]
        if missing:
            msg = (
                f"Artifact {self.name!r} needs partitions {list(self.keys)}; got {list(given)}. "
                f"Give {', '.join(f'{key}=…' for key in missing)}."
            )
            raise PartitionError(msg, expected=self.keys, given=given)
        types = self.types
        return {k: canonical(v, k, types.get(k, "str")) for k, v in partitions.items()}

    def to_doc(self) -> dict[str, Any]:
        """The JSON form."""
        shared = {"shared": list(self.shared)} if self.shared else {}
        return shared | {
            "project": self.project,
            "name": self.name,
            "version": self.version,
            "keys": list(self.keys),
            "types": dict(self.types),
            "granularity": self.granularity,
            "owner": self.owner,
            "description": self.description,
            "declared_at": stamp(self.declared_at),
            "declared_by": self.declared_by,
            "where": self.where,
        }

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> Declaration:
        """What `to_doc` wrote."""
        return cls(
            project=doc["project"],
            name=doc["name"],
            version=doc["version"],
            keys=tuple(doc["keys"]),
            types=doc["types"],
            granularity=doc["granularity"],
            owner=doc["owner"],
            description=doc["description"],
            declared_at=unstamp(doc["declared_at"]),
            declared_by=doc["declared_by"],
            where=doc["where"],
            shared=tuple(doc.get("shared", ())),
        )
