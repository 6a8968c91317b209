"""Values taken out of the journal for good, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from heirloom.catalog import Catalog
from heirloom.catalog.salvage import salvage
from heirloom.catalog.verify import verify
from heirloom.errors import InputError
from heirloom.records.executions import Item
from heirloom.records.payloads import Payload
from heirloom.records.redactions import MARKER, OfExecution, OfVersion, Text
from heirloom.records.search import parse_search

SECRETS = ["hunter2-hunter2", 'quo"ted\\ and\nlong', "schlüssel-ß-鍵", "%s{}<b>'"]


def _holders(home: Path, secret: str) -> Iterator[str]:
    forms = (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    for path in home.rglob("*"):
        if path.is_file():
            text = path.read_bytes()
            if any(form.encode() in text for form in forms):
                yield path.name


def _value(secret: Any) -> Payload:
    return Payload(format="json", type_name="str", kind="value", value=secret, digest="sha256:old")


@pytest.fixture
def spread(maker: Any) -> Callable[[Catalog, str], Any]:
    """Writes a text wherever text may stand."""

    def write(catalog: Catalog, secret: str) -> Any:
        make = maker(catalog)
        first = make.emit("sales", {secret: [secret, 1]}, card=make.card(f"a {secret} b {secret}"))
        make.emit("sales", 2, partitions={"note": secret}, reads=(first.ref,))
        make.mark(first, "note", text=f"see {secret}")
        make.mark(first, "card", text=f"new {secret}", kind="")
        run = make.execution(state="running", inputs={"token": _value(secret)})
        make.write(executions=[run])
        make.write(executions=[make.execution(run.id, inputs=run.inputs, error=f"bad {secret}")])
        catalog.db.table("mine").insert_multiple([{"k": secret}, {"k": 1}])
        catalog.db.table("mine").update({"k": "gone"}, doc_ids=[1])
        catalog.names()
        return make

    return write


@pytest.mark.parametrize("secret", SECRETS)
def test_a_text_is_gone_from_every_file(home: Path, opened: Any, spread: Any, secret: str) -> None:
    """After a redaction no file of the home holds the text, in whatever form JSON writes it."""
    make = spread(opened(sync="group"), secret)
    assert set(_holders(home, secret)) >= {"journal.jsonl"}
    other = opened()
    found = make.catalog.redact(Text(secret), "ada", "leaked")
    assert list(_holders(home, secret)) == []
    assert set(found.places) == {"versions", "marks", "executions", "mine"}
    view = other.view()
    first = view.version("p", "sales", 1)
    assert first is not None
    assert first.payload.value == {MARKER: [MARKER, 1]}
    assert (first.card.text, first.notes) == (f"new {MARKER}", (f"see {MARKER}",))
    assert view.version("p", "sales", 2).partitions == {"note": MARKER}
    (failed,) = [run for run in view.executions() if run.error]
    assert failed.error == f"bad {MARKER}"
    assert failed.inputs["token"].value == MARKER
    assert [dict(doc) for doc in other.db.table("mine")] == [{"k": "gone"}, {"k": 1}]
    assert verify(home).ok
    assert verify(home).dangling == []
    assert make.emit("sales").version == 3


def test_nothing_else_changes(
    home: Path, opened: Any, spread: Any, everything: Callable[..., Any]
) -> None:
    """Ids, numbers, edges, states and times stay; only the text is another."""
    make = spread(opened(), "hunter2-hunter2")
    before = json.dumps(everything(make.catalog), default=repr)
    position = make.catalog.position()
    make.catalog.redact(Text("hunter2-hunter2"), "ada", "")
    after = json.dumps(everything(make.catalog), default=repr)
    assert after != before
    told, expected = json.loads(after), json.loads(before.replace("hunter2-hunter2", MARKER))
    for each in (told, expected):
        for run in [doc for _, doc in each["executions"]] + each["runs seen"]:
            for bound in run.get("inputs", {}).values():
                bound["value"] |= {"digest": "", "size": 0}
    assert told == expected
    assert make.catalog.position() > position


def test_the_digest_of_a_value_goes_with_it(opened: Any, spread: Any) -> None:
    """A digest by which the value could be guessed is made anew."""
    make = spread(opened(), "hunter2-hunter2")
    make.catalog.redact(Text("hunter2-hunter2"), "ada", "")
    runs = [run for run in make.catalog.view().executions() if "token" in run.inputs]
    assert {run.inputs["token"].digest for run in runs} != {"sha256:old"}


def test_the_reason_of_an_earlier_deed(home: Path, opened: Any, maker: Any) -> None:
    """What was said of earlier deeds holds it no longer either, be it there alone; both count."""
    make = maker(opened())
    make.emit("sales", "first-secret")
    make.emit("sales", "hunter2-hunter2")
    make.catalog.redact(Text("first-secret"), "ada", "leaked beside hunter2-hunter2")
    make.emit("sales", "second-secret")
    why = "with hunter2-hunter2, see the ticket of may-day"
    make.catalog.redact(Text("second-secret"), "ada", why)
    found = make.catalog.redact(Text("hunter2-hunter2"), "ada", "")
    assert (found.places, found.deeds) == ({"versions": 1}, 2)
    assert list(_holders(home, "hunter2-hunter2")) == []
    looked = make.catalog.redact(Text("may-day"), "ada", "", dry_run=True)
    with (home / "journal.jsonl").open("rb") as old:
        found = make.catalog.redact(Text("may-day"), "ada", "")
        assert b"may-day" not in old.read()
    assert (found.places, found.records, found.deeds) == ({}, (), 1)
    assert looked.deeds == found.deeds
    assert list(_holders(home, "may-day")) == []
    history = make.catalog._archive.journal.header.doc["history"]
    assert [entry["why"] for entry in history] == [
        f"leaked beside {MARKER}",
        f"with {MARKER}, see the ticket of {MARKER}",
        "",
        "",
    ]
    assert verify(home).ok


def test_search_does_not_find_it(opened: Any, spread: Any) -> None:
    """Full text no longer finds the text, and finds the rest as before."""
    make = spread(opened(), "hunter2-hunter2")
    make.catalog.redact(Text("hunter2-hunter2"), "ada", "")
    assert make.catalog.search(parse_search("hunter2"))[2] == 0
    assert make.catalog.search(parse_search("see"))[2] == 1


def test_a_parameter(home: Path, opened: Any, maker: Any) -> None:
    """One parameter of one execution goes, in every line of it; other executions keep theirs."""
    make = maker(opened())
    run = make.execution(state="running", inputs={"token": _value("abcd"), "n": _value(3)})
    other = make.execution(inputs={"token": _value("abcd"), "x": Item("heirloom://p/s@1")})
    make.write(executions=[run])
    make.write(executions=[make.execution(run.id, inputs=run.inputs), other])
    found = make.catalog.redact(OfExecution(run.id, "token"), "ada", "")
    assert found.places == {"executions": 2}
    view = make.catalog.view()
    assert view.execution(run.id).inputs["token"].value == MARKER
    assert view.execution(run.id).inputs["n"].value == 3
    assert view.execution(other.id).inputs["token"].value == "abcd"
    assert (home / "journal.jsonl").read_bytes().count(b'"abcd"') == 1


@pytest.mark.parametrize("part", ["value", "card", "notes"])
def test_a_part_of_a_version(opened: Any, maker: Any, part: str) -> None:
    """A version's value, every revision of its card, or its notes go; its neighbours stay."""
    make = maker(opened())
    first = make.emit("sales", "abcd", card=make.card("one"))
    make.emit("sales", "abcd", card=make.card("one"))
    make.mark(first, "card", text="two", kind="")
    make.mark(first, "note", text="three")
    make.catalog.redact(OfVersion("p", "sales", 1, part), "ada", "")
    view = make.catalog.view()
    told = view.version("p", "sales", 1)
    kept = {"value": told.payload.value, "card": told.card.text, "notes": told.notes[0]}
    expected = {"value": "abcd", "card": "two", "notes": "three"} | {part: MARKER}
    assert kept == expected
    assert view.version("p", "sales", 2).payload.value == "abcd"


