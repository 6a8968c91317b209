"""Making homes and looking after them: init and doctor."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heirloom.catalog.lock import FileLock
from heirloom.cli import findings
from heirloom.settings import Settings

Call = Callable[..., Any]


def _found(said: Any) -> str:
    return "\n".join(f"{each['what']} {each['do']}" for each in said.document["findings"])


def test_init_makes_the_users_own_home(heirloom: Call, home: Path) -> None:
    """Without words, it is the home that everything else would use, for nobody else."""
    said = heirloom("init", "--json")
    assert said.document == {"home": str(home), "made": True, "shared": False, "group": None}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (home / "journal.jsonl").exists()
    assert "was there: yours alone" in heirloom("init").out


def test_init_makes_a_teams_home(heirloom: Call, tmp_path: Path) -> None:
    """A shared home says whose it is, and its files are the group's from the first one on."""
    where = tmp_path / "team"
    said = heirloom("init", "--shared", str(where))
    group = where.group()
    assert said.lines[0] == f"{where} is made: shared with the group {group}"
    assert stat.S_IMODE(where.stat().st_mode) == 0o2770
    assert stat.S_IMODE((where / "journal.jsonl").stat().st_mode) == 0o660
    assert heirloom("init", str(where), "--group", group, "--json").document["made"] is False


def test_init_refuses_in_one_line(heirloom: Call, tmp_path: Path) -> None:
    """A directory with something in it becomes no home."""
    (tmp_path / "letters").write_text("private")
    said = heirloom("init", str(tmp_path))
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "not empty" in said.err


def test_the_doctor_finds_nothing_in_a_sound_home(heirloom: Call, sales: Any, home: Path) -> None:
    """It says what is installed, how large the home is, and that there is nothing to mend."""
    said = heirloom("doctor", "--json")
    assert (said.code, said.document["findings"]) == (0, [])
    assert said.document["journal bytes"] == (home / "journal.jsonl").stat().st_size
    assert said.document["tinydb"].startswith("4.")
    assert heirloom("doctor").lines[-1] == "nothing to mend"


def test_the_doctor_makes_no_home(heirloom: Call, home: Path) -> None:
    """Where there is none, that is the finding."""
    said = heirloom("doctor", "--json")
    assert "no home" in _found(said)
    assert (said.code, home.exists()) == (1, False)


def test_the_doctor_answers_for_a_damaged_home(heirloom: Call, sales: Any, home: Path) -> None:
    """A catalog that cannot be read is a finding beside everything else that is known."""
    raw = (home / "journal.jsonl").read_bytes()
    (home / "journal.jsonl").write_bytes(raw[:300] + b"#" + raw[301:])
    said = heirloom("doctor", "--json")
    assert said.code == 1
    assert "damaged at byte" in _found(said)
    assert "salvage" in _found(said)
    assert said.document["home"] == str(home)
    assert "versions" not in said.document


def test_the_doctor_answers_for_bad_settings(
    heirloom: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project that is no word is a finding."""
    monkeypatch.setenv("HEIRLOOM_PROJECT", "../up")
    assert "'../up' is no project" in _found(heirloom("doctor", "--json"))


def test_the_doctor_looks_at_rights(heirloom: Call, sales: Any, home: Path) -> None:
    """A home that others can write is a finding with the command that mends it."""
    home.chmod(0o777)
    found = _found(heirloom("doctor", "--json"))
    assert f"chmod o-w {home}" in found
    assert f"chmod g-w {home}" in found
    (home / "approvals.txt").touch()
    assert f"chmod 700 {home}" in _found(heirloom("doctor", "--json"))


def test_the_doctor_looks_at_links_and_leftovers(heirloom: Call, sales: Any, home: Path) -> None:
    """A linked journal and a copy of what was cut off are told of."""
    (home / "journal.jsonl").rename(home / "elsewhere")
    (home / "journal.jsonl").symlink_to(home / "elsewhere")
    (home / "journal.jsonl.torn-99").touch()
    found = _found(heirloom("doctor", "--json"))
    assert "symbolic link" in found
    assert "journal.jsonl.torn-99" in found


def test_the_doctor_looks_at_the_place(
    heirloom: Call, sales: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network file system, a full disk and a store that is none are told of."""
    monkeypatch.setattr(findings, "network_of", lambda path: "nfs4")
    monkeypatch.setattr(findings, "_LITTLE", 1 << 70)
    monkeypatch.setenv("HEIRLOOM_STORE", "ftp://host/x")
    found = _found(heirloom("doctor", "--json"))
    assert "network file system (nfs4): refused" in found
    assert "MB are free" in found
    assert "'ftp' is no place" in found


def test_the_doctor_sees_who_writes(sales: Any, home: Path) -> None:
    """A held lock is a finding that names how to find its holder."""
    with FileLock(home / "locks" / "journal.lock"):
        found = "\n".join(map(str, findings.findings(Settings.read(home))))
    assert f"fuser {home / 'locks/journal.lock'}" in found


@pytest.mark.usefixtures("team")
def test_the_doctor_says_that_nothing_runs_events(heirloom: Call) -> None:
    """Queued executions without a reactor are a finding."""
    heirloom("on", "follow")
    heirloom("run", "begin", "-p", "n=4")
    found = _found(heirloom("doctor", "--json"))
    assert "1 queued executions wait" in found
    assert "heirloom reactor" in found
