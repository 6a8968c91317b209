"""Opening, replacing and closing sessions."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.engine.kernel import Kind
from heirloom.errors import CatalogError, CatalogUnavailable, DeclarationError
from heirloom.opening import reset
from heirloom.session import Session
from heirloom.settings import Settings
from heirloom.testing import session_in


@hl.task
def double(x: int) -> int:
    """Twice `x`."""
    return 2 * x


def _sessions(session: Session) -> list[Any]:
    """The executions of kind ``session``, oldest first."""
    found = session.catalog.view().executions(name="session")
    return [execution for execution in reversed(found) if execution.kind == "session"]


# ---------------------------------------------------------------------- which one acts


def test_the_first_use_opens_the_default_home(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Without connect, the home of the environment is opened when it is first needed."""
    monkeypatch.setenv("HEIRLOOM_HOME", str(home))
    monkeypatch.setenv("HEIRLOOM_PROJECT", "north")
    assert not home.exists()
    hl.publish(1, "one")
    assert (hl.current().home, hl.current().project) == (home, "north")
    assert hl.get("one").project == "north"


def test_connecting_again_replaces_the_session(home: Path, tmp_path: Path) -> None:
    """The front acts on the newest; the one before is closed, its reads recorded."""
    first = hl.connect(home)
    version = hl.publish(1, "one")
    hl.pull("one")
    second = hl.connect(tmp_path / "other")
    assert hl.current() is second
    assert not hl.search().versions
    assert hl.connect(home).home == first.home
    (read,) = _sessions(hl.current())
    assert [each.item for each in read.reads] == [version.ref]


def test_a_home_that_cannot_be_opened_leaves_the_session(home: Path, tmp_path: Path) -> None:
    """The error is one line, and the session before goes on."""
    before = hl.connect(home)
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    with pytest.raises(CatalogUnavailable) as caught:
        hl.connect(blocked)
    assert "\n" not in str(caught.value)
    assert hl.current() is before
    assert hl.publish(1, "one").version == 1


def test_a_project_is_one_word(home: Path) -> None:
    """Another project is refused before anything is made."""
    with pytest.raises(DeclarationError, match="is no project"):
        hl.connect(home, project="no project")
    assert not home.exists()


def test_projects_of_one_home_are_apart(home: Path) -> None:
    """Names, executions, plans and ledgers are each project's own."""
    hl.connect(home, project="north")
    hl.publish(1, "one")
    double(2)
    hl.connect(home, project="south")
    assert not hl.search().versions
    assert not hl.executions()
    assert hl.pull("heirloom://north/one") == 1
    assert hl.publish(1, "one").version == 1


def test_what_runs_in_a_session_acts_on_it(home: Path, tmp_path: Path) -> None:
    """A session that is not the process's own is the one that its bodies act on."""
    hl.connect(home)
    other = Session(Settings.read(tmp_path / "other"))

    @hl.task
    def body() -> str:
        hl.publish(double(4), "made")
        return str(hl.current().home)

    done: Any = other.run(body)
    assert done.outputs["o0"] == str(tmp_path / "other")
    assert hl.current().home == home
    assert other.pull("made") == 8
    assert not hl.executions()
    other.close()


def test_a_session_for_a_test(tmp_path: Path) -> None:
    """``testing.session_in`` opens one, and leaves none open."""
    with session_in(tmp_path / "home") as session:
        assert hl.current() is session
        hl.publish(1, "one")
    with session_in(tmp_path / "home", project="north"):
        assert not hl.search().versions


# ---------------------------------------------------------------------- its own reads


def test_the_reads_of_a_script_are_recorded_at_its_end(home: Path) -> None:
    """What a script pulls outside of any execution is one execution, each version once."""
    hl.connect(home)
    one, two = hl.publish(1, "one"), hl.publish(2, "two")
    for name in ("one", "two", "one"):
        hl.pull(name)
    assert not _sessions(hl.current())
    hl.connect(home)
    (read,) = _sessions(hl.current())
    assert (read.kind, read.state) == ("session", "succeeded")
    assert [(r.item, r.how) for r in read.reads] == [(one.ref, "read"), (two.ref, "read")]


def test_a_flush_records_what_was_read_so_far(home: Path) -> None:
    """Each flush is an execution of its own; without reads there is none."""
    session = hl.connect(home)
    hl.publish(1, "one")
    session.pulls.flush()
    hl.pull("one")
    session.pulls.flush()
    session.pulls.flush()
    hl.pull("one")
    session.pulls.flush()
    assert len(_sessions(session)) == 2


