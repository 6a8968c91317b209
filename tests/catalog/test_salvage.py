"""A damaged journal: what is intact comes back, the rest is kept aside and told."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heirloom.catalog import Catalog
from heirloom.catalog.line import START, Place, frame, parse
from heirloom.catalog.salvage import salvage
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogDamaged, CatalogError, FormatTooNew
from heirloom.records.queries import Query

SIGNS: dict[str, Callable[[bytes], bytes]] = {
    "flipped": lambda sign: bytes([sign[0] ^ 0x10]),
    "zeroed": lambda sign: b"\0",
    "gone": lambda sign: b"",
}


@pytest.fixture
def written(home: Path, opened: Any, maker: Any) -> list[bytes]:
    """The lines of a journal with transactions of several lines, updates and a user's table."""
    catalog = opened()
    make = maker(catalog)
    first = make.emit("sales", 1)
    second = make.emit("sales", 2, reads=(first.ref,))
    make.emit("other", 3, reads=(second.ref,))
    make.mark(first, "alias", alias="champion", reason="")
    catalog.db.table("mine").insert_multiple([{"n": 1}, {"n": 2}])
    catalog.close()
    return (home / "journal.jsonl").read_bytes().splitlines(keepends=True)


def _damage(home: Path, change: Callable[[bytes], bytes]) -> None:
    journal = home / "journal.jsonl"
    journal.write_bytes(change(journal.read_bytes()))


def _docs(catalog: Catalog) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    db = catalog.db
    return {t: [(d.doc_id, dict(d)) for d in db.table(t)] for t in sorted(db.tables())}


def test_one_line(home: Path, opened: Any, written: list[bytes]) -> None:
    """The transaction of a damaged line is lost and told; all others come back with their ids."""
    at = next(n for n, line in enumerate(written) if b'"name":"sales","version":2' in line)
    before = _docs(opened())
    start = sum(map(len, written[:at]))
    _damage(home, lambda text: text[: start + 200] + b"#" + text[start + 201 :])
    with pytest.raises(CatalogDamaged, match=r"byte \d+.*heirloom salvage"):
        opened().view().version("p", "sales", 2)
    found = salvage(home, "ada")
    assert found.lost_versions == ("heirloom://p/sales@2",)
    assert len(found.lost_executions) == 1
    assert found.transactions == 4
    assert sum(each.lines for each in found.damage) == 2
    after = opened()
    assert verify(home).ok
    kept = _docs(after)
    assert kept["mine"] == before["mine"]
    assert kept["versions"] == [pair for pair in before["versions"] if pair[0] != 2]
    view = after.view()
    assert view.version("p", "sales", 2) is None
    assert [v.name for v in view.versions(Query(name="other", project="p"))] == ["other"]
    reader = view.producer("heirloom://p/other@1")
    assert reader is not None
    assert [read.item for read in reader.all_reads()] == ["heirloom://p/sales@2"]


def test_lost_numbers_are_not_given_again(
    home: Path, opened: Any, maker: Any, written: list[bytes]
) -> None:
    """A lost version's number and ids stay used, also after the journal is rewritten once more."""
    at = next(n for n, line in enumerate(written) if b'"name":"sales","version":2' in line)
    start = sum(map(len, written[:at]))
    _damage(home, lambda text: text[: start + 200] + b"#" + text[start + 201 :])
    salvage(home, "ada")
    catalog = opened()
    assert catalog.view().latest_number("p", "sales") == 1
    catalog.purge("ada")
    make = maker(catalog)
    assert make.emit("sales", 9).version == 3
    assert make.emit("sales", 9).version == 4
    assert catalog.db.table("versions").all()[-1].doc_id == 5
    assert verify(home).ok


def test_quarantine_keeps_every_byte(home: Path, opened: Any, written: list[bytes]) -> None:
    """What did not come back is in a private file, byte for byte, with where it stood."""
    whole = b"".join(written)
    bad = len(whole) // 2
    _damage(home, lambda text: text[:bad] + b"\xff\xfe" + text[bad + 2 :])
    damaged = (home / "journal.jsonl").read_bytes()
    found = salvage(home, "ada")
    assert found.quarantine is not None
    kept = Path(found.quarantine).read_bytes()
    assert os.stat(found.quarantine).st_mode & 0o077 == 0
    for each in found.damage:
        assert damaged[each.at : each.end] in kept
        assert b'{"at":%d,"end":%d,"why":' % (each.at, each.end) in kept
    assert any(each.at <= bad < each.end for each in found.damage)


