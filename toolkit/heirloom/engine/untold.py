"""The source that records refer to by its digest: a session tells each once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from heirloom.engine.anchors import text_digest, text_doc
from heirloom.engine.source_secrets import warn_of_secrets

__all__ = ["NO_CODES", "Codes", "Untold"]

Codes: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Source closures, and texts of cells, by their digests."""

NO_CODES: Codes = {}


@dataclass(slots=True)
class Untold:
    """What a session has yet to record of the source that it runs."""

    _told: set[str] = field(default_factory=set)

    def of(self, target: Any) -> Codes:
        """The source closure of a target; nothing where this session has recorded it already.

        A line of it that looks as if it had a secret is warned of: source is recorded as it is.
        """
        closure = target.closure
        if closure.digest in self._told:
            return NO_CODES
        warn_of_secrets(closure.text, f"{closure.kind} {closure.name!r}")
        return {closure.digest: closure.to_doc()}

    def of_text(self, text: str) -> Codes:
        """The text of a cell as it was written, by its digest; in the same way."""
        digest = text_digest(text)
        if digest in self._told:
            return NO_CODES
        warn_of_secrets(text, "the cell")
        return {digest: text_doc(text)}

    def told(self, codes: Codes) -> None:
        """Know that these are recorded."""
        self._told.update(codes)
