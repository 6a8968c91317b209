"""Teams at work in notebooks, each a kernel of its own, and reactors: a process's, a kernel's.

Ann emits, Ben's code listens. They are two `HEIRLOOM_USER` of one account, each with a directory
of their own, where the approvals are.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import networkx
import pytest
from jupyter_client.manager import KernelManager

import heirloom as hl

pytestmark = [pytest.mark.process, pytest.mark.kernel]
PATIENCE = 90


class Kernel:
    """One in which the extension is loaded; `env` is all of its environment."""

    def __init__(self, env: dict[str, str]) -> None:
        self.manager: Any = KernelManager(kernel_name="python3")
        self.manager.start_kernel(env=env)
        self.client: Any = self.manager.blocking_client()
        self.client.start_channels()

    def wait(self) -> None:
        """Wait until it is ready."""
        self.client.wait_for_ready(timeout=PATIENCE)
        self.run("%load_ext heirloom\nimport heirloom as hl")

    def run(self, cell: str) -> str:
        """Run a cell to its end; what it showed, as text. Its error fails the test."""
        shown: list[str] = []

        def keep(message: Any) -> None:
            content = message["content"]
            shown.append(content.get("text") or content.get("data", {}).get("text/plain", ""))

        reply = self.client.execute_interactive(
            dedent(cell).strip(), output_hook=keep, timeout=PATIENCE
        )["content"]
        assert reply["status"] == "ok", "\n".join(reply.get("traceback", ()))
        return "\n".join(filter(None, shown))

    def end(self) -> None:
        """What a front end does when a notebook is closed."""
        self.client.stop_channels()
        self.manager.shutdown_wait_time = PATIENCE  # until it is killed
        self.manager.shutdown_kernel()


class Teams:
    """A shared home, Ann's and Ben's kernels, and a reactor of Ben's."""

    def __init__(self, room: Path) -> None:
        self.room, self.home = room, room / "home"
        made = [sys.executable, "-m", "heirloom", "init", "--shared", str(self.home)]
        subprocess.run(made, check=True, capture_output=True)
        self.ann, self.ben = Kernel(self._env("ann")), Kernel(self._env("ben"))
        command = [sys.executable, "-m", "heirloom", "reactor"]
        self._reactor = subprocess.Popen(
            command, env=self._env("ben"), stdout=subprocess.PIPE, text=True
        )

    def _env(self, user: str) -> dict[str, str]:
        """The environment of a user's processes; activating a plan may start a reactor."""
        own = self.room / user
        own.mkdir(exist_ok=True)
        who = {"HOME": str(own), "HEIRLOOM_USER": user, "HEIRLOOM_HOME": str(self.home)}
        return {k: v for k, v in os.environ.items() if k != "HEIRLOOM_REACTOR"} | who

    def wait(self) -> None:
        """Wait until all are there."""
        assert self._reactor.stdout is not None
        assert "workers run events" in self._reactor.stdout.readline()
        self.ann.wait()
        self.ben.wait()

    def end(self) -> None:
        """Nothing of theirs lives on."""
        self.ann.end()
        self.ben.end()
        self._reactor.terminate()
        self._reactor.communicate(timeout=PATIENCE)


@pytest.fixture
def teams(tmp_path: Path) -> Iterator[Teams]:
    """At work."""
    made = Teams(tmp_path)
    try:
        made.wait()
        yield made
    finally:
        made.end()


