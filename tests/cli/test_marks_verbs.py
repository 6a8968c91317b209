"""Saying something of a version from a terminal, and reading what was said."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom import opening

Call = Callable[..., Any]


def test_an_alias_and_its_history(heirloom: Call, sales: Any) -> None:
    """The alias is said and shown; where it was stays in the history, with the reason."""
    hl.publish(2, "settings")
    hl.publish(3, "settings")
    opening.reset()
    heirloom("alias", "settings@1", "champion", "--reason", "the first")
    assert heirloom("alias", "settings@2", "champion").out == "settings@2  champion\n"
    assert "champion" in heirloom("show", "settings@champion").out
    rows = heirloom("history", "settings").lines[1:]
    assert [row.split(" ", 3)[3] for row in rows] == [
        "settings@1 is champion from now on (the first)",
        "settings@2 is champion from now on",
    ]
    told = heirloom("history", "settings@1", "--json").document
    assert [(mark["kind"], mark["by"], mark["data"]["reason"]) for mark in told] == [
        ("alias", "tester", "the first")
    ]


def test_a_card_is_revised_and_each_revision_kept(
    heirloom: Call, sales: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a file or standard input; the history begins with the card of the emission."""
    (tmp_path / "card.md").write_text("# Second")
    heirloom("annotate", "sales@1", "--card", str(tmp_path / "card.md"), "--note", "checked")
    monkeypatch.setattr("sys.stdin", io.StringIO("Third"))
    heirloom("annotate", "sales@1", "--card", "-")
    assert heirloom("show", "sales@1").out.endswith("\nThird\n")
    rows = heirloom("history", "sales@1").lines[1:]
    assert [row.partition("sales@1 ")[2] for row in rows] == [
        "card: # Sales…",
        "card: # Second",
        "note: checked",
        "card: Third",
    ]


def test_a_yank_and_a_release(heirloom: Call, sales: Any) -> None:
    """What became of the version stands beside its name."""
    assert heirloom("yank", "sales@1", "--reason", "wrong").out == "sales[region=emea]@1  yanked\n"
    assert heirloom("restore", "sales@1").out == "sales[region=emea]@1\n"
    hl.publish(1, "settings", draft=True)
    opening.reset()
    assert heirloom("release", "settings@1").out == "settings@2\n"
    said = heirloom("release", "settings@1")
    assert (said.code, said.out) == (2, "")
    assert "released before" in said.err


def test_nothing_was_said(heirloom: Call, sales: Any) -> None:
    """A name without marks is no error; an unknown one is; annotate without words is."""
    assert heirloom("history", "sales").out == "nothing was said of it\n"
    assert heirloom("history", "salse").code == 2
    assert heirloom("annotate", "sales@1").code == 2
