"""Settling: running here what is queued, and waiting for what others run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.engine.claims import Claims
from heirloom.engine.frame import Frame, Place
from heirloom.session import Session
from heirloom.settings import Settings

CHAIN = """
    import sys

    raw, clean, report = hl.Artifact("raw"), hl.Artifact("clean"), hl.Artifact("report")

    @hl.task
    def scrub(x: int) -> Annotated[int, clean]:
        sys.scrubbing(x)
        return x * 10

    @hl.task
    def write(x: int) -> Annotated[int, report]:
        return x + 1

    @hl.workflow
    def cleaning(x: int = raw.query()) -> None:
        scrub(x=x)

    @hl.workflow
    def reporting(x: int = clean.query()) -> None:
        write(x=x)

    hl.LaunchPlan.get_or_create(
        "cleaning", cleaning, trigger=hl.OnArtifact(raw), auto_activate=True
    )
    hl.LaunchPlan.get_or_create(
        "reporting", reporting, trigger=hl.OnArtifact(clean), auto_activate=True
    )
"""


@pytest.fixture(autouse=True)
def chain(load: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two teams: what one cleans, the other reports."""
    monkeypatch.setattr(sys, "scrubbing", lambda _: None, raising=False)
    return load(CHAIN)


class Other:
    """Another process's reactor, stood in for by a thread with a session of its own.

    Attributes:
        begun: Set when its body runs.
        go: Set to let the body end.
    """

    def __init__(self, session: Session) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self._home = session.home
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Claim one execution and hold on in the middle of its body."""
        sys.scrubbing = self._hold  # type: ignore[attr-defined]  # the hook of the rebuilt code
        self._thread.start()
        assert self.begun.wait(5)
        sys.scrubbing = lambda _: None  # type: ignore[attr-defined]  # likewise

    def _hold(self, _: int) -> None:
        self.begun.set()
        assert self.go.wait(10)

    def _run(self) -> None:
        session = Session(Settings.read(self._home))
        life = session.lives.begin("worker")
        session.claims(life.name).run_next()
        life.end()
        session.close()

    def end(self) -> None:
        """Let it end."""
        self.go.set()
        self._thread.join(10)


@pytest.fixture
def other(session: Session) -> Iterator[Other]:
    """Another reactor of this home."""
    found = Other(session)
    yield found
    if found._thread.ident is not None:
        found.end()


def test_nothing_to_do() -> None:
    """A settled home settles at once."""
    assert repr(hl.settle()) == "<settled: 0 done, 0 still open>"


def test_chains_run_to_their_end() -> None:
    """What runs starts more, and that is run as well."""
    hl.publish(4, "raw")
    settled = hl.settle()
    assert [(e.name, e.state, e.depth) for e in settled.done] == [
        ("cleaning", "succeeded", 1),
        ("reporting", "succeeded", 2),
    ]
    assert not settled.still
    assert hl.pull("report") == 41


def test_lineage_goes_through_the_chain() -> None:
    """From the report back through both workflows to what was published."""
    source = hl.publish(4, "raw")
    hl.settle()
    above = hl.lineage("report", up=None, down=0)
    assert source.ref in {node.id for node in above.nodes}
    assert {edge.how for edge in above.edges} >= {"trigger", "produced"}


def test_events_run_in_commit_order() -> None:
    """A plan's executions run one at a time, in the order of the versions that fired."""
    seen: list[int] = []
    sys.scrubbing = seen.append  # type: ignore[attr-defined]  # the hook of the rebuilt code
    for x in (5, 3, 4, 1, 2):
        hl.publish(x, "raw")
    hl.settle()
    assert seen == [5, 3, 4, 1, 2]


def test_a_long_queue_keeps_its_order(session: Session) -> None:
    """More events than are looked at in one go are taken in order, too."""
    for x in range(20):
        hl.publish(x, "raw")
    hl.plan("reporting").deactivate()
    seen: list[int] = []
    sys.scrubbing = seen.append  # type: ignore[attr-defined]  # the hook of the rebuilt code
    hl.settle()
    assert seen == list(range(20))


