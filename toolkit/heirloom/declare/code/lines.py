"""The lines of Python text, as Python itself counts them."""

from __future__ import annotations

import io

__all__ = ["BLANK", "lines_of", "margin"]

BLANK = " \t\f"
"""What Python takes for indentation; `str.strip` takes more."""


def lines_of(text: str) -> list[str]:
    r"""The lines that the numbers of `ast`, of code and of `linecache` mean, each with its end.

    Only ``\n``, ``\r\n`` and ``\r`` end one: `str.splitlines` also cuts at form feeds and at
    separators of Unicode, which may stand in a string or a comment.
    """
    return io.StringIO(text, newline="").readlines()


def margin(line: str) -> int:
    """Where the indentation of a line begins: a form feed sets Python's column back to 0."""
    blank = len(line) - len(line.lstrip(BLANK))
    return line.rfind("\f", 0, blank) + 1
