"""What a codec is, and what passes through it."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Final, Protocol, TypeVar

from heirloom.records.payloads import ABSENT, Absent

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ABSENT", "INLINE_LIMIT", "About", "Absent", "Codec", "Encoded", "Source"]

T = TypeVar("T")

INLINE_LIMIT: Final = 4096
"""Bytes of JSON up to which a value lives in its record instead of in the store."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A value ready to be recorded: exactly one of `value`, `write` and `path` is set.

    Attributes:
        format: The codec that reads it back.
        type_name: The class, by its public name: ``int``, ``pandas.DataFrame``, ``File``.
        kind: ``data``, ``model``, ``file`` or ``value``.
        value: JSON for the record itself.
        write: Writes the payload to a binary stream that cannot seek.
        path: A local file or directory to copy into the store; with format ``link`` the path
            or URL to record instead.
        schema: Of a frame ``{"columns": [[name, dtype], ...], "rows": n}``, of an array
            ``{"shape": [...], "dtype": ...}``.
        meta: Small JSON that reading needs beside the bytes.
    """

    format: str
    type_name: str
    kind: str
    value: Any = ABSENT
    write: Callable[[BinaryIO], object] | None = None
    path: str | os.PathLike[str] | None = None
    schema: dict[str, Any] | None = None
    meta: dict[str, Any] = field(default_factory=dict)


class Source(Protocol):
    """Where a recorded value is read from; the session implements it over a store."""

    @property
    def value(self) -> Any:
        """The JSON in the record, else `ABSENT`."""
        ...

    def open(self) -> BinaryIO:
        """The payload as a verified stream that can seek."""
        ...

    def path(self) -> Path:
        """The payload as a verified local path, to be read only."""
        ...

    def checkout(self, name: str) -> Path:
        """The payload under a file name made of `name`: a file, or a directory's tree."""
        ...

    def read(self, reader: Callable[[Path], T]) -> T:
        """What `reader` makes of the local path, given only if the bytes are verified."""
        ...


@dataclass(frozen=True, slots=True)
class About:
    """What reading is told beside the bytes.

    Attributes:
        meta: As the codec left it in `Encoded.meta`.
        type_name: As recorded.
        wanted: The name of the type asked for; empty for the value as it was.
        allow_pickle: Whether this one call may run code from the payload.
    """

    meta: Mapping[str, Any] = field(default_factory=dict)
    type_name: str = ""
    wanted: str = ""
    allow_pickle: bool = False


class Codec(ABC):
    """One format. Subclass it, name the format, and `register` an instance.

    ::

        class Graphs(Codec):
            format = "graphml"

            def matches(self, value):
                return type(value) is loaded("networkx.Graph")

            def encode(self, value):
                return Encoded(self.format, "networkx.Graph", "data",
                               write=lambda out: networkx.write_graphml(value, out))

            def decode(self, source, about):
                with source.open() as stream:
                    return networkx.read_graphml(stream)

    Equal values should give equal bytes: the store keeps them once, and a plan that listens
    for changes sees none.
    """

    format: ClassVar[str]
    """The name in records; never used for another layout of bytes again."""

    magic: ClassVar[bytes] = b""
    """How every payload begins; reading refuses one that begins otherwise."""

    @abstractmethod
    def matches(self, value: object) -> bool:
        """Whether this codec takes `value` when no format is asked for; imports nothing."""

    def takes(self, value: object) -> bool:
        """Whether this codec takes `value` when its format is asked for."""
        return self.matches(value)

    @abstractmethod
    def encode(self, value: Any) -> Encoded:
        """Describe how `value` is written; nothing is written yet.

        Raises:
            CodecError: This value cannot be kept; the message names the part that is why.
        """

    @abstractmethod
    def decode(self, source: Source, about: About) -> Any:
        """The value that `source` holds."""

    def frame(self, source: Source, about: About) -> pd.DataFrame:
        """The value as a frame, by the rule of its kind.

        Raises:
            CodecError: Such a value has no frame.
        """
        from .tables import table_of

        return table_of(self.decode(source, about))
