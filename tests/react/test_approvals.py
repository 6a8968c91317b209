"""Whose code may run: a private file of digests."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from heirloom.errors import CatalogUnavailable
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
    approvals.add("sha256:a", "plan")
    approvals.add("sha256:b", "plan")
    assert Approvals(path).digests() == {"sha256:a", "sha256:b"}
    assert path.read_text() == "sha256:a plan\nsha256:b plan\n"
    assert not Approvals(path).allows("sha256")


def test_the_last_approval_of_a_plan(tmp_path: Path) -> None:
    """What somebody approved last under a plan's name is what its next code is held against."""
    approvals = Approvals(tmp_path / "approvals.txt")
    assert approvals.last("plan") is None
    for digest, name in (("a", "plan"), ("b", "plan"), ("c", "other")):
        approvals.add(digest, name)
    assert approvals.last("plan") == "b"


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_may_write_approves_nothing(tmp_path: Path, mode: int) -> None:
    """Nothing in it counts, nothing is added to it, and the error says what to do."""
    approvals = Approvals(tmp_path / "approvals.txt")
    approvals.add("sha256:a", "plan")
    approvals.path.chmod(mode)
    assert not approvals.allows("sha256:a")
    with pytest.raises(CatalogUnavailable, match="chmod 600"):
        approvals.add("sha256:b", "plan")
    approvals.path.chmod(0o600)
    assert approvals.digests() == {"sha256:a"}


def test_a_link_approves_nothing(tmp_path: Path) -> None:
    """A file somewhere else, though it is one's own, is not read in place of the approvals."""
    approvals = Approvals(tmp_path / "approvals.txt")
    approvals.add("sha256:a", "plan")
    linked = Approvals(tmp_path / "linked.txt")
    linked.path.symlink_to(approvals.path)
    assert not linked.allows("sha256:a")
    with pytest.raises(CatalogUnavailable):
        linked.add("sha256:b", "plan")


def test_the_file_is_the_users_alone(tmp_path: Path) -> None:
    """Nobody else can read or write what this user approved."""
    path = tmp_path / "deep" / "approvals.txt"
    Approvals(path).add("sha256:a", "plan")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
