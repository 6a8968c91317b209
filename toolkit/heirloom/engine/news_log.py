"""News as lines of JSON, in a file that never grows beyond its bounds."""

from __future__ import annotations

import json
import logging
import os
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from heirloom.errors import CatalogUnavailable, InputError
from heirloom.flock import FLOCK
from heirloom.records.news import News
from heirloom.rights import create, make_directory

__all__ = ["KEPT", "SIZE", "NewsLog", "to_stdout"]

SIZE = 10_000_000
"""Bytes of a file before the next is begun."""
KEPT = 5
"""How many full ones are kept beside it."""


def to_stdout(news: News) -> None:
    """Write it as a line on standard output."""
    sys.stdout.write(_line(news) + "\n")
    sys.stdout.flush()


def _line(news: News) -> str:
    return json.dumps(news.to_dict(), ensure_ascii=False)


class NewsLog:
    """Writes each of the news it is called with as a line of ``PATH``.

    When that is full it becomes ``PATH.1``, that ``PATH.2``, and so on. One process writes a
    file at a time: it holds ``PATH.lock``.
    """

    def __init__(self, path: Path, size: int = SIZE, kept: int = KEPT) -> None:
        """Open the file, its directory made if it is not there.

        Raises:
            InputError: Another process writes it.
            CatalogUnavailable: It cannot be written.
        """
        self.path = path
        try:
            make_directory(path.parent)
            self._lock = create(path.with_name(f"{path.name}.lock"), os.O_RDWR)
            if not FLOCK.take(self._lock):
                os.close(self._lock)
                msg = f"{path} is written by another process: give this one a log of its own."
                raise InputError(msg, name="log", given=str(path))
            try:
                self._file = _File(path, maxBytes=size, backupCount=kept, encoding="utf-8")
            except BaseException:
                os.close(self._lock)  # else this process holds it against itself
                raise
        except OSError as error:
            msg = f"{path} cannot be written: {error.strerror or error}."
            raise CatalogUnavailable(msg, path=str(path)) from error

    def __call__(self, news: News) -> None:
        """Write it."""
        self._file.handle(logging.makeLogRecord({"msg": _line(news)}))

    def close(self) -> None:
        """Let others write it."""
        self._file.close()
        os.close(self._lock)

    def __repr__(self) -> str:
        return f"<log {self.path}>"


class _File(RotatingFileHandler):
    """As private as the home's files; an error is the caller's to know."""

    def _open(self) -> TextIOWrapper:
        handle = create(Path(self.baseFilename), os.O_WRONLY | os.O_APPEND)
        return TextIOWrapper(os.fdopen(handle, "ab"), encoding=self.encoding)

    def handleError(self, record: logging.LogRecord) -> None:
        raise
