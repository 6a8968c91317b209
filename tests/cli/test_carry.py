"""Carrying a catalog from home to home: export and import."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import heirloom as hl
from heirloom import opening

Call = Callable[..., Any]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Goes to another home, which need not be there."""

    def go() -> Path:
        opening.reset()
        monkeypatch.setenv("HEIRLOOM_HOME", str(tmp_path / "elsewhere"))
        return tmp_path / "elsewhere"

    return go


def test_payloads_travel_beside_the_export(
    heirloom: Call, sales: Any, tmp_path: Path, elsewhere: Callable[[], Path]
) -> None:
    """Frames, files and directories can be pulled in the new home, with the old one gone."""
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "inner" / "a.txt").write_text("a")
    hl.publish(hl.Directory(tree), "tree")
    hl.publish(pd.DataFrame({"n": [1, 2]}), "frame")
    home = hl.current().home
    said = heirloom("export", str(tmp_path / "out.json"), "--payloads")
    assert said.code == 0
    assert "4 payloads" in said.lines[1]
    elsewhere()
    home.rename(tmp_path / "gone")
    assert heirloom("import", str(tmp_path / "out.json")).code == 0
    assert hl.pull_frame("frame")["n"].tolist() == [1, 2]
    assert Path(hl.pull("sales").path).read_text() == "a,b\n1,2\n"
    assert (Path(hl.pull("tree").path) / "inner" / "a.txt").read_text() == "a"
    assert hl.get("sales").card == sales.card


