"""Codecs of installed distributions: entry points of the group ``heirloom.codecs``, by format."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from heirloom.errors import CodecError

from .codec import Codec

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["formats_installed", "installed", "installed_for"]


def formats_installed() -> tuple[str, ...]:
    """The formats that installed distributions offer; nothing of theirs is imported."""
    return tuple(_entries())


@cache
def installed(format: str) -> Codec | None:
    """The codec of that format, imported now; `None` where no distribution offers one.

    Raises:
        CodecError: It cannot be imported, or is no codec of that format.
    """
    entry = _entries().get(format)
    if entry is None:
        return None
    try:
        found = entry.load()
        codec = found() if isinstance(found, type) else found
    except Exception as error:
        raise _unusable(entry, f"{type(error).__name__}: {error}") from error
    if not isinstance(codec, Codec) or codec.format != format:
        raise _unusable(entry, f"{entry.value} is no codec of that format")
    return codec


def installed_for(value: object) -> Codec | None:
    """The first that takes a value which no other codec does; all of them are imported."""
    codecs = filter(None, map(installed, _entries()))
    return next((codec for codec in codecs if codec.matches(value)), None)


@cache
def _entries() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in sorted(entry_points(group="heirloom.codecs"))}


def _unusable(entry: EntryPoint, why: str) -> CodecError:
    whose = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an installed distribution"
    return CodecError(f"The codec {entry.name!r} of {whose} cannot be used: {why}.")