def test_reads_that_could_not_be_recorded_are_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk refuses, the reads wait for the next flush."""
    session = hl.connect(home)
    hl.publish(1, "one")
    hl.pull("one")

    def refuse(*_: Any, **__: Any) -> None:
        msg = "disk full"
        raise CatalogError(msg)

    with monkeypatch.context() as patch:
        patch.setattr(session.catalog, "commit", refuse)
        with pytest.raises(CatalogError):
            session.pulls.flush()
    session.pulls.flush()
    assert len(_sessions(session)) == 1


def test_a_close_that_records_nothing_closes_all_else(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk refuses the reads, that is said when reactor, listeners and kernels ended."""
    session = Session(Settings.read(home))
    session.reactor.workers = 0
    session.reactor.start()
    listener = session.telling.on("failed", print)
    session.kernels().keep(Kind("none", str(home), ()))
    with session.here():
        hl.publish(1, "one")
        hl.pull("one")

    def refuse(*_: Any, **__: Any) -> None:
        msg = "disk full"
        raise CatalogUnavailable(msg, path=str(home))

    monkeypatch.setattr(session.catalog, "commit", refuse)
    with pytest.raises(CatalogUnavailable, match="disk full"):
        session.close()
    assert not session.reactor.runs_anywhere()
    assert not listener.listens
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {"heirloom-reactor", "heirloom-kernels"}
    session.close()


def test_a_script_that_ends_has_recorded_its_reads(home: Path) -> None:
    """At the end of a process the session is closed; a look leaves nothing."""
    hl.connect(home)
    version = hl.publish(1, "one")
    code = "import heirloom as hl; hl.get('one'); hl.pull('one')"
    _python(code, home)
    (read,) = _sessions(hl.current())
    assert [each.item for each in read.reads] == [version.ref]
    _python("import heirloom as hl; hl.get('one'); hl.search()", home)
    assert len(_sessions(hl.current())) == 1


def _python(code: str, home: Path) -> str:
    roots = str(Path(hl.__file__).parents[1])
    env = {**os.environ, "HEIRLOOM_HOME": str(home), "PYTHONPATH": roots}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True
    )
    assert not done.stderr
    return done.stdout.strip()


# ---------------------------------------------------------------------- read only


def test_a_read_only_session_looks(home: Path) -> None:
    """It finds, pulls and shows all that is there."""
    hl.connect(home)
    hl.publish(1, "one")
    hl.connect(home, read_only=True)
    assert hl.pull("one") == 1
    assert hl.search().total == 1
    assert hl.lineage("one").nodes
    assert not hl.plans()


def test_a_read_only_session_writes_nothing(home: Path) -> None:
    """Every write is refused, and the end of the session leaves the home byte for byte."""
    hl.connect(home)
    hl.publish(1, "one")
    reset()
    before = _bytes(home)
    session = hl.connect(home, read_only=True)
    hl.pull("one")
    session.reactor.status()
    refused: list[Any] = [
        lambda: hl.publish(2, "one"),
        lambda: hl.yank("one"),
        lambda: hl.alias("one", "champion"),
        lambda: double(1),
        lambda: hl.run(double, x=1),
        lambda: hl.LaunchPlan.get_or_create("plan", double),
        hl.settle,
        session.reactor.start,
    ]
    for write in refused:
        with pytest.raises(CatalogError):
            write()
    reset()
    assert _bytes(home) == before


def test_a_read_only_session_runs_nothing(home: Path) -> None:
    """What could not be recorded does not run: no body begins."""
    ran: list[int] = []

    @hl.task
    def body() -> None:
        ran.append(1)

    hl.connect(home)
    hl.connect(home, read_only=True)
    with pytest.raises(CatalogUnavailable, match="only looks"):
        body()
    assert not ran


def _bytes(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()
    }


def test_a_read_only_session_needs_a_catalog(home: Path) -> None:
    """There is nothing to look into where no home is, and none is made."""
    with pytest.raises(CatalogUnavailable, match="There is no catalog to read"):
        hl.connect(home, read_only=True)
    assert not home.exists()


# ---------------------------------------------------------------------- several at once


def test_two_processes_see_each_other(home: Path) -> None:
    """What another process emits is there at the next look, and the numbers go on."""
    hl.connect(home)
    hl.publish(1, "one")
    code = "import heirloom as hl; print(hl.pull('one'), hl.publish(2, 'one').version)"
    assert _python(code, home) == "1 2"
    assert hl.pull("one") == 2
    assert hl.publish(3, "one").version == 3


def test_two_sessions_of_one_process_see_each_other(home: Path) -> None:
    """Two sessions on one home are as two processes."""
    first, second = (Session(Settings.read(home)) for _ in range(2))
    first.publish(1, "one")
    assert second.publish(2, "one").version == 2
    assert first.pull("one") == 2
    first.close()
    assert second.pull("one") == 2
    second.close()


def test_threads_share_a_session(home: Path) -> None:
    """Tasks and looks from several threads at once leave every record."""
    hl.connect(home)
    errors: list[BaseException] = []

    def work(n: int) -> None:
        try:
            for x in range(5):
                hl.publish(double(x), f"name-{n}")
                hl.search()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert hl.search().total == 20
    assert len(hl.executions(name="double")) == 20


def test_the_repr_of_a_session(home: Path) -> None:
    """It says which project and home it has open."""
    assert repr(hl.connect(home)) == f"<heirloom session 'default' at {home}>"
