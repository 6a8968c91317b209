"""The casefolded text of a version that the bare words of a search look in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from heirloom.records.names import fold
from heirloom.records.payloads import ABSENT
from heirloom.records.versions import ArtifactVersion

__all__ = ["free_text", "searchable"]

_LONGEST_VALUE = 4096


def searchable(version: ArtifactVersion, described: str, producer: str) -> str:
    """All of it, a line each.

    Args:
        version: With its present card and notes.
        described: The description in the newest declaration of its name.
        producer: The name of the execution that made it.
    """
    said = (version.name, *version.conditions.values(), producer, version.type_name, described)
    return "\n".join((free_text(version), *map(fold, said)))


def free_text(version: ArtifactVersion) -> str:
    """What was written of just this version: its card, its notes, its value."""
    card = (version.card.text,) if version.card else ()
    return fold("\n".join((*card, *version.notes, *_value(version.payload.value))))


def _value(value: Any) -> Iterable[str]:
    if value is ABSENT:
        return ()
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return (text[:_LONGEST_VALUE],)
