"""Payloads through the command line: publish and pull."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import heirloom as hl
from heirloom import opening

Call = Callable[..., Any]


def test_a_file_goes_in_and_comes_out(heirloom: Call, tmp_path: Path) -> None:
    """A published file is pulled again under its own name, byte for byte."""
    source = tmp_path / "sales.csv"
    source.write_bytes(b"a,b\r\n1,2\n")
    said = heirloom("publish", str(source), "sales?region=emea")
    assert (said.code, said.out) == (0, "sales[region=emea]@1\n")
    target = tmp_path / "out"
    target.mkdir()
    said = heirloom("pull", "sales?region=emea", "--to", str(target))
    assert said.out == f"{target / 'sales.csv'}\n"
    assert (target / "sales.csv").read_bytes() == b"a,b\r\n1,2\n"


def test_a_directory(heirloom: Call, tmp_path: Path) -> None:
    """A directory goes in as one version and comes out as a directory."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "a.txt").write_text("a")
    heirloom("publish", str(tmp_path / "in"), "tree")
    heirloom("pull", "tree", "--to", str(tmp_path / "out"))
    assert (tmp_path / "out" / "deep" / "a.txt").read_text() == "a"


def test_where_a_file_lands(
    heirloom: Call, sales: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without ``--to`` a file comes into this directory; nothing is overwritten."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert heirloom("pull", "sales").code == 0
    assert (tmp_path / "here" / "sales.csv").read_text() == "a,b\n1,2\n"
    said = heirloom("pull", "sales")
    assert said.code == 2
    assert "exists; nothing was overwritten" in said.err


def test_a_small_value_is_shown(heirloom: Call, tmp_path: Path) -> None:
    """A value in the record itself is printed, or written where it is asked for."""
    hl.publish({"a": [1, 2.5, None]}, "settings")
    hl.publish("plain text", "words")
    opening.reset()
    assert heirloom("pull", "settings").out == '{"a": [1, 2.5, null]}\n'
    assert heirloom("pull", "words").out == "plain text\n"
    assert heirloom("pull", "settings", "--json").document["value"] == {"a": [1, 2.5, None]}
    target = tmp_path / "settings.json"
    assert heirloom("pull", "settings", "--to", str(target)).out == f"{target}\n"
    assert target.read_text() == '{"a": [1, 2.5, null]}'
    assert heirloom("pull", "settings", "--to", str(target)).code == 2


def test_a_frame_comes_as_it_is_stored(heirloom: Call, tmp_path: Path) -> None:
    """What is no file is written in its stored format."""
    frame = pd.DataFrame({"a": [1, 2]})
    hl.publish(frame, "team/table")
    opening.reset()
    said = heirloom("pull", "team/table", "--to", str(tmp_path))
    assert said.out == f"{tmp_path / 'table.parquet'}\n"
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "table.parquet"), frame)


def test_a_pickle_is_copied_not_run(heirloom: Call, tmp_path: Path) -> None:
    """Pulling a pickled payload gives its bytes; nothing of it is loaded."""
    hl.publish(_Mine(), "odd", format="pickle")
    opening.reset()
    said = heirloom("pull", "odd", "--to", str(tmp_path / "odd.bin"))
    assert said.code == 0
    assert not _Mine.loaded
    assert (tmp_path / "odd.bin").stat().st_size > 0


class _Mine:
    loaded = False

    def __setstate__(self, state: object) -> None:
        _Mine.loaded = True


def test_a_pull_is_a_read(heirloom: Call, sales: Any, tmp_path: Path) -> None:
    """Each pull is an edge of the session that pulled; a look is none."""
    heirloom("show", "sales")
    assert hl.current().consumers(hl.get("sales")) == []
    heirloom("pull", "sales", "--to", str(tmp_path / "one.csv"))
    hl.publish(pd.DataFrame({"a": [1]}), "frame")
    heirloom("pull", "frame", "--to", str(tmp_path / "two.parquet"))
    for name in ("sales", "frame"):
        (reader,) = hl.current().consumers(hl.get(name))
        assert reader.kind == "session"


def test_a_card_from_a_file_or_from_standard_input(
    heirloom: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--card`` reads Markdown, from standard input with ``-``."""
    card = tmp_path / "card.md"
    card.write_text("# Card\n")
    heirloom("publish", str(card), "a", "--card", str(card))
    monkeypatch.setattr("sys.stdin", io.StringIO("from a pipe"))
    heirloom("publish", str(card), "b", "--card", "-")
    assert [str(hl.get(name).card) for name in "ab"] == ["# Card\n", "from a pipe"]


def test_a_link_copies_nothing(heirloom: Call, tmp_path: Path, home: Path) -> None:
    """``--link`` records where the file is; what is linked is found again, and still checked."""
    source = tmp_path / "large.csv"
    source.write_text("a\n")
    told = heirloom("publish", str(source), "large", "--link", "--json").document
    assert told["format"] == "link"
    assert not any((home / "store").rglob("*large*"))
    heirloom("pull", "large", "--to", str(tmp_path / "copy.csv"))
    assert (tmp_path / "copy.csv").read_text() == "a\n"


def test_a_draft(heirloom: Call, sales: Any, tmp_path: Path) -> None:
    """A draft is never the newest."""
    heirloom("publish", __file__, "sales?region=emea", "--draft")
    assert heirloom("show", "sales", "--json").document["version"] == 1
    assert heirloom("show", "sales@2", "--json").document["state"] == "draft"


def test_a_file_under_anothers_name(
    heirloom: Call, sales: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused in one line that names the option which takes it."""
    monkeypatch.setenv("HEIRLOOM_USER", "bob")
    words = ("publish", str(tmp_path / "sales.csv"), "sales?region=emea")
    said = heirloom(*words)
    assert said.code == 2
    assert "'sales' is tester's" in said.err
    assert "--allow-shared" in said.err
    assert heirloom(*words, "--allow-shared").out == "sales[region=emea]@2\n"


def test_where_the_payloads_are(heirloom: Call, tmp_path: Path) -> None:
    """`stores` lists a home's stores, and records where a moved one lies now."""
    hl.connect(store=str(tmp_path / "disk"))
    hl.publish("x" * 10_000, "text")
    opening.reset()
    lines = heirloom("stores").lines
    assert lines[0] == "home store"
    (id, place) = lines[1].split()
    assert place == str(tmp_path / "disk")
    (tmp_path / "disk").rename(tmp_path / "new")
    assert heirloom("stores", id, str(tmp_path / "new")).lines == [f"{id} {tmp_path / 'new'}"]
    assert heirloom("pull", "text", "--to", str(tmp_path / "out")).code == 0
    assert heirloom("stores", id).lines == [f"{id} {tmp_path / 'new'}"]
    for words in (("none", str(tmp_path)), ("none",)):
        said = heirloom("stores", *words)
        assert said.code == 2
        assert "no store 'none'" in said.err


def test_a_payload_for_half_of_the_disk(
    heirloom: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused in one line before a record is made; ``--force`` takes it."""
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    (tmp_path / "large.bin").write_bytes(bytes(501))
    said = heirloom("publish", str(tmp_path / "large.bin"), "large")
    assert said.code == 2
    assert "501 bytes, and 1,000 are free" in said.err
    assert heirloom("show", "large").code == 2
    assert heirloom("publish", str(tmp_path / "large.bin"), "large", "--force").code == 0