def test_what_others_rely_on_is_refused(
    opened: Any, maker: Any, everything: Callable[..., Any]
) -> None:
    """A text in a name, an id or a time is refused with the record, and nothing is changed."""
    make = maker(opened())
    make.emit("salesfigures")
    expected = everything(make.catalog)
    run = make.catalog.view().executions()[0].id
    for text in ("figures", run, "2026", "succeeded"):
        with pytest.raises(InputError, match="Nothing was changed"):
            make.catalog.redact(Text(text), "ada", "")
    for text in ("nowhere", "\ud800 bad"):
        with pytest.raises(InputError):
            make.catalog.redact(Text(text), "ada", "")
    with pytest.raises(InputError, match="too short"):
        Text("abc")
    with pytest.raises(InputError, match="The reason holds"):
        make.catalog.redact(Text("a secret"), "ada", "because of a secret")
    with pytest.raises(InputError, match="The name of who does it holds"):
        make.catalog.redact(Text("sales"), "salesperson", "")
    assert everything(make.catalog) == expected


def test_a_dry_run(home: Path, opened: Any, spread: Any) -> None:
    """A look says how much would go, and changes nothing."""
    make = spread(opened(), "hunter2-hunter2")
    before = (home / "journal.jsonl").read_bytes()
    looked = make.catalog.redact(Text("hunter2-hunter2"), "ada", "", dry_run=True)
    assert (home / "journal.jsonl").read_bytes() == before
    done = make.catalog.redact(Text("hunter2-hunter2"), "ada", "")
    assert (looked.places, looked.records) == (done.places, done.records)