def test_what_one_team_emits_starts_anothers_work(teams: Teams) -> None:
    """Ben's cell and workflow run once for Ann's change, and lineage says who made what."""
    ann, ben = teams.ann, teams.ben
    ann.run('%%artifact sales[region=emea] --card "Daily sales"\n10')
    said = ben.run("%%artifact forecast --from sales[region=emea] --on\nsales * 2")
    assert "forecast@1 int" in said
    assert "kernel's reactor" not in said  # one lives already
    ben.run("%%task describe(n: int) -> report\nf'{n} expected'")
    ben.run("%%workflow tell(n: int = forecast)\ndescribe(n=n)")
    ben.run(
        """
        told = []
        listener = hl.on(("started", "succeeded"), told.append)
        trigger = hl.OnArtifact(hl.Artifact("forecast"))
        hl.LaunchPlan.get_or_create("tell", tell, trigger=trigger).activate()
        """
    )
    said = ann.run("%%artifact sales[region=emea]\n11")
    assert "sales[region=emea]@2 int" in said
    assert "nothing runs it" not in said  # perhaps it waits until Ben's reactor sees it

    session = hl.connect(teams.home, read_only=True)
    _until(lambda: session.search("name=report").total == 1)
    ann.run("%%artifact sales[region=emea]\n11")
    _until(lambda: len(session.ledger()) == 3 and not _open(session))
    assert [hl.pull(v) for v in session.search("name=forecast or name=report")] == [
        "22 expected",
        22,
        20,
    ]
    assert [(row.plan, row.state) for row in session.ledger()] == [
        ("forecast", "unchanged"),
        ("tell", "queued"),
        ("forecast", "queued"),
    ]
    sales, forecast, report = map(session.get, ("sales@2", "forecast@2", "report@1"))
    assert [v.created_by for v in (sales, forecast, report)] == ["ann", "ben", "ben"]
    cell, flow = (session.executions(plan=name)[0] for name in ("forecast", "tell"))
    assert (cell.kind, cell.triggered_by, cell.attempt) == ("cell", (sales.ref,), 1)
    assert (flow.kind, flow.triggered_by, flow.depth) == ("workflow", (forecast.ref,), 2)
    assert flow.chain == cell.chain == sales.execution_id
    graph = session.lineage(report, up=None).to_networkx()
    assert networkx.has_path(graph, sales.ref, report.ref)
    seen = ann.run("print([node.id for node in hl.lineage('report', up=None).nodes])")
    assert all(repr(version.ref) in seen for version in (sales, forecast, report))
    seen = ben.run("listener.stop()\nprint([(news.plan, news.state) for news in told])")
    assert seen.strip() == str(
        [(plan, state) for plan in ("forecast", "tell") for state in ("started", "succeeded")]
    )


@pytest.fixture
def kernel(session: hl.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """On the home of the session, and free to start a reactor."""
    monkeypatch.delenv("HEIRLOOM_REACTOR")
    made = Kernel({**os.environ, "HEIRLOOM_HOME": str(session.home)})
    try:
        made.wait()
        yield made
    finally:
        if made.manager.has_kernel:
            made.end()


def test_a_kernel_that_ends_gives_back_what_it_has(
    kernel: Kernel, session: hl.Session, listening: Any, bodies: Any
) -> None:
    """It waits for no body: its workers end by themselves when theirs have; the rest waits."""
    assert "this kernel's reactor runs it" in kernel.run("hl.plan('work').activate()")
    for n in (1, 2, 3):
        bodies.let("hold", n)
        hl.publish(n, "source")
    workers = {bodies.wait(1), bodies.wait(2)}
    told = kernel.run("%reactor status")
    assert told.startswith("1 reactor, one of this session: 2 workers, 2 busy")
    assert "work (source@2)" in told
    kernel.end()
    assert not list((session.home / "locks").glob("reactor-*"))  # it was not killed
    left = session.reactor.status().processes
    assert {(each.pid, each.reactor, each.plan) for each in left} == {
        (pid, None, "work") for pid in workers
    }
    for n in (1, 2, 3):
        bodies.go("hold", n)
    bodies.wait_gone(*workers)
    assert [each.state for each in hl.executions(plan="work")] == ["queued"] + ["succeeded"] * 2
    (done,) = hl.settle().done
    assert (done.state, done.attempt) == ("succeeded", 1)


def _open(session: hl.Session) -> bool:
    waits = any(session.ledger(state=state, limit=1) for state in ("waiting", "paused"))
    return waits or any(session.executions(state=state) for state in ("queued", "running"))


def _until(met: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)
