"""Why a value is not plain: passed from the part that is not to the whole."""

from __future__ import annotations

__all__ = ["NotPlain"]


class NotPlain(Exception):
    """The value, or a part of it at `where`, is nothing that JSON can carry; stays in the room."""

    def __init__(self, where: str, what: str) -> None:
        """Say that the part at `where` (empty for the whole) is `what`."""
        super().__init__(where, what)
        self.where = where
        self.what = what

    def inside(self, where: str) -> NotPlain:
        """The same, seen from the container that has the part at `where`."""
        return NotPlain(where + self.where, self.what)
