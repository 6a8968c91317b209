"""The verbs that keep a home in order, as a person meets them."""

from __future__ import annotations

import io
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom import opening, task

Call = Callable[..., Any]
SECRET = "hunter2-hunter2"


@pytest.fixture
def journal(heirloom: Call) -> Path:
    """The journal of a home with a file, two values, and a run that was given a secret."""

    @task
    def length(word: str) -> int:
        return len(word)

    hl.publish({"n": 1}, "kept")
    hl.publish({"word": SECRET}, "told", card=f"the word is {SECRET}")
    hl.run(length, word=SECRET)
    home = hl.current().home
    opening.reset()
    return Path(home) / "journal.jsonl"


def _damage(journal: Path, at: bytes) -> None:
    text = journal.read_bytes()
    spot = text.index(at)
    journal.write_bytes(text[:spot] + b"#" + text[spot + 1 :])


def test_all_is_well(heirloom: Call, journal: Path) -> None:
    """A whole home is said to be whole, in words and in JSON, and ends with 0."""
    quick = heirloom("verify")
    assert quick.code == 0
    assert "--full reads every line" in quick.out
    full = heirloom("verify", "--full", "--payloads", "--rate", "500")
    assert full.code == 0
    assert full.out.startswith("The journal is whole: ")
    told = heirloom("verify", "--full", "--json").document
    assert full.lines[-1] == f"anchor {told['anchor']}"
    hl.publish(2, "later")
    opening.reset()
    assert heirloom("verify", "--anchor", told["anchor"]).code == 0
    assert heirloom("verify", "--anchor", told["anchor"].replace(":", "1:")).code == 1
    assert (told["ok"], told["problems"], told["offset"]) == (True, [], None)


def test_damage(heirloom: Call, journal: Path) -> None:
    """Damage is one line that names the byte and what to run; salvage brings back the rest."""
    _damage(journal, b'"name":"told"')
    found = heirloom("verify", "--full")
    assert found.code == 1
    (line,) = found.out.splitlines()
    assert line.startswith("The catalog's journal is damaged at byte ")
    assert line.endswith("run `heirloom salvage`.")
    told = heirloom("verify", "--full", "--json")
    assert told.code == 1
    assert told.document["offset"] > 0
    before = journal.read_bytes()
    dry = heirloom("salvage", "--dry-run")
    assert journal.read_bytes() == before
    assert "would come back" in dry.lines[0]
    done = heirloom("salvage")
    assert done.code == 0
    assert dry.lines[1:] == done.lines[1:-1]
    assert "lost: heirloom://default/told@1" in done.lines
    assert "quarantine" in done.lines[-1]
    assert heirloom("verify", "--full").code == 0
    again = heirloom("salvage")
    assert again.code == 2
    assert again.err.count("\n") == 1
    assert "nothing to salvage" in again.err
    assert heirloom("show", "kept").code == 0


def test_no_home(heirloom: Call, tmp_path: Path) -> None:
    """Where there is no home each verb says so in one line, and makes none."""
    nowhere = tmp_path / "nowhere"
    for verb in (("verify",), ("salvage",), ("salvage", "--dry-run")):
        said = heirloom(*verb, "--home", str(nowhere))
        assert said.code == 2
        assert said.err.count("\n") == 1
        assert not nowhere.exists()


def test_payloads(heirloom: Call, journal: Path, tmp_path: Path) -> None:
    """Each damaged or missing payload and changed link is a line that names what needs it."""
    files = {}
    for name in ("damaged", "missing", "link", "whole"):
        files[name] = tmp_path / name
        files[name].write_text(name)
        hl.publish(hl.File(files[name], link=name == "link"), name)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "member").write_text("member")
    hl.publish(hl.Directory(tmp_path / "tree"), "tree")
    blobs = {path.read_text(): path for path in journal.parent.glob("store/sha256/*/*/*")}
    opening.reset()
    blobs["damaged"].chmod(0o600)
    blobs["damaged"].write_text("DAMAGED")
    blobs["missing"].unlink()
    blobs["member"].unlink()
    files["link"].write_text("another")
    found = heirloom("verify", "--payloads")
    assert found.code == 1
    needed = sorted(line.rpartition("Needed by ")[2] for line in found.out.splitlines())
    assert needed == [
        f"heirloom://default/{name}@1." for name in ("damaged", "link", "missing", "tree")
    ]