def test_dry_run(home: Path, written: list[bytes]) -> None:
    """A look says the same and changes nothing, in a home that is read-only, too."""
    whole = b"".join(written)
    _damage(home, lambda text: text[:1000] + b"#" + text[1001:])
    files = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    looked = salvage(home, "ada", dry_run=True)
    assert looked.quarantine is None
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == files
    done = salvage(home, "ada")
    assert (looked.damage, looked.lost_versions) == (done.damage, done.lost_versions)
    assert whole


def test_whole_journal_is_refused(home: Path, written: list[bytes]) -> None:
    """A journal without damage is left as it is, be its end torn."""
    with pytest.raises(CatalogError, match="is whole"):
        salvage(home, "ada")
    _damage(home, lambda text: text[:-20])
    before = (home / "journal.jsonl").read_bytes()
    mark = home / "locks" / "journal.synced"
    kept = mark.read_bytes()
    assert kept
    with pytest.raises(CatalogError, match="is whole"):
        salvage(home, "ada")
    assert (home / "journal.jsonl").read_bytes() == before


def test_header(home: Path, opened: Any, written: list[bytes]) -> None:
    """Without its header a journal comes back whole; ids go on behind the highest."""
    before = _docs(opened())
    _damage(home, lambda text: b"?" * len(written[0]) + text[len(written[0]) :])
    found = salvage(home, "ada")
    assert (found.transactions, found.lost_versions) == (5, ())
    catalog = opened()
    assert _docs(catalog) == before
    assert catalog.db.table("mine").insert({"n": 3}) == 3


@pytest.mark.parametrize("how", SIGNS)
def test_every_byte(home: Path, opened: Any, written: list[bytes], how: str) -> None:
    """Whatever byte is bad, every transaction comes back of which each line verifies."""
    whole = b"".join(written)
    ends = []
    at = 0
    for line in written:
        at += len(line)
        if b'"x":0,' in line[:60]:
            ends.append(at)
    starts = [0, *ends[:-1]]
    for bad in range(0, len(whole), 13):
        (home / "journal.jsonl").write_bytes(
            whole[:bad] + SIGNS[how](whole[bad : bad + 1]) + whole[bad + 1 :]
        )
        hit = next(n for n, end in enumerate(ends) if bad < end)
        line_feed = bad == ends[-1] - 1 and how == "gone"
        expected = [
            whole[start:end]
            for n, (start, end) in enumerate(zip(starts, ends, strict=True))
            if n > 0 and (n != hit or line_feed)
        ]
        found = salvage(home, "ada", dry_run=True) if bad % 39 else salvage(home, "ada")
        assert found.transactions == len(expected), bad
        if not bad % 39:
            text = (home / "journal.jsonl").read_bytes()
            assert text.count(b'"d":{') >= b"".join(expected).count(b'"d":{')
            assert verify(home).ok
        for left in home.glob("journal.jsonl.*"):
            left.unlink()


@pytest.mark.parametrize("change", ["removed", "doubled", "swapped", "foreign"])
def test_lines_out_of_place(home: Path, opened: Any, written: list[bytes], change: str) -> None:
    """A line that is gone costs its transaction; one that stands twice counts once."""
    lines = list(written)
    if change == "removed":
        del lines[3]
    elif change == "doubled":
        lines.insert(5, lines[4])
    elif change == "swapped":
        lines[5], lines[6] = lines[6], lines[5]
    else:
        lines.insert(5, b'{"c":"00000000","p":"00000000","n":5,"x":0,"y":0}\n')
    (home / "journal.jsonl").write_bytes(b"".join(lines))
    found = salvage(home, "ada")
    assert found.transactions == {"removed": 4, "doubled": 5, "foreign": 5, "swapped": 4}[change]
    assert verify(home).ok
    numbers = [d["version"] for d in opened().db.table("versions") if d["name"] == "sales"]
    assert numbers == sorted(set(numbers))


