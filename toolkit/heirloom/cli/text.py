"""Text for a terminal: tables, and nothing in them that would move it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

__all__ = ["block", "facts", "in_terminal", "last_line", "line", "table", "when"]

# Other formatting signs (joiners, say) belong to words; these reorder what stands around them.
_REORDERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_COMMANDS = {"%artifacts": "heirloom search", "%trigger": "heirloom plans"}
_BREAKS = frozenset("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def block(value: object) -> str:
    """`value` as text of several lines; control characters are left out."""
    return "\n".join(map(_shown, str(value).replace("\t", "    ").splitlines()))


def line(value: object) -> str:
    """`value` as text of one line; control characters are left out."""
    return _shown("".join(" " if char in _BREAKS else char for char in str(value)))


def in_terminal(text: str) -> str:
    """What an error says to do next, in the words of the command line."""
    for magic, command in _COMMANDS.items():
        text = text.replace(magic, command)
    return text


def _shown(text: str) -> str:
    return "".join(char for char in text if _harmless(char))


def _harmless(char: str) -> bool:
    return char not in _REORDERS and unicodedata.category(char) not in {"Cc", "Cs"}


def table(rows: Iterable[Sequence[object]], headers: Sequence[str], nothing: str) -> str:
    """Rows under headers, in columns; `nothing` where there are none."""
    cells = [[line(cell) for cell in row] for row in rows]
    if not cells:
        return nothing
    whole = [list(headers), *cells]
    widths = [max(len(row[at]) for row in whole) for at in range(len(headers))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in whole
    )


def facts(pairs: Mapping[str, object]) -> str:
    """Names and values in two columns; empty values are left out."""
    kept = {name: line(value) for name, value in pairs.items() if value not in ("", None)}
    width = max(map(len, kept), default=0)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in kept.items())


def when(time: datetime | None) -> str:
    """A time to the second, in UTC; empty for `None`."""
    return f"{time:%Y-%m-%d %H:%M:%S}" if time else ""


def last_line(text: str | None) -> str:
    """The line that says it of an error; empty where there is none."""
    return text.strip().splitlines()[-1] if text and text.strip() else ""
