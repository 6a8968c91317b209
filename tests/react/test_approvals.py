"""Whose code may run: a private file of digests."""

from __future__ import annotations

import stat
from pathlib import Path

from heirloom.react.approvals import Approvals


def test_nothing_is_approved_at_first(tmp_path: Path) -> None:
    """Without a file no code runs, unless everything is approved."""
    path = tmp_path / "deep" / "approvals.txt"
    assert not Approvals(path).allows("sha256:a")
    assert Approvals(path, everything=True).allows("sha256:a")
    assert not path.exists()


def test_an_approval_is_kept(tmp_path: Path) -> None:
    """What was added once is approved for every later reader, and stands in the file once."""
    path = tmp_path / "deep" / "approvals.txt"
    approvals = Approvals(path)
    approvals.add("sha256:a", "plan")
    approvals.add("sha256:a", "again")
    approvals.add("sha256:b", "plan")
    assert Approvals(path).digests() == {"sha256:a", "sha256:b"}
    assert path.read_text() == "sha256:a plan\nsha256:b plan\n"
    assert not Approvals(path).allows("sha256")


def test_the_file_is_the_users_alone(tmp_path: Path) -> None:
    """Nobody else can read or write what this user approved."""
    path = tmp_path / "deep" / "approvals.txt"
    Approvals(path).add("sha256:a", "plan")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
