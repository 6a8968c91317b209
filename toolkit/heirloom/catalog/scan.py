"""Reads whole transactions out of a stretch of the journal and says where it had to stop."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from heirloom.catalog.line import LONGEST, BadLine, Line, Place, expected_head, parse

__all__ = ["Scan", "Stop"]

_CHUNK = 4 << 20


@dataclass(frozen=True, slots=True)
class Stop:
    """What stands behind the last whole transaction.

    Attributes:
        at: The byte where it begins.
        bad_at: The first byte that is no part of an intact line.
        kind: ``open`` (intact lines of an unfinished transaction, then perhaps the
            beginning of a line), ``whole`` (all of a transaction but its last line feed)
            or ``bad`` (anything else).
        reason: In words.
    """

    at: int
    bad_at: int
    kind: str
    reason: str


class Scan:
    """Iterates over transactions from `place` on; afterwards `place` and `stop` are set.

    Attributes:
        place: The point behind the last whole transaction.
        stop: What stands there, or `None` where that is the end.
    """

    def __init__(self, handle: int, place: Place, end: int | None = None) -> None:
        """Read from `place`, up to byte `end` or the end of the file."""
        self._handle = handle
        self._end = end
        self.place = place
        self.stop: Stop | None = None

    def __iter__(self) -> Iterator[list[Line]]:
        here, pending, carry = self.place, list[Line](), b""
        for chunk in self._chunks(here.at):
            buffer, start = carry + chunk, 0
            while (feed := buffer.find(b"\n", start)) >= 0:
                raw = buffer[start : feed + 1]
                try:
                    line = parse(raw, here, here.at)
                    _check_counts(line, pending)
                except BadLine as error:
                    self.stop = Stop(self.place.at, here.at, "bad", str(error))
                    return
                pending.append(line)
                here, start = line.end, feed + 1
                if line.left == 0:
                    self.place = here
                    yield pending
                    pending = []
            carry = buffer[start:]
            if len(carry) > LONGEST:
                break
        if pending or carry:
            self.stop = _rest(self.place.at, here, pending, carry)

    def _chunks(self, at: int) -> Iterator[bytes]:
        while True:
            room = _CHUNK if self._end is None else min(_CHUNK, self._end - at)
            chunk = os.pread(self._handle, room, at) if room > 0 else b""
            if not chunk:
                return
            at += len(chunk)
            yield chunk


def _check_counts(line: Line, pending: list[Line]) -> None:
    left = pending[-1].left - 1 if pending else line.left
    if (line.left, line.before) != (left, len(pending)):
        msg = "a transaction's lines do not count on"
        raise BadLine(msg)


def _rest(at: int, here: Place, pending: list[Line], carry: bytes) -> Stop:
    """What an unterminated end is: a write that was cut off, or damage."""
    if not carry:
        return Stop(at, here.at, "open", "a transaction is not finished")
    last = _as_line(carry + b"\n", here)
    if last is not None:
        kind = "whole" if last.left == 0 else "open"
        return Stop(at, here.at, kind, "only a line feed is missing")
    if _as_line(carry[:-1] + b"\n", here) is not None:
        return Stop(at, here.at, "bad", "a line feed has become another byte")
    if _begins_line(carry, here):
        return Stop(at, here.at, "open", "a line is not finished")
    return Stop(at, here.at, "bad", "bytes that begin no line")


def _as_line(raw: bytes, here: Place) -> Line | None:
    try:
        return parse(raw, here, here.at)
    except BadLine:
        return None


def _begins_line(carry: bytes, here: Place) -> bool:
    """Whether `carry` is how the line that belongs here may begin, as far as it goes."""
    opening, following = expected_head(here)
    slot = carry[len(opening) : len(opening) + 8]
    behind = carry[len(opening) + 8 : len(opening) + 8 + len(following)]
    return (
        opening.startswith(carry[: len(opening)])
        and all(sign in b"0123456789abcdef" for sign in slot)
        and following.startswith(behind)
        and min(carry) >= 0x20
        and len(carry) <= LONGEST
    )