def test_a_quoted_line_is_no_line(home: Path, opened: Any) -> None:
    """A document that quotes a line of a journal is not taken for one where it is damaged."""
    catalog = opened()
    table = catalog.db.table("mine")
    table.insert({"n": 1})
    line = frame(Place(0, 99, b"00000000"), 0, "i", "mine", 7, b"{}")
    behind = line.raw[14:-1] + b"}}"  # what closes the document and its line
    forged = json.loads(line.raw) | {"c": f"{zlib.crc32(behind):08x}"}
    table.insert({"text": line.raw.decode(), "inner": forged})
    table.insert({"n": 3})
    catalog.close()
    text = (home / "journal.jsonl").read_bytes()
    assert behind in text
    at = text.index(b'"text"')
    (home / "journal.jsonl").write_bytes(text[:at] + b"#" + text[at + 1 :])
    found = salvage(home, "ada")
    assert found.transactions == 2
    rows = [(d.doc_id, dict(d)) for d in opened().db.table("mine")]
    assert rows == [(1, {"n": 1}), (3, {"n": 3})]


def test_bytes_gone_from_the_end(home: Path, opened: Any, maker: Any, written: list[bytes]) -> None:
    """Where the end of a synced journal is gone, the rest comes back and positions never fall."""
    catalog = opened(sync="group")
    make = maker(catalog)
    for n in range(30):
        make.emit("late", n)
    before = catalog.position()
    catalog.close()
    gone = len((home / "journal.jsonl").read_bytes()) - len(b"".join(written))
    _damage(home, lambda text: text[: len(b"".join(written))])
    with pytest.raises(CatalogDamaged, match="heirloom salvage"):
        Catalog(home)
    found = salvage(home, "ada")
    assert found.missing == gone
    after = opened()
    assert after.position() >= before
    assert maker(after).emit("late", 2).version == 1


def test_others_go_on(home: Path, opened: Any, maker: Any, written: list[bytes]) -> None:
    """Handles that were open before the damage read and write on after the salvage."""
    writer, reader = opened(), opened(read_only=True)
    position = reader.position()
    _damage(home, lambda text: text[:1000] + b"#" + text[1001:])
    salvage(home, "ada")
    assert reader.position() > position
    version = maker(writer).emit("sales", 7)
    assert version.version == 3
    assert reader.view().version("p", "sales", 3) is not None
    assert verify(home).ok


def test_a_handle_that_met_the_damage_goes_on(
    home: Path, opened: Any, maker: Any, written: list[bytes]
) -> None:
    """What could not be read before the salvage can be read after it, by the same handle."""
    reader = opened()
    other = opened()
    maker(other).emit("sales", 7)
    whole = b"".join(written)
    _damage(home, lambda text: text[: len(whole) + 50] + b"#" + text[len(whole) + 51 :])
    with pytest.raises(CatalogDamaged):
        reader.view().latest_number("p", "sales")
    salvage(home, "ada")
    assert reader.view().latest_number("p", "sales") == 2


def test_newer_schema_is_refused(home: Path, written: list[bytes]) -> None:
    """What a later Heirloom wrote is not salvaged by an older one."""
    lines = [parse(written[0], START, 0)]
    lines.append(frame(lines[0].end, 0, "i", "mine", 1, b"{}", schema=99))
    _damage(home, lambda _: b"".join(line.raw for line in lines) + b"garbage\n")
    with pytest.raises(FormatTooNew):
        salvage(home, "ada")


@pytest.mark.parametrize("left", [b"", b"\0" * 5000, b"{}\n" * 9])
def test_nothing_is_left(
    home: Path, opened: Any, maker: Any, written: list[bytes], left: bytes
) -> None:
    """A journal of which nothing is left gives an empty catalog that can be written."""
    assert written
    _damage(home, lambda _: left)
    found = salvage(home, "ada")
    assert found.transactions == 0
    assert sum(each.end - each.at for each in found.damage) == len(left)
    assert maker(opened()).emit("sales").version == 1