def test_a_failure_ends_one_run_only() -> None:
    """What a body raises is recorded, not raised; the next event runs."""
    hooks = iter([ZeroDivisionError("by hand"), None])

    def hook(_: int) -> None:
        error = next(hooks)
        if error is not None:
            raise error

    sys.scrubbing = hook  # type: ignore[attr-defined]  # the hook of the rebuilt code
    hl.publish(1, "raw")
    hl.publish(2, "raw")
    settled = hl.settle()
    assert [e.state for e in settled.done] == ["failed", "succeeded", "succeeded"]
    assert "by hand" in str(settled.done[0].error)
    assert repr(settled) == "<settled: 3 done (1 not well), 0 still open>"


def test_an_exit_in_a_body_ends_one_run_only() -> None:
    """``sys.exit`` in triggered code does not end who runs it."""
    sys.scrubbing = sys.exit  # type: ignore[attr-defined]  # the hook of the rebuilt code
    hl.publish(1, "raw")
    (failed,) = hl.settle().done
    assert failed.state == "failed"


def test_settle_waits_for_what_others_run(other: Other) -> None:
    """What another process holds is waited for, and is among what is done."""
    hl.publish(4, "raw")
    other.start()
    timer = threading.Timer(0.2, other.go.set)
    timer.start()
    settled = hl.settle(timeout=10)
    assert [(e.name, e.state) for e in settled.done] == [
        ("cleaning", "succeeded"),
        ("reporting", "succeeded"),
    ]
    assert hl.pull("report") == 41


def test_what_comes_free_at_the_last_moment_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not start when it was looked at, and could a moment later, is not left."""
    candidate = Claims.candidate

    def too_early(self: Claims) -> Any:
        monkeypatch.setattr(Claims, "candidate", candidate)
        hl.publish(4, "raw")

    monkeypatch.setattr(Claims, "candidate", too_early)
    assert len(hl.settle().done) == 2


def test_a_timeout_tells_what_is_open(other: Other) -> None:
    """After the timeout nothing more is waited for: what is open stands with its reason."""
    hl.publish(4, "raw")
    hl.publish(5, "raw")
    other.start()
    settled = hl.settle(timeout=0.1)
    assert not settled.done
    assert [(e.name, why) for e, why in settled.still if isinstance(e, hl.Execution)] == [
        ("cleaning", "is running"),
        ("cleaning", "waits for a slot: 1 of cleaning is running"),
    ]


def test_a_plan_may_run_several_at_once(chain: Any, other: Other) -> None:
    """With a wider limit the second event runs while the first is under way."""
    hl.LaunchPlan.get_or_create(
        "cleaning", chain.cleaning, trigger=hl.OnArtifact(chain.raw), max_concurrent=2
    )
    hl.publish(4, "raw")
    hl.publish(5, "raw")
    other.start()
    settled = hl.settle(timeout=0.2)
    assert [e.triggered_by for e in settled.done if e.name == "cleaning"] == [
        (hl.get("raw@2").ref,)
    ]


def test_a_settling_cell_is_nobodys_parent() -> None:
    """What an interactive cell settles is a run of its own, not the cell's child."""
    hl.publish(4, "raw")
    cell = Frame(Place.root(), interactive=True)
    with cell.active():
        done = hl.settle().done
        hl.pull("report")
    assert {e.parent_id for e in done} == {None}
    assert {e.root_id for e in done} == {e.id for e in done}
    assert [read.item for read in cell.reads] == [hl.get("report").ref]


def test_other_projects_of_the_home(chain: Any, session: Session, load: Any) -> None:
    """Every project's events are run, each in its own project."""
    hl.connect(session.home, project="north")
    load(CHAIN)
    hl.publish(7, "raw")
    hl.connect(session.home, project="south")
    settled = hl.settle()
    assert [(e.name, e.project) for e in settled.done] == [
        ("cleaning", "north"),
        ("reporting", "north"),
    ]
    assert not hl.search().versions
    assert not hl.executions()
    hl.connect(session.home, project="north")
    assert hl.pull("report") == 71


