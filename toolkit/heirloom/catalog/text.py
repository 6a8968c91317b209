"""The casefolded text of a version that the bare words of a search look in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from heirloom.records.names import fold
from heirloom.records.payloads import ABSENT
from heirloom.records.versions import ArtifactVersion

__all__ = ["own_text", "searchable"]

_LONGEST_VALUE = 4096


def searchable(version: ArtifactVersion, described: str, producer: str) -> str:
    """All of it: the version's own text, then the description of its name, a line each.

    Args:
        version: With its present card and notes.
        described: The description in the newest declaration of its name.
        producer: The name of the execution that made it.
    """
    return f"{own_text(version, producer)}\n{fold(described)}"


def own_text(version: ArtifactVersion, producer: str) -> str:
    """What does not change when the name is declared anew."""
    card = version.card.text if version.card else ""
    parts = (
        version.name,
        *version.conditions.values(),
        card,
        *version.notes,
        producer,
        version.type_name,
        *_value(version.payload.value),
    )
    return fold("\n".join(parts))


def _value(value: Any) -> Iterable[str]:
    if value is ABSENT:
        return ()
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return (text[:_LONGEST_VALUE],)
