"""The line under an emitting cell: what was recorded, read, and set going."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heirloom import render
from heirloom.records.ledger import LedgerRow
from heirloom.records.versions import ArtifactVersion
from heirloom.session import Session

__all__ = ["Notice"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One line, in text and in HTML; what nothing runs stands in amber.

    In HTML the line opens what the panel's overview says of the `version`: text in the
    notebook, so that it opens in a saved copy as well, and costs no widget.
    """

    version: ArtifactVersion
    parts: tuple[str, ...]
    amber: str = ""

    @classmethod
    def of(
        cls, session: Session, version: ArtifactVersion, reads: Sequence[str], also: str = ""
    ) -> Notice:
        """The line on a version that was just recorded, from the items in `reads`."""
        parts = [_told(version)]
        if reads:
            parts.append(f"read {', '.join(_short(item) for item in reads)}")
        if version.partial:
            parts.append(f"provenance partial: no cell bound {', '.join(version.partial)}")
        if (cell := session.anchor(version)) is not None and cell.behind:
            parts.append(f"edited and not run: {', '.join(cell.behind)}")
        rows = session.ledger(ref=version.ref)
        queued = [_started(row) for row in rows if row.state == "queued"]
        others = [row for row in rows if row.state != "queued"]
        parts += [f"started {', '.join(queued)}"] if queued else []
        parts += [f"{row.plan}: {row.state} ({row.reason})" for row in others if row.reason]
        parts += [also] if also else []
        idle = queued and not session.reactor.runs_anywhere()
        return cls(version, tuple(parts), _IDLE if idle else "")

    @classmethod
    def cached(cls, version: ArtifactVersion, unbound: Sequence[str], also: str = "") -> Notice:
        """The line on a version that an equal cell made before.

        Args:
            version: What is reused.
            unbound: The names that the cell binds where it runs, and that nothing has bound.
            also: What else was done.
        """
        parts = (_told(version), "cached: the cell did not run", *([also] if also else []))
        names = ", ".join(unbound)
        return cls(version, parts, f"not bound: {names}" if names else "")

    @classmethod
    def pulled(cls, version: ArtifactVersion, name: str) -> Notice:
        """The line on a version whose value a name was bound to."""
        return cls(version, (_told(version), f"bound to {name}"))

    def __repr__(self) -> str:
        return " · ".join(filter(None, (*self.parts, self.amber)))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        html = render.line_html(self.parts, self.amber, _opened(self.version))
        return {"text/plain": repr(self), "text/html": html}


_IDLE = "nothing runs it: %reactor start, or hl.settle()"


def _opened(version: ArtifactVersion) -> render.Html:
    """What the line opens: the version as it was recorded, and what shows more of it."""
    lines = (f"%artifact {version.ref}", f"%lineage {version.ref}")
    overview = render.Html(version._repr_mimebundle_()["text/html"])
    return render.join((overview, render.section("More of it", render.code("\n".join(lines)))))


def _started(row: LedgerRow) -> str:
    return f"{row.plan} {row.reason}".strip()


def _short(item: str) -> str:
    return render.within_project(item) if "://" in item else "a value"


def _told(version: ArtifactVersion) -> str:
    return f"{version.label} {version.type_name}{_shape(version)}"


def _shape(version: ArtifactVersion) -> str:
    schema = version.schema or {}
    if "rows" in schema:
        return f" {render.counted(schema['rows'], 'row')}".replace(",", " ")
    return f" {' x '.join(map(str, schema['shape']))}" if "shape" in schema else ""
