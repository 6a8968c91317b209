"""The intact stretches of a damaged journal, and what lies between them."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from heirloom.catalog.line import OPENING, BadLine, Line, Place, parse
from heirloom.catalog.scan import Scan

__all__ = ["Damage", "Fragments"]


class Damage(NamedTuple):
    """Bytes `at` to `end` that are no whole transaction, and how many lines are gone there."""

    at: int
    end: int
    why: str
    lines: int


class Fragments:
    """Finds transactions again behind damage: each line says whether it begins one.

    Attributes:
        damage: What was found on the way, once the transactions were gone through.
        end: The point behind the last intact transaction, as it counted.
    """

    def __init__(self, handle: int, begin: Place) -> None:
        """Look through an open file from `begin` on; the caller holds the lock."""
        self._handle = handle
        self._begin = begin
        empty = not os.fstat(handle).st_size  # which cannot be mapped
        self._bytes: Any = b"" if empty else mmap.mmap(handle, 0, prot=mmap.PROT_READ)
        self.damage: list[Damage] = []
        self.end = begin

    def __iter__(self) -> Iterator[list[Line]]:
        self.damage = []
        self.end = self._begin
        while True:
            scan = Scan(self._handle, self.end)
            yield from scan
            self.end = scan.place
            if scan.stop is None:
                return
            if scan.stop.kind == "whole" and (last := self._unended(scan.place)):
                yield last
                self.end = last[-1].end
                return
            found = self._next(scan.stop.bad_at)
            behind = found.at if found else len(self._bytes)
            counted = found is not None and self.end.at > 0
            lines = found.n - self.end.n if found and counted else self._feeds(behind)
            self.damage.append(Damage(self.end.at, behind, scan.stop.reason, lines))
            if found is None:
                return
            self.end = found

    def _next(self, at: int) -> Place | None:
        """Where the next transaction begins that was written after the last intact one."""
        while (at := self._bytes.find(OPENING, at)) >= 0:
            line = self._line(at)
            if line is not None and line.before == 0 and line.op != "h":
                place = line.start
                fits = line.n > self.end.n or place.chain == self.end.chain
                if fits and next(iter(Scan(self._handle, place)), None) is not None:
                    return place
            at += 1
        return None

    def _line(self, at: int) -> Line | None:
        feed = self._bytes.find(b"\n", at)
        raw = self._bytes[at : feed + 1] if feed >= 0 else b""
        try:
            line = parse(raw, None, at)
            line.copy()  # what a document quotes is no line: it has a bracket too many
        except (BadLine, orjson.JSONDecodeError):
            return None
        return line

    def _unended(self, place: Place) -> list[Line]:
        """The last transaction, of which only the last line feed is gone."""
        lines = list[Line]()
        for raw in self._bytes[place.at :].split(b"\n"):
            lines.append(parse(raw + b"\n", place, place.at))
            place = lines[-1].end
        return lines

    def _feeds(self, end: int) -> int:
        """Lines that may have stood up to there: one in each part."""
        text = self._bytes[self.end.at : end]
        return int(text.count(b"\n") + (not text.endswith(b"\n")))

    def read(self, damage: Damage) -> bytes:
        """The bytes of a damaged stretch."""
        return bytes(self._bytes[damage.at : damage.end])

    def lines_in(self, damage: Damage) -> Iterator[Line]:
        """Intact lines in a damaged stretch: of transactions that are not whole."""
        at = damage.at
        while 0 <= (at := self._bytes.find(OPENING, at)) < damage.end:
            line = self._line(at)
            if line is not None:
                yield line
            at += 1

    def close(self) -> None:
        """Give the memory back."""
        self._bytes = b""