def test_a_lost_index_row(heirloom: Call, journal: Path) -> None:
    """An index that does not say what the journal says is found, and what to do about it."""
    heirloom("search")
    with sqlite3.connect(journal.parent / "index.sqlite") as db:
        db.execute("UPDATE versions SET state='yanked' WHERE number=1")
    found = heirloom("verify", "--full")
    assert found.code == 1
    assert "rows of 'versions'" in found.out
    (journal.parent / "index.sqlite").unlink()
    heirloom("search")
    assert heirloom("verify", "--full").code == 0


def test_redact_from_standard_input(
    heirloom: Call, journal: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A secret that is given on standard input is gone from every file but the stored payloads."""
    (tmp_path / "file").write_text(f"pass {SECRET}")
    hl.publish(hl.File(tmp_path / "file"), "file")
    opening.reset()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SECRET}\n"))
    dry = heirloom("redact", "--value", "-", "--dry-run")
    assert SECRET in journal.read_text()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SECRET}\n"))
    done = heirloom("redact", "--value", "-", "--why", "leaked")
    assert (dry.code, done.code) == (0, 0)
    assert [line.replace(" would be", "") for line in dry.lines] == done.lines
    assert "file@1. Nothing was changed there." in done.lines[-1]
    holders = [
        p for p in journal.parent.rglob("*") if p.is_file() and SECRET in p.read_text("latin1")
    ]
    assert [path.parts[-5] for path in holders] == ["store"]
    assert SECRET not in done.out + dry.out
    assert heirloom("verify", "--full", "--payloads").code == 0
    assert '"why":"leaked"' in journal.read_text()


def test_redact_a_parameter_and_a_part(heirloom: Call, journal: Path) -> None:
    """One parameter of one execution, or one part of one version, is named and goes."""
    (run,) = [e for e in hl.executions() if "word" in e.inputs]
    opening.reset()
    said = heirloom("redact", "--execution", run.id[:10], "--parameter", "word")
    assert said.err == ""
    assert said.lines == [f"1 place redacted in executions (records {said.lines[0].split()[-1]}"]
    assert heirloom("redact", "told@1", "--part", "card").code == 0
    assert journal.read_text().count(SECRET) == 1
    assert str(hl.get("told").card) == "[redacted]"


@pytest.mark.parametrize(
    "words",
    [
        ("redact",),
        ("redact", "kept", "--value", "whatever"),
        ("redact", "--execution", "abcdef"),
        ("redact", "--value", "abc"),
        ("redact", "--value", "nowhere to be found"),
        ("redact", "kept@1", "--part", "card"),
        ("redact", "--value", "kept"),
        ("redact", "nothing@1"),
    ],
)
def test_redact_refuses(heirloom: Call, journal: Path, words: tuple[str, ...]) -> None:
    """What cannot be redacted is one line, and the journal is as it was."""
    before = journal.read_bytes()
    said = heirloom(*words)
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert journal.read_bytes() == before


def test_purge(heirloom: Call, journal: Path) -> None:
    """Old runs that left nothing go; a look says the same before, and lineage stays."""
    lineage = heirloom("lineage", "told").out
    size = journal.stat().st_size
    kept = heirloom("purge", "--runs", "90d", "--json").document
    assert kept["executions"] == []
    dry = heirloom("purge", "--runs", "0d", "--dry-run", "--json").document
    done = heirloom("purge", "--runs", "0d", "--json").document
    assert dry["executions"] == done["executions"] != []
    assert dry["size_after"] is None
    assert done["size_after"] == journal.stat().st_size < size
    assert heirloom("lineage", "told").out == lineage
    for age in ("soon", "-1d", "800000d", "99999999999d"):
        said = heirloom("purge", f"--runs={age}")
        assert said.code == 2
        assert f"takes days, as in 90d; got '{age}'" in said.err
