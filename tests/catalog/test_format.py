"""Format 1: its page, its golden journal, and readers from before and after this one."""

from __future__ import annotations

import json
import re
import runpy
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from heirloom.catalog import Batch, Catalog
from heirloom.catalog.ending import problem_of
from heirloom.catalog.line import OPS, SCHEMA, frame, parse
from heirloom.catalog.scan import Stop
from heirloom.catalog.synced import Synced, boot_id
from heirloom.catalog.tables import KNOWN, OWN
from heirloom.catalog.verify import verify
from heirloom.declare.closure import Closure
from heirloom.records.executions import ENVELOPES, HOWS, KINDS
from heirloom.records.ledger import LEDGER_STATES, WAITS
from heirloom.records.marks import MARKS

_HERE = Path(__file__).parent / "golden"
_PAGE = (Path(__file__).parents[2] / "docs/format.md").read_text("utf-8")
_GOLDEN = sorted(_HERE.glob("format-*.jsonl"))
_make = runpy.run_path(str(_HERE / "make.py"))
_reader = runpy.run_path(str(_HERE / "reader.py"))
answers: Callable[[Catalog], dict[str, Any]] = _make["answers"]
next_ids: Callable[[Catalog], dict[str, int]] = _make["next_ids"]


@pytest.fixture(params=_GOLDEN, ids=lambda path: path.stem)
def golden(request: pytest.FixtureRequest) -> Path:
    """A golden journal; what is expected of it stands beside it."""
    path: Path = request.param
    return path


