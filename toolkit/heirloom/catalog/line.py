r"""One line of the journal: an operation on one document, checksummed and chained.

::

    {"c":"8 hex","p":"8 hex","n":7,"x":0,"y":0,"s":1,"o":"i","t":"versions","k":3,"d":{...}}\n

``c`` is the CRC-32 of all that follows its slot, ``p`` the ``c`` of the line before, ``n``
the line's number, ``x`` and ``y`` how many lines of its transaction follow and went before,
``s`` the schema, ``t`` the table, ``k`` the document's id, ``d`` the document and ``o`` the
operation: ``h`` header, ``i`` insert, ``u`` update, ``r`` remove, ``c`` clear, ``x`` drop, ``t``
touch (an empty table is there). `docs/format.md` is the whole of it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from heirloom.errors import FormatTooNew

__all__ = [
    "FORMAT",
    "LONGEST",
    "OPENING",
    "OPS",
    "SCHEMA",
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

OPENING = b'{"c":"'
"""What every line begins with."""
LONGEST = 2_000_000
"""Bytes that a line has at most."""
_SLOT = len(OPENING) + 8
_NO_CHAIN = b"00000000"
_HEAD = re.compile(
    rb'\{"c":"[0-9a-f]{8}","p":"([0-9a-f]{8})","n":(\d+),"x":(\d+),"y":(\d+),"s":(\d+),'
    rb'"o":"([a-z])","t":("(?:[^"\\]|\\.)*")(?:,"k":(\d+))?(?:,"d":|(?=\}\n\Z))'
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
    """A verified line; its document is parsed when it is first asked for.

    Attributes:
        at: The byte where it begins.
        n: Its number.
        left: Lines of its transaction that follow it.
        before: Lines of its transaction that went before it.
        schema: What its document is to be read by.
        id: The document's id; 0 where the operation is on a whole table.
        body: The document as it stands there; empty where the operation carries none.
    """

    __slots__ = (
        *("_doc", "_doc_at", "at", "before", "id", "left", "n", "op", "raw"),
        *("schema", "table"),
    )

    def __init__(
        self,
        raw: bytes,
        at: int,
        n: int,
        left: int,
        before: int,
        schema: int,
        op: str,
        table: str,
        id: int,
        doc_at: int,
    ) -> None:
        self.raw = raw
        self.at = at
        self.n = n
        self.left = left
        self.before = before
        self.schema = schema
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
        body = self.body
        found: dict[str, Any] = orjson.loads(body) if body else {}
        return found

    @property
    def body(self) -> memoryview:
        """The document's bytes."""
        return memoryview(self.raw)[self._doc_at : -2]

    @property
    def size(self) -> int:
        """Bytes, the line feed included."""
        return len(self.raw)

    @property
    def chain(self) -> bytes:
        """The checksum that the next line names."""
        return self.raw[len(OPENING) : _SLOT]

    @property
    def start(self) -> Place:
        """The point where it stands."""
        return Place(self.at, self.n, self.raw[_SLOT + 7 : _SLOT + 15])

    @property
    def end(self) -> Place:
        """The point behind it."""
        return Place(self.at + len(self.raw), self.n + 1, self.chain)


def frame(
    place: Place,
    left: int,
    op: str,
    table: str,
    id: int | None,
    doc: bytes | None,
    *,
    before: int = 0,
    schema: int = SCHEMA,
) -> Line:
    """The line that stands at `place`; `doc` is the document as JSON."""
    head = b'","p":"%b","n":%d,"x":%d,"y":%d,"s":%d,"o":"%b","t":%b' % (
        place.chain,
        place.n,
        left,
        before,
        schema,
        op.encode(),
        orjson.dumps(table),
    )
    if id is not None:
        head += b',"k":%d' % id
    if doc is not None:
        head += b',"d":'
    rest = b"%b%b}" % (head, doc or b"")
    raw = b"%b%08x%b\n" % (OPENING, zlib.crc32(rest), rest)
    doc_at = _SLOT + len(head)
    return Line(raw, place.at, place.n, left, before, schema, op, table, id or 0, doc_at)


def expected_head(place: Place) -> tuple[bytes, bytes]:
    """What a line at `place` begins with, before and behind its checksum."""
    return OPENING, b'","p":"%b","n":%d,"x":' % (place.chain, place.n)


def follows(line: Line, place: Place) -> bool:
    """Whether `line` is the one that stands at `place`."""
    return line.start == place


def parse(raw: bytes, place: Place | None, at: int) -> Line:
    """The line that `raw` is; with a `place`, only if it is the one that belongs there.

    Raises:
        BadLine: It is not.
        FormatTooNew: It is, and a later Heirloom wrote it.
    """
    if raw[: len(OPENING)] != OPENING or raw[-2:] != b"}\n":
        msg = "no line of a journal"
        raise BadLine(msg)
    if b"%08x" % zlib.crc32(memoryview(raw)[_SLOT:-1]) != raw[len(OPENING) : _SLOT]:
        msg = "the checksum does not fit"
        raise BadLine(msg)
    if place is not None and raw[_SLOT + 7 : _SLOT + 15] != place.chain:
        msg = "it does not follow the line before it"
        raise BadLine(msg)
    head = _HEAD.match(raw)
    if head is None:
        msg = "its head is no head of a line"
        raise BadLine(msg)
    _, n, left, before, schema, op, table, id = head.groups()
    if place is not None and int(n) != place.n:
        msg = f"line {int(n)} stands where line {place.n} belongs"
        raise BadLine(msg)
    if int(schema) > SCHEMA:
        msg = (
            f"Line {int(n)} of the catalog's journal has schema {int(schema)}; this Heirloom "
            f"reads up to {SCHEMA}. Install a newer one."
        )
        raise FormatTooNew(msg)
    sign, name = op.decode(), orjson.loads(table)
    if sign not in OPS:
        msg = f"there is no operation {sign!r}"
        raise BadLine(msg)
    counts = int(n), int(left), int(before), int(schema)
    return Line(raw, at, *counts, sign, name, int(id or 0), head.end())