def test_an_executor_is_for_every_project(session: Session, load: Any) -> None:
    """What a session runs of other projects runs where its own does."""
    team = load("""
        sales = hl.Artifact("sales")

        @hl.task
        def where(n: int) -> str:
            import threading

            return threading.current_thread().name
    """)
    for project in ("north", "south"):
        hl.connect(session.home, project=project)
        trigger = hl.OnArtifact(team.sales, inputs={"n": team.sales})
        hl.LaunchPlan.get_or_create("where", team.where, trigger=trigger, auto_activate=True)
        hl.publish(1, "sales")
    with ThreadPoolExecutor(1, thread_name_prefix="mine") as threads:
        hl.connect(session.home, project="north", executor=threads)
        done = hl.settle().done
    assert {each.project: each.outputs["o0"] for each in done} == {
        "north": "mine_0",
        "south": "mine_0",
    }


def test_a_body_acts_on_its_own_project(session: Session, load: Any) -> None:
    """What a body publishes and pulls is in the project of its execution."""
    hl.connect(session.home, project="north")
    load(
        """
        raw = hl.Artifact("raw")

        @hl.task
        def copy() -> str:
            hl.publish(hl.pull("raw"), "copied")
            return hl.current().project

        hl.LaunchPlan.get_or_create("copy", copy, trigger=hl.OnArtifact(raw), auto_activate=True)
        """
    )
    hl.publish(7, "raw")
    hl.connect(session.home)
    (done,) = hl.settle().done
    assert done.outputs["o0"] == "north"
    assert hl.current().project == "default"
    assert not hl.search("name=copied").versions
    hl.connect(session.home, project="north")
    assert hl.pull("copied") == 7


# ---------------------------------------------------------------------- two users


@pytest.fixture
def shared(session: Session) -> Path:
    """The home, opened to a group: approvals are then outside of it, each user's own."""
    hl.connect(session.home)
    session.home.chmod(0o770)
    return session.home


def _as(user: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    own = home.parent / user
    own.mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(own))
    monkeypatch.setenv("HEIRLOOM_USER", user)
    return hl.connect(home)


def test_another_users_code_waits(shared: Path, monkeypatch: pytest.MonkeyPatch, load: Any) -> None:
    """A plan that another user registered is not run here until it is approved here."""
    _as("ann", shared, monkeypatch)
    load(CHAIN)
    _as("bob", shared, monkeypatch)
    hl.publish(4, "raw")
    assert not hl.plan("cleaning").approved
    (still,) = hl.settle().still
    owner, run = hl.plan("cleaning").registered_by, "heirloom approve cleaning"
    why = f"v1 by {owner} is not approved: {run} --show to read it, {run} to let it run"
    assert (still[0].state, still[1].endswith(why)) == ("waiting", True)
    approved = hl.plan("cleaning").approve()
    assert (approved.approved, approved.note) == (True, "v1 approved; 1 event waited for it")
    (done,) = hl.settle().done
    assert (done.name, done.state, done.created_by) == ("cleaning", "succeeded", "bob")
    assert not hl.plan("reporting").approved  # though the code that ran has registered it, too


def test_the_owner_runs_own_code(shared: Path, monkeypatch: pytest.MonkeyPatch, load: Any) -> None:
    """Who registered it runs it, whoever published."""
    _as("ann", shared, monkeypatch)
    load(CHAIN)
    _as("bob", shared, monkeypatch)
    hl.publish(4, "raw")
    _as("ann", shared, monkeypatch)
    assert len(hl.settle().done) == 2


def test_a_waiting_plan_blocks_nobody(
    shared: Path, monkeypatch: pytest.MonkeyPatch, load: Any
) -> None:
    """Behind an event that waits for approval, another plan's event runs."""
    _as("ann", shared, monkeypatch)
    load(CHAIN)
    _as("bob", shared, monkeypatch)
    load(CHAIN.replace("clean", "tidy").replace('"report', '"paper'))
    hl.publish(4, "raw")
    settled = hl.settle()
    assert [e.name for e in settled.done] == ["tidying", "reporting"]
    assert [row.plan for row, _ in settled.still] == ["cleaning"]


def test_a_service_account_runs_all(
    shared: Path, monkeypatch: pytest.MonkeyPatch, load: Any
) -> None:
    """With ``HEIRLOOM_APPROVE=all`` every plan's code is run."""
    _as("ann", shared, monkeypatch)
    load(CHAIN)
    monkeypatch.setenv("HEIRLOOM_APPROVE", "all")
    _as("service", shared, monkeypatch)
    hl.publish(4, "raw")
    assert len(hl.settle().done) == 2