def _expected(golden: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(golden.with_suffix(".json").read_text("utf-8"))
    return found


def _home(journal: bytes, home: Path) -> Path:
    home.mkdir()
    (home / "journal.jsonl").write_bytes(journal)
    return home


# ---------------------------------------------------------------------- golden


def test_the_golden_journal_says_what_it_said(golden: Path, opened: Any, tmp_path: Path) -> None:
    """Every answer of the catalog that it was made with, and no id is used twice."""
    home = _home(golden.read_bytes(), tmp_path / "home")
    catalog = opened(home)
    expected = _expected(golden)
    assert verify(home).ok
    following = expected.pop("next")
    assert answers(catalog) == expected
    assert next_ids(catalog) == following


def test_the_golden_journal_has_everything() -> None:
    """Every operation, every table of Heirloom's, every kind of record, every state."""
    lines = [json.loads(raw) for path in _GOLDEN for raw in path.read_bytes().split(b"\n")[:-1]]
    docs: dict[str, list[Any]] = {name: [] for name in OWN}
    for line in lines:
        docs.setdefault(line["t"], []).append(line.get("d"))
    assert {line["o"] for line in lines} == OPS
    assert {doc["kind"] for doc in docs["marks"]} == set(MARKS)
    assert {doc["kind"] for doc in docs["executions"]} == set(KINDS)
    assert {doc["state"] for doc in docs["ledger"]} == set(LEDGER_STATES)
    assert {doc["state"] for doc in docs["executions"]} == set(_words("executions", "state"))
    assert all(docs.values())


def test_a_reader_written_from_the_page_agrees(golden: Path) -> None:
    """Tables, ids, position, states, aliases and edges, read by docs/format.md alone."""
    journal = _reader["Journal"](golden)
    expected = _expected(golden)
    read = {
        name: {str(id): doc for id, doc in rows.items()} for name, rows in journal.tables.items()
    }
    assert read == expected["tables"]
    assert {name: journal.next[name] for name in expected["next"]} == expected["next"]
    assert journal.position == expected["position"]
    assert journal.versions() == expected["versions"]


def test_the_reader_finds_damage(golden: Path, tmp_path: Path) -> None:
    """By the page alone, a line that is changed, left out or put elsewhere is found."""
    lines = golden.read_bytes().split(b"\n")
    for bad in (
        [*lines[:9], lines[9].replace(b"acme", b"acne"), *lines[10:]],
        [*lines[:9], *lines[10:]],
        [*lines[:9], lines[10], lines[9], *lines[11:]],
    ):
        (tmp_path / "bad.jsonl").write_bytes(b"\n".join(bad))
        with pytest.raises(_reader["Damage"]):
            _reader["Journal"](tmp_path / "bad.jsonl")


def test_the_mark_is_as_the_page_says(opened: Any, home: Path) -> None:
    """Two copies of 512 bytes: checksum, journal, byte, boot, doubt; the end after a sync."""
    catalog = opened(sync="group")
    catalog.db.insert({"a": 1})
    raw = (home / "locks/journal.synced").read_bytes()
    whole = (home / "journal.jsonl").read_bytes()
    assert raw[:512] == raw[512:]
    assert raw[511:512] == b"\n"
    checksum, _, rest = raw[:511].rstrip(b" ").partition(b" ")
    assert checksum.decode() == f"{zlib.crc32(rest):08x}"
    journal, at, boot, doubt = rest.decode().split(" ")
    assert journal == json.loads(whole[: whole.index(b"\n")])["d"]["journal"]
    assert (int(at), doubt) == (len(whole), "0")
    assert boot


# ---------------------------------------------------------------------- unknown fields


def _rewritten(golden: Path, change: Callable[[str, Any], Any]) -> bytes:
    """The journal with every document changed."""
    whole = golden.read_bytes()
    place, raws = parse(whole[: whole.index(b"\n") + 1], None, 0).start, []
    for raw in whole.split(b"\n")[:-1]:
        line = parse(raw + b"\n", None, 0)
        doc = json.dumps(change(line.table, dict(line.doc))).encode() if line.body else None
        id = line.id if line.op in "iur" else None
        made = frame(place, line.left, line.op, line.table, id, doc, before=line.before)
        raws.append(made.raw)
        place = made.end
    return b"".join(raws)


def _with_more(table: str, doc: dict[str, Any]) -> dict[str, Any]:
    """The document as a later Heirloom may write it: more fields, on top and inside."""
    if table not in OWN:
        return doc
    for nested in _nested(table, doc):
        nested["later"] = {"by": ["a", "later", "Heirloom"]}
    return doc


def _nested(table: str, doc: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield doc
    if table == "versions":
        yield from (doc[name] for name in ("payload", "card") if name in doc)
    if table == "executions":
        for bound in (*doc.get("inputs", {}).values(), *doc.get("outputs", {}).values()):
            yield bound
            yield from (bound[name] for name in ("value",) if name in bound)
    if table == "plans":
        specs = [*doc["defaults"].values(), *doc["fixed"].values()]
        if doc["trigger"]:
            yield doc["trigger"]
            yield from doc["trigger"]["on"]
            specs += doc["trigger"]["inputs"].values()
        for spec in specs:
            yield spec
            yield from (spec[name] for name in ("query", "value") if name in spec)
    if table == "marks":
        yield doc["data"]
    if table == "code":
        yield from doc["fragments"]


def _without_more(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_more(each) for key, each in value.items() if key != "later"}
    return [_without_more(each) for each in value] if isinstance(value, list) else value


def test_unknown_fields_are_passed_over(golden: Path, opened: Any, tmp_path: Path) -> None:
    """A journal with more fields in every object is read as if they were not there."""
    catalog = opened(_home(_rewritten(golden, _with_more), tmp_path / "home"))
    expected = _expected(golden)
    del expected["next"]
    found = answers(catalog)
    assert found["tables"] != expected["tables"]
    assert _without_more(found) == expected
    closure = Closure.from_doc(found["code"])
    assert (closure.name, closure.fragments[0].name) == ("clean", "clean")


def test_unknown_fields_outlive_an_update(
    golden: Path, opened: Any, tmp_path: Path, maker: Any
) -> None:
    """What this Heirloom updates (a run, a switch, a row, a store) keeps what a later one wrote."""
    catalog = opened(_home(_rewritten(golden, _with_more), tmp_path / "home"))
    for _ in range(2):  # from the index, then from the lines behind it
        view = catalog.view()
        batch = Batch(
            executions=view.executions(),
            switches=view.switches(),
            rows=view.ledger(),
            stores=view.stores(),
        )
        catalog.commit(lambda _, batch=batch: batch)
    lines = (catalog.home / "journal.jsonl").read_bytes().split(b"\n")[:-1]
    updates = [line for line in map(json.loads, lines) if line["o"] == "u" and line["t"] in KNOWN]
    assert {line["t"] for line in updates} == KNOWN.keys()
    assert all("later" in line["d"] for line in updates)


def test_what_is_known_may_still_go(make: Any, opened: Any) -> None:
    """Keeping what is unknown does not bring back a known field that an update leaves out."""
    run = make.execution(state="running", claimant="host:1")
    make.write(executions=[run])
    make.write(executions=[make.execution(run.id)])
    assert make.catalog.view().execution(run.id).claimant is None
    assert "claimant" not in make.catalog.db.table("executions").all()[0]


# ---------------------------------------------------------------------- the page

_SECTION = re.compile(r"^(?:### `(\w+)`|#### (\w+)|## (\w[\w' ]*))$", re.M)
_FIELD = re.compile(r"^\| ((?:`\w+`(?: [?∅])? ?)+)\| (.*)\|$", re.M)
_NAME = re.compile(r"`(\w+)`(?: ([?∅]))?")


_NESTED = ("payload", "trigger", "query", "The header")


def _section(name: str) -> str:
    here = next(found for found in _SECTION.finditer(_PAGE) if name in found.groups())
    after = _SECTION.search(_PAGE, here.end())
    return _PAGE[here.end() : after.start() if after else len(_PAGE)]


def _fields(name: str) -> dict[str, str]:
    """The fields of a section's table, with their marks."""
    return {
        field: mark
        for cell, _ in _FIELD.findall(_section(name))
        for field, mark in _NAME.findall(cell)
    }


def _words(section: str, field: str) -> list[str]:
    """The words that the page says a field may be."""
    row = next(said for cell, said in _FIELD.findall(_section(section)) if f"`{field}`" in cell)
    return re.findall(r"`([\w-]+)`", row)


def _golden_objects() -> dict[str, list[Mapping[str, Any]]]:
    """Every object of the golden journals that the page has a table of fields for."""
    found: dict[str, list[Mapping[str, Any]]] = {name: [] for name in _NESTED}
    for path in _GOLDEN:
        for raw in path.read_bytes().split(b"\n")[:-1]:
            line = json.loads(raw)
            if line["o"] == "h":
                found["The header"].append(line["d"])
            if line["t"] in OWN and "d" in line:
                found.setdefault(line["t"], []).append(line["d"])
                _gather(line["t"], line["d"], found)
    return found


def _gather(table: str, doc: Any, found: dict[str, list[Mapping[str, Any]]]) -> None:
    if table == "versions":
        found["payload"].append(doc["payload"])
    bound = [*doc.get("inputs", {}).values(), *doc.get("outputs", {}).values()]
    specs = [*doc.get("defaults", {}).values(), *doc.get("fixed", {}).values()]
    if doc.get("trigger"):
        found["trigger"].append(doc["trigger"])
        found["query"] += doc["trigger"]["on"]
        specs += doc["trigger"]["inputs"].values()
    found["payload"] += [each["value"] for each in (*bound, *specs) if "value" in each]
    found["query"] += [each["query"] for each in specs if "query" in each]


@pytest.mark.parametrize("name", [*sorted(OWN), *_NESTED])
def test_the_page_has_every_field(name: str) -> None:
    """Its tables have the fields that records have, no others, and say which may be missing."""
    fields, docs = _fields(name), _golden_objects()[name]
    assert {key for doc in docs for key in doc} == fields.keys()
    always = set.intersection(*(set(doc) for doc in docs))
    assert {field for field, mark in fields.items() if mark != "?"} == always
    nulls = {key for doc in docs for key, value in doc.items() if value is None} - {"value"}
    assert nulls <= {field for field, mark in fields.items() if mark == "∅"}


def test_what_is_updated_is_known_whole() -> None:
    """What an update takes for unknown is nothing that the page names."""
    assert {name: frozenset(_fields(name)) for name in KNOWN} == KNOWN


def test_the_page_has_every_word() -> None:
    """Kinds, states, operations and ways of knowing, as the code has them."""
    assert set(_words("marks", "kind")) == set(MARKS)
    assert set(_words("executions", "kind")) == set(KINDS)
    assert set(_words("executions", "kind")[-3:]) == ENVELOPES
    assert tuple(_words("ledger", "state")) == LEDGER_STATES
    assert tuple(_words("ledger", "waits")) == WAITS
    assert {name for name, _ in re.findall(r"^\| `(\w)` \| ((?:`k`|`d`| )*)\|", _PAGE, re.M)} == OPS
    hows = _PAGE[_PAGE.index("`how` is") :].partition("These are the edges")[0]
    assert tuple(re.findall(r"`([\w-]+)`", hows)[1:]) == HOWS
    assert f"be read: {SCHEMA} |" in _PAGE


@pytest.mark.parametrize(("row", "kind"), [(0, "open"), (1, "bad"), (2, "gone")])
def test_the_page_tells_torn_from_damaged(row: int, kind: str) -> None:
    """What the page says of the journal's end is what is done, before and behind the mark."""
    table = [line for line in _section("The end of the file").split("\n") if line[:1] == "|"]
    said = [cell.strip() for cell in table[2 + row].split("|")[2:5]]
    boots = [(30, boot_id()), (10, boot_id()), (10, "another")]
    for told, (at, boot) in zip(said, boots, strict=True):
        problem = problem_of(Stop(20, 20, kind, "why"), Synced("j", at, boot))
        assert bool(problem) == told.startswith("damage") or not told
    assert problem_of(Stop(20, 20, kind, "why"), None)


def test_the_page_knows_where_the_index_stands(make: Any) -> None:
    """The columns of the index by which it is held against the journal are on the page."""
    make.catalog.names()
    db = make.catalog._archive.index.connection()
    columns = {row[1] for row in db.execute("PRAGMA table_info(place)")}
    assert columns <= set(re.findall(r"`(\w+)`", _section("The index")))


def test_the_example_on_the_page_is_a_line() -> None:
    """The line that the page shows is one of the golden journal's."""
    shown = _PAGE[_PAGE.index('{"c":"') :].partition("{…}")[0]
    assert shown.encode() in (_HERE / "format-1.jsonl").read_bytes()
