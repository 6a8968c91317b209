"""What a verb answers: a document for programs, a text for people, an exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Answer"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        document: JSON values, printed with ``--json``.
        text: Lines for people, without what would move a terminal.
        code: 0, or 1 where something that was run did not go well.
    """

    document: Any
    text: str
    code: int = 0
