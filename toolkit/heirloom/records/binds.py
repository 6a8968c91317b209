"""Values that are known later: an input of the run, or what a firing version has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from heirloom.records.names import canonical, fold, moment, native, parse_moment

__all__ = ["Bind", "FiringPartition", "FiringTime", "Input", "bind_from_doc", "fired_partitions"]


def fired_partitions(fired: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, str]:
    """What a `Bind` asks of the versions that fired, given by name and partition values.

    ``artifact.key`` is the value of that artifact's; ``key`` alone that of the first
    that has it, for a bind to one that is listened to and did not fire.
    """
    found: dict[str, str] = {}
    for name, values in fired:
        own = {f"{fold(name)}.{key}": value for key, value in values.items()}
        found = {**values, f"{fold(name)}.": "", **own, **found}
    return found


def _fired(firing: Mapping[str, str], artifact: str, key: str) -> str:
    own = f"{fold(artifact)}."
    if own not in firing:
        return firing[key]
    if f"{own}{key}" not in firing:
        raise KeyError(key)
    return firing[f"{own}{key}"]


@dataclass(frozen=True, slots=True)
class Bind(ABC):
    """A stand-in inside a clause, a partition binding or a trigger's input."""

    @abstractmethod
    def value(self, inputs: Mapping[str, Any], firing: Mapping[str, str]) -> str:
        """The canonical string, from the run's inputs or what `fired_partitions` gives.

        Raises:
            LookupError: What it stands for is not there; the key is the argument.
        """

    @abstractmethod
    def to_doc(self) -> dict[str, Any]:
        """The JSON form that `bind_from_doc` reads."""


@dataclass(frozen=True, slots=True)
class Input(Bind):
    """``Inputs.name``: the value given to that input of the task or workflow."""

    name: str

    def value(self, inputs: Mapping[str, Any], firing: Mapping[str, str]) -> str:
        """The input's value in its canonical form."""
        return canonical(inputs[self.name], self.name)

    def to_doc(self) -> dict[str, Any]:
        """``{"$input": name}``."""
        return {"$input": self.name}

    def __str__(self) -> str:
        return f"{{Inputs.{self.name}}}"

    def __heirloom_source__(self) -> str:
        return f"heirloom.Inputs.{self.name}"


@dataclass(frozen=True, slots=True)
class FiringPartition(Bind):
    """The firing version's value under one key; as an input, of the declared type `kind`."""

    artifact: str
    key: str
    kind: str = "str"

    def value(self, inputs: Mapping[str, Any], firing: Mapping[str, str]) -> str:
        """The value as the firing version has it."""
        return _fired(firing, self.artifact, self.key)

    def native(self, firing: Mapping[str, str]) -> Any:
        """The value as an input takes it."""
        return native(self.value({}, firing), self.kind)

    def to_doc(self) -> dict[str, Any]:
        """``{"$partition": [artifact, key]}``, with the kind behind where it is not ``str``."""
        kind = [self.kind] if self.kind != "str" else []
        return {"$partition": [self.artifact, self.key, *kind]}

    def __str__(self) -> str:
        return f"{{{self.artifact}.{self.key}}}"


@dataclass(frozen=True, slots=True)
class FiringTime(Bind):
    """The firing version's time partition, moved by `offset`; sums add up."""

    artifact: str
    offset: timedelta = timedelta()

    def value(self, inputs: Mapping[str, Any], firing: Mapping[str, str]) -> str:
        """The moved time in its canonical form."""
        return moment(self.when(firing))

    def when(self, firing: Mapping[str, str]) -> datetime:
        """The moved time as an aware UTC time."""
        return parse_moment(_fired(firing, self.artifact, "time")) + self.offset

    def __add__(self, delta: timedelta) -> FiringTime:
        return FiringTime(self.artifact, self.offset + delta)

    def __sub__(self, delta: timedelta) -> FiringTime:
        return FiringTime(self.artifact, self.offset - delta)

    def to_doc(self) -> dict[str, Any]:
        """``{"$time": [artifact, seconds]}``."""
        return {"$time": [self.artifact, self.offset.total_seconds()]}

    def __str__(self) -> str:
        shift = f"{self.offset.total_seconds():+g}s" if self.offset else ""
        return f"{{{self.artifact}.time{shift}}}"


def bind_from_doc(doc: Any) -> Any:
    """What `to_doc` wrote as the object; anything else as it is."""
    if not isinstance(doc, dict) or len(doc) != 1:
        return doc
    match doc:
        case {"$input": str(name)}:
            return Input(name)
        case {"$partition": [artifact, key, *kind]}:
            return FiringPartition(artifact, key, *kind)
        case {"$time": [artifact, seconds]}:
            return FiringTime(artifact, timedelta(seconds=seconds))
    return doc
