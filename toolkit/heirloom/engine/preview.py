"""What versions would start, as people see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from heirloom import render
from heirloom.codecs.needs import need

__all__ = ["Preview", "PreviewRow"]

_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """What would become of one event at one plan.

    Attributes:
        refs: Full refs of the versions, those that are yet to come included; several that were
            joined.
        event: The same for people, with their partition values.
        state: One of the ledger's; ``queued`` where it would start a run.
        then: What that run would bring about in turn.
    """

    plan: str
    plan_version: int
    refs: tuple[str, ...]
    event: str
    state: str
    reason: str
    then: tuple[PreviewRow, ...] = ()

    def __repr__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return f"<{self.event} at {self.plan} v{self.plan_version}: {self.state}{reason}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be started, and what not and why. Nothing of it was written.

    Attributes:
        of: What it is imagined to come of, in words.
        rows: By the order of the events; each with what it would start in turn.
        note: What else is to be known, in words; mostly empty.
    """

    of: str
    rows: tuple[PreviewRow, ...]
    note: str = ""

    def __iter__(self) -> Iterator[PreviewRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def starts(self) -> tuple[str, ...]:
        """The plans that would be started, in turn or at once, each once."""
        return tuple(dict.fromkeys(row.plan for _, row in self.walk() if row.state == "queued"))

    def walk(self) -> Iterator[tuple[int, PreviewRow]]:
        """Every row, below the one that brings it about, with how deep it is, from 0."""
        ahead = [(0, row) for row in reversed(self.rows)]
        while ahead:
            depth, row = ahead.pop()
            yield depth, row
            ahead += [(depth + 1, each) for each in reversed(row.then)]

    def table(self) -> list[tuple[str, str, str, str]]:
        """Plan (behind an arrow for each step in turn), event, state and reason."""
        return [
            (f"{'→ ' * depth}{row.plan} v{row.plan_version}", row.event, row.state, row.reason)
            for depth, row in self.walk()
        ]

    def to_frame(self) -> Any:
        """Every row as a pandas DataFrame; `depth` is 0 for what comes of the event itself.

        Raises:
            MissingExtra: pandas is not installed.
        """
        pandas = need("pandas", "frames", "A frame")
        names = ("plan", "plan_version", "event", "state", "reason")
        rows = [
            {"depth": depth, **{name: getattr(row, name) for name in names}}
            for depth, row in self.walk()
        ]
        return pandas.DataFrame(rows, columns=["depth", *names])

    def __repr__(self) -> str:
        states = Counter(row.state for row in self.rows)
        told = ", ".join(f"{n} {state}" for state, n in states.items()) or "nothing listens"
        more = sum(depth > 0 and row.state == "queued" for depth, row in self.walk())
        turn = f", {more} more in turn" if more else ""
        note = f" — {self.note}" if self.note else ""
        return f"<preview of {self.of}: {told}{turn}{note}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        rows, headers = self.table(), ("plan", "event", "state", "why")
        left = len(rows) - _SHOWN
        more = [f"and {left} more: .to_frame() has all"] if left > 0 else []
        lines = ["  ".join(filter(None, row)) for row in rows[:_SHOWN]]
        cells = [(*row[:2], render.badge(row[2]), row[3]) for row in rows[:_SHOWN]]
        table = render.table(cells, headers) if cells else ""
        html = render.frame(repr(self).strip("<>"), table, *map(render.escape, more))
        return {"text/plain": "\n".join([repr(self), *lines, *more]), "text/html": html}
