"""Where a home may be, and who may have written in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from heirloom.catalog import Catalog, place
from heirloom.catalog.founding import found
from heirloom.catalog.lock import FileLock
from heirloom.errors import CatalogUnavailable

Open = Callable[..., Catalog]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def open_umask() -> Iterator[None]:
    """The user's umask takes nothing away."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_a_home_is_its_users_alone(opened: Open, home: Path) -> None:
    """Whatever the umask, nobody else can look into a home or any file in it."""
    opened(sync="group").db.table("own").insert({"a": 1})
    opened(sync="group").db.table("own").all()
    found = {path.name: _mode(path) for path in [home, *home.rglob("*")]}
    assert {name for name, mode in found.items() if mode & 0o077} == set()
    assert {found[name] for name in ("journal.jsonl", "index.sqlite", "journal.lock")} == {0o600}


def test_a_home_that_everybody_can_write_is_refused(opened: Open, home: Path) -> None:
    """One line says whose right to take away; nothing is made, and a look is still possible."""
    opened().close()
    home.chmod(0o777)
    (home / "locks").rename(home / "elsewhere")
    with pytest.raises(CatalogUnavailable, match=r"by everybody.*chmod o-w") as refused:
        opened()
    assert refused.value.path == str(home)
    assert not (home / "locks").exists()
    opened(read_only=True).db.tables()


@pytest.mark.parametrize("name", ["journal.jsonl", "locks"])
def test_a_symbolic_link_is_not_followed(
    opened: Open, home: Path, tmp_path: Path, name: str
) -> None:
    """A journal or locks that lie elsewhere are refused, and stay as they are."""
    opened().close()
    (home / name).rename(tmp_path / "elsewhere")
    (home / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CatalogUnavailable, match=f"symbolic link for its {name}"):
        opened()


def test_a_lock_that_is_a_symbolic_link_is_refused(
    opened: Open, home: Path, tmp_path: Path
) -> None:
    """Nobody can make us open, or make, a file somewhere else."""
    (home / "locks").mkdir(parents=True)
    (home / "locks/journal.lock").symlink_to(tmp_path / "victim")
    with pytest.raises(CatalogUnavailable, match="A lock cannot be opened"):
        opened()
    assert not (tmp_path / "victim").exists()


def test_another_users_private_home_is_refused(
    opened: Open, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal of somebody else is only looked into, unless the home is a group's."""
    opened().close()
    monkeypatch.setattr(os, "geteuid", lambda: home.stat().st_uid + 1)
    with pytest.raises(CatalogUnavailable, match=r"'s own.*read_only=True.*init --shared"):
        opened()
    opened(read_only=True)
    home.chmod(0o2770)
    opened()


def test_a_network_home_is_refused_unless_allowed(
    opened: Open, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is made on a network file system before the caller says that it may."""
    monkeypatch.setattr(place, "network_of", lambda path: "nfs4")
    with pytest.raises(CatalogUnavailable, match=r"network file system \(nfs4\).*HEIRLOOM_NETWORK"):
        opened()
    assert not home.exists()
    opened(allow_network=True).close()
    opened(read_only=True)


# ------------------------------------------------------------------ founding


def test_founding_a_shared_home(home: Path) -> None:
    """It is its group's as much as its user's, and making it again changes nothing."""
    assert found(home, shared=True)
    assert _mode(home) == 0o2770
    Catalog(home).close()
    assert not found(home, shared=True)


def test_founding_does_not_turn_one_kind_into_the_other(opened: Open, home: Path) -> None:
    """A home with a catalog stays what it is; the way over is named."""
    opened().close()
    with pytest.raises(CatalogUnavailable, match=r"private already.*heirloom export"):
        found(home, shared=True)
    assert _mode(home) == 0o700
    home.chmod(0o2770)
    with pytest.raises(CatalogUnavailable, match="shared already"):
        found(home)


def test_founding_takes_no_directory_with_something_in_it(tmp_path: Path) -> None:
    """A mistyped path is not made anybody's home."""
    (tmp_path / "letters").write_text("private")
    before = _mode(tmp_path)
    with pytest.raises(CatalogUnavailable, match="not empty"):
        found(tmp_path, shared=True)
    assert _mode(tmp_path) == before


def test_founding_for_a_group_that_is_none(home: Path) -> None:
    """An unknown group is an error that says which ones there are, and makes nothing."""
    with pytest.raises(CatalogUnavailable, match=r"no group 'nobody-has-this'. You are in"):
        found(home, shared=True, group="nobody-has-this")
    assert not home.exists()


def test_a_home_that_is_gone_is_said_with_what_to_do(opened: Open, home: Path) -> None:
    """A look and a lock name the home, not the file missed; with it all goes on."""
    catalog = opened()
    catalog.db.table("own").insert({"a": 1})
    away = home.with_name("away")
    home.rename(away)
    said = rf"is not there any more: {home} \(nothing is called {home.name} in .*mount its disk"
    table = catalog.db.table("own")
    for look in (catalog.position, table.all, lambda: FileLock(home / "locks/index.lock")):
        with pytest.raises(CatalogUnavailable, match=said) as refused:
            look()
        assert refused.value.path == str(home)
        assert "\n" not in str(refused.value)
    away.rename(home)
    assert catalog.db.table("own").all() == [{"a": 1}]


def test_a_lock_that_is_missed_in_a_home_that_stands_is_no_home_gone(
    opened: Open, home: Path
) -> None:
    """Where only the folder of locks is away, the lock is named."""
    opened().close()
    (home / "locks").rename(home / "elsewhere")
    with pytest.raises(CatalogUnavailable, match="A lock cannot be opened"):
        FileLock(home / "locks/index.lock")