def test_payloads_come_from_every_store(
    heirloom: Call,
    tmp_path: Path,
    elsewhere: Callable[[], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What lay in a store beyond the home is in the new home's own store afterwards."""
    monkeypatch.setenv("HEIRLOOM_STORE", str(tmp_path / "far"))
    hl.publish(pd.DataFrame({"n": [1, 2]}), "frame")
    heirloom("export", str(tmp_path / "out.json"), "--payloads")
    monkeypatch.delenv("HEIRLOOM_STORE")
    elsewhere()
    (tmp_path / "far").rename(tmp_path / "gone")
    assert heirloom("import", str(tmp_path / "out.json")).code == 0
    assert hl.pull_frame("frame")["n"].tolist() == [1, 2]


def test_what_is_damaged_there_is_mended_by_what_comes(
    heirloom: Call, tmp_path: Path, elsewhere: Callable[[], Path]
) -> None:
    """A payload that the home had already is read before it is relied on."""
    numbers = pd.DataFrame({"n": [1]})
    hl.publish(numbers, "numbers")
    heirloom("export", str(tmp_path / "out.json"), "--payloads")
    home = elsewhere()
    hl.publish(numbers, "numbers")
    opening.reset()
    (blob,) = home.rglob("sha256/*/*/*")
    blob.chmod(0o600)
    blob.write_bytes(b"x" * blob.stat().st_size)
    said = heirloom("import", str(tmp_path / "out.json"), "--project", "theirs")
    assert said.code == 0
    assert "were there" not in said.out
    assert hl.pull_frame("numbers")["n"].tolist() == [1]


def test_a_damaged_payload_does_not_arrive(
    heirloom: Call, sales: Any, tmp_path: Path, elsewhere: Callable[[], Path]
) -> None:
    """What was changed on the way is refused in one line, and the home stays empty."""
    heirloom("export", str(tmp_path / "out.json"), "--payloads")
    (blob,) = (tmp_path / "out.json.payloads").glob("sha256/*/*/*")
    blob.chmod(0o600)
    blob.write_text("a,b\n1,3\n")
    home = elsewhere()
    said = heirloom("import", str(tmp_path / "out.json"))
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert not (home / "journal.jsonl").exists()


@pytest.mark.usefixtures("team")
def test_plans_arrive_inactive_and_unapproved(
    heirloom: Call, tmp_path: Path, elsewhere: Callable[[], Path]
) -> None:
    """Nothing starts until a person has approved and switched on; then the code runs as before."""
    heirloom("on", "follow")
    heirloom("run", "begin", "-p", "n=4")
    heirloom("export", str(tmp_path / "out.json"))
    elsewhere()
    said = heirloom("import", str(tmp_path / "out.json"))
    assert "plans arrived switched off" in said.out
    plan = hl.plan("follow")
    assert (plan.is_active, plan.approved) == (False, False)
    assert [row.state for row in hl.ledger()] == ["queued"]
    assert [run.state for run in hl.executions(plan="follow")] == ["cancelled"]
    assert hl.settle().done == ()
    hl.publish(5, "raw[region=emea]")
    assert len(hl.ledger()) == 1
    heirloom("approve", "follow")
    heirloom("on", "follow")
    hl.publish(6, "raw[region=emea]")
    assert [run.state for run in hl.settle().done] == ["succeeded"]
    assert hl.pull("doubled") == 12


@pytest.mark.usefixtures("team")
def test_forged_code_does_not_run_under_an_approved_digest(
    heirloom: Call, tmp_path: Path, elsewhere: Callable[[], Path]
) -> None:
    """What a person approved is a digest: another text under it is refused, and never run."""
    heirloom("export", str(tmp_path / "out.json"))
    doc = json.loads((tmp_path / "out.json").read_text())
    canary = tmp_path / "canary"
    for code in doc["code"].values():
        for fragment in code["fragments"]:
            fragment["source"] = f"open({str(canary)!r}, 'w')\n" + fragment["source"]
    (tmp_path / "out.json").write_text(json.dumps(doc))
    elsewhere()
    heirloom("import", str(tmp_path / "out.json"))
    heirloom("approve", "follow")
    heirloom("on", "follow")
    hl.publish(6, "raw[region=emea]")
    (run,) = hl.settle().done
    assert run.state == "failed"
    assert "not the one of its digest" in str(run.error)
    assert not canary.exists()


def test_a_new_project(heirloom: Call, sales: Any, tmp_path: Path) -> None:
    """A home in use takes an export under a name of its own, and answers for both."""
    heirloom("export", str(tmp_path / "out.json"))
    said = heirloom("import", str(tmp_path / "out.json"), "--project", "north", "--json")
    assert said.document["documents"]["versions"] == 1
    opening.reset()
    assert hl.get("heirloom://north/sales").digest == sales.digest
    assert hl.get("sales") == sales


def test_lines_and_parquet(heirloom: Call, sales: Any, tmp_path: Path) -> None:
    """One call writes what it is asked for, and says what."""
    said = heirloom(
        *("export", "--lines", str(tmp_path / "l"), "--parquet", str(tmp_path / "p"), "--json")
    )
    assert said.document["written"] == [str(tmp_path / "l"), str(tmp_path / "p")]
    assert pd.read_json(tmp_path / "l" / "versions.jsonl", lines=True)["name"].tolist() == ["sales"]
    assert pd.read_parquet(tmp_path / "p" / "versions.parquet")["name"].tolist() == ["sales"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("export",), "Say what to write"),
        (("export", "--payloads", "--lines", "x"), "beside the FILE"),
        (("export", __file__), "nothing was overwritten"),
        (("export", __file__, "--payloads"), "nothing was overwritten"),
        (("import", __file__), "no export"),
        (("import", "nowhere.json"), "No such file"),
        (("import", __file__, "--project", "../up"), "is no project"),
    ],
)
def test_one_line_for_what_goes_wrong_on_the_way(
    heirloom: Call, sales: Any, words: tuple[str, ...], says: str
) -> None:
    """Our errors are one line on standard error, and nothing was written."""
    said = heirloom(*words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert says in said.err


def test_an_export_is_a_look(heirloom: Call, sales: Any, tmp_path: Path, home: Path) -> None:
    """Where the home cannot be written, it can still be exported."""
    (home / "journal.jsonl").chmod(0o400)
    before = (home / "journal.jsonl").read_bytes()
    assert heirloom("export", str(tmp_path / "out.json")).code == 0
    assert (home / "journal.jsonl").read_bytes() == before
