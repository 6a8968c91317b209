"""A group's home, written by two users in processes of their own.

As root, the processes become two users who have nothing in common but the group; without root
they are the same user twice, and what is looked at are the rights that every file got.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from heirloom.catalog.founding import found

ROOT = os.geteuid() == 0
GROUP = 61000 if ROOT else os.getgid()

_BECOME = """
    import os, sys, tempfile
    import heirloom as hl
    uid, groups, script = int(sys.argv[1]), list(map(int, sys.argv[2].split())), sys.argv[3]
    os.umask(0o077)
    sys.executable = "/bin/true"
    if uid != os.geteuid():
        # The interpreter's own files may be root's: what the script needs is loaded before.
        home, out = os.environ["HEIRLOOM_HOME"], sys.stdout
        with tempfile.TemporaryDirectory() as room, open(os.devnull, "w") as sys.stdout:
            os.chdir(room)
            os.environ["HEIRLOOM_HOME"] = room + "/home"
            exec(script, {**globals()})
            hl.opening.reset()
        os.environ["HEIRLOOM_HOME"], sys.stdout = home, out
        os.setgroups(groups)
        os.setgid(uid)
        os.setuid(uid)
        os.chdir(os.environ["HOME"])
    exec(script)
"""


@dataclass(frozen=True)
class Users:
    """Two users of one group, and what they share."""

    room: Path
    home: Path

    def run(self, uid: int, script: str, *groups: int) -> str:
        """Run `script` as that user, by default of the group; what it printed."""
        own = self.room / str(uid)
        if not own.exists():
            own.mkdir()
            os.chown(own, uid, -1)
        env = {**os.environ, "HOME": str(own), "HEIRLOOM_HOME": str(self.home)}
        env |= {"HEIRLOOM_USER": f"user{uid}", "XDG_CACHE_HOME": str(own / ".cache")}
        said = " ".join(map(str, groups or (GROUP,)))
        done = subprocess.run(
            [sys.executable, "-c", dedent(_BECOME), str(uid), said, dedent(script)],
            capture_output=True,
            text=True,
            env=env,
            cwd=own,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


ANN, BOB, STRANGER = (61001, 61002, 61003) if ROOT else (os.geteuid(),) * 3


@pytest.fixture
def users() -> Iterator[Users]:
    """A room that every user can walk through, with the group's home in it."""
    room = Path(tempfile.mkdtemp(prefix="heirloom-shared-"))
    room.chmod(0o711)
    home = room / "home"
    found(home, shared=True)
    if ROOT:
        os.chown(home, ANN, GROUP)
        home.chmod(0o2770)
    yield Users(room, home)
    shutil.rmtree(room)


_WORK = """
    own = os.path.abspath("data.txt")
    with open(own, "w") as text:
        text.write("payload of %d" % uid * 100)
    os.makedirs("tree/inner", exist_ok=True)
    with open("tree/inner/a.txt", "w") as text:
        text.write("a")
    s = hl.connect()
    v = s.publish(hl.File(own), f"data[by=u{uid}]", "# Data", allow_shared=True)
    s.publish(hl.Directory("tree"), "trees", allow_shared=True)
    s.publish(7, "seven", allow_shared=True)
    s.alias(v, f"newest{uid}")
    s.catalog.db.table("own").insert({"by": uid})
    for version in s.search("name=data"):
        assert open(s.pull(version)).read().startswith("payload of ")
    print(v.version)
"""


def test_two_users_write_one_home(users: Users) -> None:
    """Each reads and adds to what the other made, and every file stays the group's."""
    assert users.run(ANN, _WORK) == "1"
    assert users.run(BOB, _WORK) == "2"
    assert users.run(ANN, _WORK) == "3"
    wrong = [(path, oct(mode)) for path, mode in _rights(users.home) if not _shares(path, mode)]
    assert wrong == []
    assert {path.stat().st_gid for path, _ in _rights(users.home)} == {GROUP}


def test_one_rewrites_what_the_other_made(users: Users) -> None:
    """A redaction by one user leaves a journal that the other still writes."""
    users.run(ANN, "hl.connect().publish(1, 'one', 'a wrongly told name')")
    users.run(
        BOB,
        """
        from heirloom.cli import main
        if os.geteuid() == uid:
            assert main(["redact", "--value", "wrongly told", "--why", "a test"]) == 0
        else:
            hl.connect().publish(1, 'one', 'a wrongly told name')
            main(["redact", "--value", "wrongly told", "--why", "a test"])
        """,
    )
    assert users.run(ANN, "print(hl.connect().publish(2, 'one').version)") == "2"
    assert b"wrongly told" not in (users.home / "journal.jsonl").read_bytes()
    assert [path for path, mode in _rights(users.home) if not _shares(path, mode)] == []


def test_both_start_reactors(users: Users) -> None:
    """A second user's workers write the log that the first user's workers began."""
    start = "s = hl.connect(); s.reactor.start(); print(len(s.reactor.status().reactors), end='')"
    stop = "; s.reactor.stop(0.1)"
    assert users.run(ANN, start + stop) == "1"
    assert users.run(BOB, start + stop) == "1"
    assert stat.S_IMODE((users.home / "logs").stat().st_mode) == 0o2770
    assert stat.S_IMODE((users.home / "logs/workers.log").stat().st_mode) == 0o660


def test_one_sees_whether_the_other_lives(users: Users) -> None:
    """A name that one user's process has held can be asked for by the other's."""
    begin = """
        life = hl.connect().lives.begin("worker")
        if os.geteuid() == uid:
            os.write(1, life.name.encode())
            os._exit(0)
    """
    name = users.run(BOB, begin)
    lock = users.home / "locks" / f"{name}.lock"
    assert stat.S_IMODE(lock.stat().st_mode) == 0o660
    assert users.run(ANN, f"print(hl.connect().lives.alive({name!r}))") == "False"
    users.run(ANN, "hl.connect().lives.begin('worker')")
    assert not lock.exists()


def test_approvals_are_each_users_own(users: Users) -> None:
    """What one user approves stands in that user's own home, where nobody else writes."""
    users.run(ANN, "s = hl.connect(); s.approvals.add('sha256:1', 'plan')")
    kept = users.room / str(ANN) / ".heirloom" / "approvals.txt"
    assert kept.read_text() == "sha256:1 plan\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert not (users.home / "approvals.txt").exists()


def test_a_stranger_gets_one_line(users: Users) -> None:
    """Who is not in the group can neither write nor look, and is told so by one of our errors."""
    users.run(ANN, "hl.connect().publish(1, 'one')")
    ask = """
        for look in (True, False):
            try:
                hl.connect(read_only=look)
            except OSError as error:
                print(type(error).__name__, str(error).count(chr(10)))
    """
    if not ROOT:
        users.home.chmod(0o000)
    said = users.run(STRANGER, ask, STRANGER)
    users.home.chmod(0o2770)
    assert said == "CatalogUnavailable 0\nCatalogUnavailable 0"


def _rights(home: Path) -> Iterator[tuple[Path, int]]:
    for path in [home, *home.rglob("*")]:
        yield path, stat.S_IMODE(path.stat().st_mode)


def _shares(path: Path, mode: int) -> bool:
    if path.is_dir():
        return mode == 0o2770
    return mode == (0o440 if "sha256" in path.parts else 0o660)
