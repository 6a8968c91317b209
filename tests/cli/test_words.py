"""The words of the command line: what is understood, what is refused, and where it is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl

Call = Callable[..., Any]
VERBS = (
    *("search", "show", "lineage", "executions", "log", "pull", "publish", "run", "settle"),
    "reactor",
    *("history", "alias", "annotate", "yank", "release"),
    *(
        "plans",
        "on",
        "off",
        "approve",
        "preview",
        "backfill",
        "ledger",
        "doctor",
        "init",
        "export",
        "import",
    ),
)


def test_help_lists_every_verb_but_the_workers(heirloom: Call) -> None:
    """``heirloom --help`` is what a person can call."""
    said = heirloom("--help")
    assert said.code == 0
    listed = [line.split()[0] for line in said.lines if line.split()[:1] and line]
    assert [verb for verb in VERBS if verb not in listed] == []
    assert "worker" not in listed


def test_without_a_verb_it_says_which_there_are(heirloom: Call, home: Path) -> None:
    """As ``--help`` does; it is no success, and nothing is opened."""
    said = heirloom()
    assert (said.code, said.out.strip()) == (2, heirloom("--help").out.strip())
    assert not home.exists()


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_help_json_and_home(heirloom: Call, verb: str) -> None:
    """Each verb explains itself and takes the options that all take."""
    said = heirloom(verb, "--help")
    assert said.code == 0
    assert "--json" in said.out
    assert "--home" in said.out


def test_the_version(heirloom: Call) -> None:
    """``--version`` is the package's."""
    assert heirloom("--version").out == f"heirloom {hl.__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("frob",),
        ("show",),
        ("search", "--limit", "0"),
        ("lineage", "sales", "--up", "some"),
        ("settle", "--timeout", "soon"),
        ("settle", "--timeout", "-1"),
        ("on", "plan", "--missed", "all"),
        ("search", "--frob"),
    ],
)
def test_what_is_no_command(heirloom: Call, words: tuple[str, ...], home: Path) -> None:
    """Misused words end with 2 and the usage, and nothing is opened."""
    said = heirloom(*words)
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("usage: heirloom")
    assert not home.exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "sale"), "Did you mean 'sales'"),
        (("show", "sales[region=apac]"), "region=apac"),
        (("show", "sales["), "▸"),
        (("search", "region="), "▸"),
        (("show", "sales@9"), "sales@9"),
        (("log", "nothing"), "'nothing'"),
        (("on", "plan"), "'plan'"),
        (("ledger", "plan"), "'plan'"),
        (("run", "nowhere"), "'nowhere'"),
        (("run", "missing.ipynb"), "missing.ipynb"),
        (("publish", "missing.csv", "sales?region=emea"), "missing.csv"),
        (("publish", __file__, "sales"), "region"),
        (("publish", __file__, "sales@3"), "without '@'"),
        (("publish", __file__, "x", "--card", "missing.md"), "missing.md"),
        (("pull", "sales", "--to", "/nowhere/x.csv"), "/nowhere/x.csv"),
        (("pull", "settings", "--to", "/nowhere/x.json"), "Cannot write '/nowhere/x.json'"),
    ],
)
def test_one_line_for_what_goes_wrong(
    heirloom: Call, sales: Any, words: tuple[str, ...], says: str
) -> None:
    """Our errors are one line on standard error, exit code 2, and change nothing."""
    hl.publish(1, "settings")
    before = heirloom("doctor", "--json").document["commits"]
    said = heirloom(*words)
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("heirloom: ")
    assert said.err.count("\n") == 1
    assert says in said.err
    assert heirloom("doctor", "--json").document["commits"] == before


def test_a_look_makes_no_home(heirloom: Call, tmp_path: Path) -> None:
    """A mistyped home is an error, not a new empty catalog."""
    where = tmp_path / "typo"
    said = heirloom("search", "--home", str(where))
    assert (said.code, where.exists()) == (2, False)
    assert str(where) in said.err


def test_a_home_before_and_after_the_verb(heirloom: Call, tmp_path: Path) -> None:
    """``--home`` and ``--json`` may stand on either side of the verb."""
    here, there = tmp_path / "here", tmp_path / "there"
    heirloom("--home", str(here), "publish", __file__, "a")
    heirloom("publish", __file__, "b", "--home", str(there))
    assert heirloom("--json", "--home", str(here), "search").document["total"] == 1
    found = heirloom("search", "--json", "--home", str(there)).document["versions"]
    assert [version["name"] for version in found] == ["b"]


def test_a_home_that_can_only_be_read(heirloom: Call, sales: Any, home: Path) -> None:
    """Looks work in a home that another user owns; what writes is refused."""
    journal = home / "journal.jsonl"
    if not _made_unwritable(journal):
        assert heirloom("search").code == 0
        return
    assert heirloom("search").code == 0
    assert heirloom("publish", __file__, "x").code == 2


def _made_unwritable(path: Path) -> bool:
    """Whether taking the right away takes it away: from root it does not."""
    import os

    path.chmod(0o400)
    return not os.access(path, os.W_OK)


def test_as_a_module() -> None:
    """``python -m heirloom`` is the same program, with the same exit codes."""
    run = subprocess.run(
        [sys.executable, "-m", "heirloom", "show", "nothing"], capture_output=True, text=True
    )
    assert run.returncode == 2
    assert run.stderr.startswith("heirloom: ")
    assert "Traceback" not in run.stderr


def test_a_reader_that_goes_away(sales: Any) -> None:
    """``heirloom search | head -0`` ends without a traceback."""
    run = subprocess.run(
        f"{sys.executable} -m heirloom search | true",
        shell=True,
        capture_output=True,
        text=True,
    )
    assert run.stderr == ""
