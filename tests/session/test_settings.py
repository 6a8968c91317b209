"""Where settings come from, and where a user's approvals are kept."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

import heirloom as hl
from heirloom.settings import Settings


def test_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without arguments and environment: the user's own home, the default project."""
    for name in ("HOME", "USER", "REACTOR", "PROJECT", "STORE", "APPROVE"):
        monkeypatch.delenv(f"HEIRLOOM_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    found = Settings.read()
    assert (found.home, found.store) == (tmp_path / ".heirloom", str(tmp_path / ".heirloom/store"))
    assert (found.project, found.user) == ("default", getpass.getuser())
    assert (found.reactor, found.approve_all) == (True, False)


def test_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each setting has its variable."""
    said = {"HOME": str(tmp_path), "STORE": "memory://x", "PROJECT": "north", "USER": "ann"}
    for name, value in {**said, "REACTOR": "OFF", "APPROVE": "All"}.items():
        monkeypatch.setenv(f"HEIRLOOM_{name}", value)
    found = Settings.read()
    assert (found.home, found.store, found.project) == (tmp_path, "memory://x", "north")
    assert (found.user, found.reactor, found.approve_all) == ("ann", False, True)


def test_arguments_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the call says beats the environment; a relative home is made absolute."""
    monkeypatch.setenv("HEIRLOOM_HOME", "/elsewhere")
    monkeypatch.setenv("HEIRLOOM_PROJECT", "north")
    monkeypatch.chdir(tmp_path)
    found = Settings.read("home", "memory://y", "south")
    assert (found.home, found.store, found.project) == (tmp_path / "home", "memory://y", "south")


def test_a_child_process_opens_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a child gives the settings back."""
    found = Settings.read(tmp_path / "home", "memory://y", "south")
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    assert Settings.read() == found


def test_approvals_are_in_ones_own_home(tmp_path: Path) -> None:
    """A home that nobody else may look into holds its user's approvals."""
    home = hl.connect(tmp_path / "home").home
    assert Settings.read(home).approvals == home / "approvals.txt"


def test_approvals_are_outside_of_a_shared_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where others may look or write, they are in the user's own."""
    monkeypatch.setenv("HOME", str(tmp_path / "ann"))
    home = hl.connect(tmp_path / "home").home
    home.chmod(0o770)
    assert Settings.read(home).approvals == tmp_path / "ann/.heirloom/approvals.txt"


def test_a_network_home_is_allowed_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the word itself, in a call or the environment, allows a home on a network."""
    assert not Settings.read().network
    assert Settings.read(allow_network=True).network
    monkeypatch.setenv("HEIRLOOM_NETWORK", "Allow")
    assert Settings.read().network
