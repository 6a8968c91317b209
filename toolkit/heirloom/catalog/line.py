r"""One line of the journal: an operation on one document, checksummed and chained.

::

    {"c":"8 hex","p":"8 hex","n":7,"x":0,"s":1,"o":"i","t":"versions","k":3,"d":{...}}\n

``c`` is the CRC-32 of all that follows its slot, ``p`` the ``c`` of the line before, ``n``
the line's number, ``x`` how many lines of its transaction follow, ``s`` the schema, ``t`` the
table, ``k`` the document's id, ``d`` the document and ``o`` the operation: ``h`` header,
``i`` insert, ``u`` update, ``r`` remove, ``c`` clear, ``x`` drop, ``t`` touch (an empty table
is there).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

__all__ = [
    "FORMAT",
    "OPS",
    "START",
    "BadLine",
    "Line",
    "Place",
    "expected_head",
    "follows",
    "frame",
    "parse",
]

FORMAT = 1
SCHEMA = 1
OPS = frozenset("hiurcxt")
"""Header, insert, update, remove, clear, drop, touch (an empty table is there)."""

_OPEN = b'{"c":"'
_SLOT = len(_OPEN) + 8
_NO_CHAIN = b"00000000"
_HEAD = re.compile(
    rb'\{"c":"[0-9a-f]{8}","p":"([0-9a-f]{8})","n":(\d+),"x":(\d+),"s":\d+,"o":"([a-z])",'
    rb'"t":("(?:[^"\\]|\\.)*")(?:,"k":(\d+))?(?:,"d":|(?=\}\n\Z))'
)


class BadLine(Exception):
    """Bytes that are no line, or not the line that belongs here."""


class Place(NamedTuple):
    """A point between two transactions: the byte, the next line's number, the chain."""

    at: int
    n: int
    chain: bytes


START = Place(0, 0, _NO_CHAIN)


class Line:
    """A verified line; its document is parsed when it is first asked for."""

    __slots__ = ("_doc", "_doc_at", "at", "id", "left", "n", "op", "raw", "table")

    def __init__(
        self,
        raw: bytes,
        at: int,
        n: int,
        left: int,
        op: str,
        table: str,
        id: int,
        doc_at: int,
    ) -> None:
        self.raw = raw
        self.at = at
        self.n = n
        self.left = left
        self.op = op
        self.table = table
        self.id = id
        self._doc_at = doc_at
        self._doc: Mapping[str, Any] | None = None

    @property
    def doc(self) -> Mapping[str, Any]:
        """The document, as the line keeps it; empty where the operation carries none."""
        if self._doc is None:
            self._doc = self.copy()
        return self._doc

    def copy(self) -> dict[str, Any]:
        """The document, the caller's own."""
        text = memoryview(self.raw)[self._doc_at : -2]
        found: dict[str, Any] = orjson.loads(text) if text else {}
        return found

    @property
    def size(self) -> int:
        """Bytes, the line feed included."""
        return len(self.raw)

    @property
    def chain(self) -> bytes:
        """The checksum that the next line names."""
        return self.raw[len(_OPEN) : _SLOT]

    @property
    def end(self) -> Place:
        """The point behind it."""
        return Place(self.at + len(self.raw), self.n + 1, self.chain)


def frame(place: Place, left: int, op: str, table: str, id: int | None, doc: bytes | None) -> Line:
    """The line that stands at `place`; `doc` is the document as JSON."""
    head = b'","p":"%b","n":%d,"x":%d,"s":%d,"o":"%b","t":%b' % (
        place.chain,
        place.n,
        left,
        SCHEMA,
        op.encode(),
        orjson.dumps(table),
    )
    if id is not None:
        head += b',"k":%d' % id
    if doc is not None:
        head += b',"d":'
    rest = b"%b%b}" % (head, doc or b"")
    raw = b"%b%08x%b\n" % (_OPEN, zlib.crc32(rest), rest)
    return Line(raw, place.at, place.n, left, op, table, id or 0, _SLOT + len(head))


def expected_head(place: Place) -> tuple[bytes, bytes]:
    """What a line at `place` begins with, before and behind its checksum."""
    return _OPEN, b'","p":"%b","n":%d,"x":' % (place.chain, place.n)


def follows(line: Line, place: Place) -> bool:
    """Whether `line` is the one that stands at `place`."""
    chain = line.raw[_SLOT + 7 : _SLOT + 15]
    return (line.at, line.n, chain) == place


def parse(raw: bytes, place: Place | None, at: int) -> Line:
    """The line that `raw` is; with a `place`, only if it is the one that belongs there.

    Raises:
        BadLine: It is not.
    """
    if raw[: len(_OPEN)] != _OPEN or raw[-2:] != b"}\n":
        msg = "no line of a journal"
        raise BadLine(msg)
    if b"%08x" % zlib.crc32(memoryview(raw)[_SLOT:-1]) != raw[len(_OPEN) : _SLOT]:
        msg = "the checksum does not fit"
        raise BadLine(msg)
    if place is not None and raw[_SLOT + 7 : _SLOT + 15] != place.chain:
        msg = "it does not follow the line before it"
        raise BadLine(msg)
    head = _HEAD.match(raw)
    if head is None:
        msg = "its head is no head of a line"
        raise BadLine(msg)
    _, n, left, op, table, id = head.groups()
    if place is not None and int(n) != place.n:
        msg = f"line {int(n)} stands where line {place.n} belongs"
        raise BadLine(msg)
    name = orjson.loads(table)
    return Line(raw, at, int(n), int(left), op.decode(), name, int(id or 0), head.end())
