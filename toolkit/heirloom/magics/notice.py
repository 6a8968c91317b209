"""The line under an emitting cell: what was recorded, read, and set going."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heirloom import render
from heirloom.records.versions import ArtifactVersion
from heirloom.session import Session

__all__ = ["Notice", "label"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One line, in text and in HTML; what nothing runs stands in amber."""

    parts: tuple[str, ...]
    amber: str = ""

    @classmethod
    def of(
        cls, session: Session, version: ArtifactVersion, reads: Sequence[str], also: str = ""
    ) -> Notice:
        """The line on a version that was just recorded, from the items in `reads`."""
        parts = [f"{label(version)} {version.type_name}{_shape(version)}"]
        if reads:
            parts.append(f"read {', '.join(_short(item) for item in reads)}")
        rows = session.ledger(ref=version.ref)
        queued = [row.plan for row in rows if row.state == "queued"]
        parts += [f"started {', '.join(queued)}"] if queued else []
        parts += [f"{row.plan}: {row.state} ({row.reason})" for row in rows if row.reason]
        parts += [also] if also else []
        idle = queued and not session.reactor.status().running
        return cls(tuple(parts), _IDLE if idle else "")

    def __repr__(self) -> str:
        return " · ".join(filter(None, (*self.parts, self.amber)))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": render.line_html(self.parts, self.amber)}


_IDLE = "nothing runs it: %reactor start, or hl.settle()"


def label(version: ArtifactVersion) -> str:
    """A version as people write it: ``sales[region=emea]@3``."""
    inside = ",".join(f"{key}={value}" for key, value in version.conditions.items())
    where = f"[{inside}]" if inside else ""
    return f"{version.name}{where}@{version.version}"


def _short(item: str) -> str:
    return item.rpartition("/")[2] if "://" in item else "a value"


def _shape(version: ArtifactVersion) -> str:
    schema = version.schema or {}
    if "rows" in schema:
        return f" {schema['rows']:,} rows".replace(",", " ")
    return f" {' x '.join(map(str, schema['shape']))}" if "shape" in schema else ""
