"""A line's own head: what it counts, what schema it has, and what a later Heirloom wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from heirloom.catalog import Catalog
from heirloom.catalog.line import START, BadLine, Line, frame, parse
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogDamaged, FormatTooNew


def _last(home: Path) -> Line:
    raw = (home / "journal.jsonl").read_bytes()
    at = raw.rfind(b"\n", 0, -1) + 1
    return parse(raw[at:], None, at)


def _append(home: Path, *lines: Line) -> None:
    with (home / "journal.jsonl").open("ab") as file:
        file.write(b"".join(line.raw for line in lines))


def test_lines_count_down_and_up(make: Any, home: Path) -> None:
    """Each line says how many of its transaction follow and how many went before."""
    make.emit("sales")
    lines = [json.loads(raw) for raw in (home / "journal.jsonl").read_bytes().split(b"\n")[:-1]]
    assert [(line["x"], line["y"]) for line in lines] == [(0, 0), (1, 0), (0, 1)]


@pytest.mark.parametrize("counts", [[(0, 1)], [(1, 0), (0, 0)], [(1, 0), (1, 1)], [(1, 1), (0, 2)]])
def test_counts_that_do_not_go_on_are_damage(
    make: Any, home: Path, opened: Any, counts: list[tuple[int, int]]
) -> None:
    """A transaction that begins in its middle, or breaks off in it, is not taken for one."""
    make.catalog.close()
    place = _last(home).end
    for left, before in counts:
        line = frame(place, left, "t", "mine", None, None, before=before)
        _append(home, line)
        place = line.end
    with pytest.raises(CatalogDamaged, match="do not count on"):
        opened()


def test_a_line_is_read_back(home: Path) -> None:
    """What was framed is parsed again, the document's bytes and the schema as they were."""
    made = frame(START, 2, "i", 'a"b\n', 3, b'{"a": 1}', before=1, schema=0)
    line = parse(made.raw, START, 0)
    assert (line.op, line.table, line.id, line.left, line.before) == ("i", 'a"b\n', 3, 2, 1)
    assert (bytes(line.body), line.doc, line.schema) == (b'{"a": 1}', {"a": 1}, 0)
    assert (line.start, line.end.n) == (START, 1)


def test_an_unknown_operation_is_no_line() -> None:
    """An operation that no schema up to this one has is damage, not a line to pass over."""
    with pytest.raises(BadLine, match="operation 'z'"):
        parse(frame(START, 0, "z", "mine", 1, b"{}").raw, START, 0)


def test_a_newer_schema_is_refused_on_opening(make: Any, home: Path, opened: Any) -> None:
    """A home in which a later Heirloom wrote what this one cannot understand is refused whole."""
    make.emit("sales")
    make.catalog.close()
    _append(home, frame(_last(home).end, 0, "i", "versions", 9, b'{"new":1}', schema=2))
    before = (home / "journal.jsonl").read_bytes()
    for read_only in (False, True):
        with pytest.raises(FormatTooNew, match=r"Line 3 .* schema 2; .* up to 1\. Install"):
            opened(read_only=read_only)
    with pytest.raises(FormatTooNew):
        verify(home)
    assert (home / "journal.jsonl").read_bytes() == before


def test_a_newer_schema_stops_an_open_handle(make: Any, home: Path) -> None:
    """A handle that is open when a later Heirloom writes reads and writes no more."""
    make.emit("sales")
    _append(home, frame(_last(home).end, 0, "i", "mine", 1, b"{}", schema=2))
    for work in (make.catalog.position, lambda: make.emit("sales"), lambda: make.catalog.db.all()):
        with pytest.raises(FormatTooNew):
            work()


def test_a_newer_schema_behind_the_index_is_refused(make: Any, home: Path, opened: Any) -> None:
    """A line that another process's index already has is still not served as if understood."""
    make.catalog.close()
    _append(home, frame(_last(home).end, 0, "i", "mine", 1, b'{"a":1}', schema=1))
    catalog: Catalog = opened()
    assert catalog.db.table("mine").all() == [{"a": 1}]
    line = _last(home)
    newer = frame(line.start, 0, "i", "mine", 1, b'{"a":1}', schema=2)
    with (home / "journal.jsonl").open("r+b") as file:
        file.seek(line.at)
        file.write(newer.raw)
    with pytest.raises(FormatTooNew):
        catalog.db.table("mine").all()