def test_copies_beside_the_journal(home: Path, opened: Any, spread: Any) -> None:
    """What was kept of a torn write and of damage is blanked, and stays where it was."""
    secret = "hunter2-hunter2"
    spread(opened(), secret).catalog.close()
    journal = home / "journal.jsonl"
    text = journal.read_bytes()
    at = text.index(b'"error":"bad')
    journal.write_bytes(text[:at] + b"#" + text[at + 1 :])
    quarantine = Path(str(salvage(home, "ada").quarantine))
    size = quarantine.stat().st_size
    torn = home / "journal.jsonl.torn-1"
    torn.write_bytes(b'{"c":"0","d":"' + secret.encode())
    found = opened().redact(Text(secret), "ada", "")
    assert set(found.files) == {str(quarantine), str(torn)}
    assert quarantine.stat().st_size == size
    assert list(_holders(home, secret)) == []


def test_a_text_that_only_a_copy_holds(home: Path, opened: Any, spread: Any) -> None:
    """It is blanked there though the journal does not hold it; a look names the file."""
    secret = "hunter2-hunter2"
    make = spread(opened(), "something else")
    torn = home / "journal.jsonl.torn-1"
    torn.write_bytes(b"# " + secret.encode())
    journal = (home / "journal.jsonl").read_bytes()
    looked = make.catalog.redact(Text(secret), "ada", "", dry_run=True)
    assert (looked.places, looked.files) == ({}, (str(torn),))
    assert secret.encode() in torn.read_bytes()
    assert make.catalog.redact(Text(secret), "ada", "") == looked
    assert torn.read_bytes() == b"# " + b"*" * len(secret)
    assert (home / "journal.jsonl").read_bytes() == journal


def test_an_index_in_the_users_cache(
    home: Path, opened: Any, spread: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    """The index that a reader of the home kept in the user's cache is gone, too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    make = spread(opened(), "hunter2-hunter2")
    reader = opened(read_only=True)
    reader.names()
    reader.close()
    assert list(_holders(tmp_path / "cache", "hunter2-hunter2"))
    make.catalog.redact(Text("hunter2-hunter2"), "ada", "")
    assert list(_holders(tmp_path / "cache", "hunter2-hunter2")) == []


def test_the_old_file_is_blank_for_who_has_it_open(home: Path, opened: Any, spread: Any) -> None:
    """A process that has the old journal open can no longer read the value from it."""
    make = spread(opened(), "hunter2-hunter2")
    with (home / "journal.jsonl").open("rb") as old:
        make.catalog.redact(Text("hunter2-hunter2"), "ada", "")
        assert b"hunter2" not in old.read()
