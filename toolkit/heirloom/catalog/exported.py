"""An export as it is read: one document at a time, from a file that nobody vouches for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from heirloom.catalog.export import ABOUT, EXPORT_FORMAT
from heirloom.catalog.limits import MAX_RECORD
from heirloom.errors import CatalogError, CatalogUnavailable, FormatTooNew

__all__ = ["Exported", "refused"]

_CHUNK = 1 << 20
_BLANK = " \t\r\n"


def refused(path: Path, why: str) -> CatalogError:
    """The error of an export that is not taken."""
    return CatalogError(f"{path} {why}; nothing was imported.", path=str(path))


class Exported:
    """Iterates over table, id and document of an export, in the order of the file.

    Any JSON of TinyDB's form will do, however it is laid out; memory holds one document.
    """

    def __init__(self, path: Path) -> None:
        """Read the export at `path` when it is iterated over."""
        self.path = path
        self._text = ""
        self._at = 0
        self._in: IO[str]
        self._decode = json.JSONDecoder(parse_constant=_no_number).raw_decode

    def __iter__(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """Every document.

        Raises:
            CatalogError: It is no export, cut off, or holds what no catalog does.
            CatalogUnavailable: It cannot be read.
            FormatTooNew: A later Heirloom wrote it.
        """
        try:
            with self.path.open(encoding="utf-8") as self._in:
                self._text, self._at = "", 0
                yield from self._documents()
        except OSError as error:
            msg = f"The export cannot be read: {error.strerror} ({self.path})."
            raise CatalogUnavailable(msg, path=str(self.path)) from error
        except UnicodeError as error:
            raise self._none() from error

    def _documents(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        self._take("{")
        seen: set[str] = set()
        for table in self._keys():
            self._check_first(table, first=not seen)
            if table in seen:
                raise refused(self.path, f"has the table {table!r:.80} twice")
            seen.add(table)
            self._take("{")
            for key in self._keys():
                doc = self._value()
                if table == ABOUT:
                    self._check_format(doc)
                else:
                    yield table, self._id(table, key), self._document(table, key, doc)
        if ABOUT not in seen or self._peek():
            raise self._none()

    def _keys(self) -> Iterator[str]:
        """Each key of the object that was just begun; its value is for the caller to take."""
        if self._peek() == "}":
            self._take("}")
            return
        while True:
            key = self._value()
            if not isinstance(key, str):
                raise self._none()
            self._take(":")
            yield key
            if self._peek() != ",":
                self._take("}")
                return
            self._take(",")

    # ------------------------------------------------------------------ what is there

    def _check_first(self, table: str, *, first: bool) -> None:
        if first != (table == ABOUT):
            raise self._none()

    def _check_format(self, doc: Any) -> None:
        found = doc.get("format") if isinstance(doc, dict) else None
        if type(found) is not int:
            raise self._none()
        if found > EXPORT_FORMAT:
            msg = (
                f"The export {self.path} has format {found}; this Heirloom reads up to "
                f"{EXPORT_FORMAT}. Install a newer one."
            )
            raise FormatTooNew(msg, path=str(self.path))

    def _id(self, table: str, key: str) -> int:
        if key.isascii() and key.isdecimal() and len(key) < 16 and int(key) > 0:
            return int(key)
        raise refused(self.path, f"has the id {key!r:.40} in {table!r:.80}, which is no number")

    def _document(self, table: str, key: str, doc: Any) -> dict[str, Any]:
        if isinstance(doc, dict):
            return doc
        raise refused(self.path, f"has in {table!r:.80} under {key} what is no document")

    # ------------------------------------------------------------------ text

    def _peek(self) -> str:
        """The next sign that is no blank; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANK:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._none()
        self._at += 1

    def _value(self) -> Any:
        """The next JSON value, read on until it is whole."""
        self._peek()
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except RecursionError as error:
                raise refused(self.path, "nests too deep") from error
            except _NoNumberError as error:
                raise refused(self.path, "holds NaN or an infinity") from error
            except ValueError as error:
                if len(self._text) - self._at > 4 * MAX_RECORD:
                    msg = f"holds a record over {MAX_RECORD:,} bytes, or is no export"
                    raise refused(self.path, msg) from error
                if not self._more():
                    raise self._none() from error
            else:
                self._at = end
                return value

    def _more(self) -> bool:
        chunk = self._in.read(_CHUNK)
        self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)

    def _none(self) -> CatalogError:
        return refused(self.path, "is no export of Heirloom, or is cut off")


class _NoNumberError(Exception):
    pass


def _no_number(text: str) -> Any:
    raise _NoNumberError(text)
