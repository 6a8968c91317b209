"""Copies of a journal's bytes outside it, and how a value goes from them too."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from heirloom.catalog.header import read_header
from heirloom.catalog.place import Home
from heirloom.durable import sync

__all__ = ["Copies"]

_PIECE = 1 << 20


class Copies:
    """What was kept of torn writes, of damage and of replaced journals; and indexes in a cache.

    The journal that a redaction replaces has a second name until its lines are blank: who comes
    after one that was killed in between still finds the file, which others may have open.

    Attributes:
        replaced: The second name.
    """

    def __init__(self, home: Home, needles: tuple[bytes, ...]) -> None:
        """Look for `needles` beside the journal of `home`; its lock is held for what changes."""
        self._home = home
        self._needles = needles
        self.replaced = home.journal.with_name(f"{home.journal.name}.replaced")

    def keep(self) -> None:
        """Give the journal its second name."""
        self._blank_replaced()
        self.replaced.unlink(missing_ok=True)
        with suppress(OSError):  # no links here: only who is killed leaves a file unblanked
            os.link(self._home.journal, self.replaced)

    def let_go(self) -> None:
        """Take the second name away from a journal that stands."""
        if self.replaced.exists() and not self._is_left():
            self.replaced.unlink()

    def holding(self) -> tuple[str, ...]:
        """The files that `blank` would blank; of a replaced journal that is not looked for."""
        beside = [path for path in self._beside() if _blanked(path, self._needles) is not None]
        return tuple(map(str, [*([self.replaced] if self._is_left() else []), *beside]))

    def blank(self) -> tuple[str, ...]:
        """Blank all of a replaced journal, and the needles in every other copy; which it were."""
        found = self.holding()
        self._blank_replaced()
        for path in self._beside():
            text = _blanked(path, self._needles)
            if text is not None:
                _overwrite(path, [text])
        self._forget_indexes()
        return found

    def _is_left(self) -> bool:
        return self.replaced.exists() and not self.replaced.samefile(self._home.journal)

    def _blank_replaced(self) -> None:
        if self._is_left():
            pieces, rest = divmod(self.replaced.stat().st_size, _PIECE)
            _overwrite(self.replaced, (b"\0" * size for size in (*[_PIECE] * pieces, rest)))
            self.replaced.unlink()

    def _forget_indexes(self) -> None:
        """Away with what this user's sessions derived, outside the home, of redacted journals."""
        with self._home.journal.open("rb") as file:
            history = read_header(file.fileno(), self._home.journal).doc.get("history", ())
        for entry in history:
            if entry["what"] == "redact":
                index = self._home.index_elsewhere(entry["journal"])
                for path in index.parent.glob(f"{index.name}*"):
                    path.unlink(missing_ok=True)

    def _beside(self) -> Iterator[Path]:
        for path in sorted(self._home.path.glob(f"{self._home.journal.name}.*")):
            if path.is_file() and path != self.replaced:
                yield path


def _blanked(path: Path, needles: tuple[bytes, ...]) -> bytes | None:
    """The file's bytes without the needles; `None` where it has none of them."""
    text = path.read_bytes()
    blank = text
    for needle in needles:
        blank = blank.replace(needle, b"*" * len(needle))
    return None if blank == text else blank


def _overwrite(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("r+b") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        sync(file.fileno())
