"""Why a version is as it is: what made it, beside the version before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heirloom import render
from heirloom.ancestry.difference import Diff
from heirloom.records.executions import Execution
from heirloom.records.versions import ArtifactVersion

__all__ = ["Why"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Why:
    """What made a version, and how that differs from what made the one before it.

    Attributes:
        producer: The execution that made it; `None` where the catalog has none.
        given: What that was given or read, by name, in words.
        before: The newest live version before it with the same partition values; of one with a
            time partition where its time has none, with the same others. `None` for a first one.
        diff: From `before` to it; `None` where there is none before it.
    """

    version: ArtifactVersion
    producer: Execution | None
    given: tuple[tuple[str, str], ...] = ()
    before: ArtifactVersion | None = None
    diff: Diff | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """What differs of what went into it, one line each; never empty."""
        if self.diff is None:
            return ("it is the first of its partition values",)
        found = [str(change) for change in (*self.diff.inputs, *self.diff.packages)]
        if self.diff.code:
            found.append(f"the code changed ({_counted(self.diff.code)} lines)")
        if not found:
            found.append("nothing that is recorded of what went into it differs")
        if self.version.digest and self.version.digest == self.diff.a.digest:
            found.append("its content is equal")
        return tuple(found)

    @property
    def title(self) -> str:
        """The version, what made it, and beside which one it is seen."""
        made = self.producer
        by = f" by {made.kind} {made.name}" if made is not None else ""
        plan = f", started by {made.plan}" if made is not None and made.plan else ""
        beside = f", beside {self.before.label}" if self.before is not None else ""
        return f"{self.version.label}{by}{plan}{beside}"

    def __repr__(self) -> str:
        return f"<why {self.title}: {'; '.join(self.reasons)}>"

    def to_text(self) -> str:
        """The reasons, what it was given, and the whole difference."""
        lines = [self.title, *(f"  {reason}" for reason in self.reasons)]
        if self.given:
            lines += ["given", *(f"  {name}: {words}" for name, words in self.given)]
        if self.diff is not None:
            lines += self.diff.lines()
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        reasons = render.bullets(self.reasons)
        given = [render.section("Given", render.facts(dict(self.given)))] if self.given else []
        diff = [] if self.diff is None else [render.details("Difference", *self.diff.sections())]
        html = render.frame(self.title, reasons, *given, *diff)
        return {"text/plain": self.to_text(), "text/html": html}


def _counted(diff: str) -> str:
    """The lines that a unified diff takes in and out, counted."""
    body = diff.splitlines()[2:]
    added = sum(line.startswith("+") for line in body)
    gone = sum(line.startswith("-") for line in body)
    return f"+{added} -{gone}"
