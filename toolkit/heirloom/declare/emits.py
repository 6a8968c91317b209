"""What stands around a declaration: ``Inputs``, bound keys, and what a body said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from heirloom.errors import NotSupported, PartitionError
from heirloom.records.binds import Input
from heirloom.records.versions import Card

if TYPE_CHECKING:
    from heirloom.declare.artifact import Artifact

__all__ = ["Creation", "Emits", "Inputs", "attachment", "moment_of"]


class _Inputs:
    """``Inputs.x`` stands for the input `x` of the task or workflow."""

    def __getattr__(self, name: str) -> Input:
        if name.startswith("__"):
            raise AttributeError(name)
        return Input(name)

    def __heirloom_source__(self) -> str:
        return "heirloom.Inputs"


Inputs = _Inputs()


@dataclass(frozen=True, kw_only=True)
class Creation:
    """What ``create_from`` said of one value, until the task that made it returns it."""

    artifact: Artifact
    value: Any
    card: Card | None
    attachments: Mapping[str, str]
    partitions: Mapping[str, str]
    time_partition: datetime | None
    format: str | None
    kind: str
    draft: bool


@dataclass(frozen=True)
class Emits:
    """``artifact(key=Inputs.x)`` in an annotation: the artifact with some keys bound."""

    artifact: Artifact
    bindings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def unbound(self) -> tuple[str, ...]:
        """The keys that are left to ``create_from``, as far as the declaration names them."""
        time = ("time_partition",) if self.artifact.time_partitioned else ()
        keys = (*(self.artifact.partition_keys or ()), *time)
        return tuple(key for key in keys if key not in self.bindings)

    def __call__(self, **bindings: Any) -> Emits:
        """The same with more keys bound."""
        return Emits(self.artifact, {**self.bindings, **self.artifact(**bindings).bindings})

    def __hash__(self) -> int:  # ``Annotated[…] | None`` asks for it
        return hash((self.artifact, frozenset(self.bindings)))

    def __heirloom_source__(self) -> str:
        inside = ", ".join(f"{k}={_source(v)}" for k, v in self.bindings.items())
        return f"{self.artifact.__heirloom_source__()}({inside})"


def _source(value: Any) -> str:
    maker = getattr(value, "__heirloom_source__", None)
    return str(maker()) if maker is not None else repr(value)


def moment_of(when: Any) -> datetime | None:
    """A time partition as it is given: a time, or a date as its first moment in UTC.

    Raises:
        PartitionError: It is neither.
    """
    if when is None or (isinstance(when, datetime) and when == when):  # pandas has NaT
        return when
    if isinstance(when, date) and not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day, tzinfo=UTC)
    msg = f"time_partition is a datetime or a date; got {when!r}."
    raise PartitionError(msg)


def attachment(value: Any) -> tuple[str, str]:
    """A further thing said of a value, as name and text.

    Raises:
        NotSupported: It has no ``serialize_to_string``.
    """
    serialize = getattr(value, "serialize_to_string", None)
    if serialize is None:
        msg = f"An attachment has serialize_to_string; a {type(value).__name__} has none."
        raise NotSupported(msg)
    key, text = serialize(None, "")
    return str(key), str(text)
