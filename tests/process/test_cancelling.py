"""Cancelling what a reactor's workers run, and what waits for them."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.catalog import Batch

pytestmark = pytest.mark.process


def test_what_runs_and_what_is_queued_is_cancelled(
    reactor: hl.Session, listening: Any, bodies: Any
) -> None:
    """A worker's body is interrupted, a queued row is never claimed, and the worker lives on."""
    for n in (1, 2, 3):
        bodies.let("hold", n)
        hl.publish(n, "source")
    first, second = bodies.wait(1), bodies.wait(2)
    third, *running = hl.executions(plan="work")
    assert third.state == "queued"
    for each in (third, *running):
        assert hl.cancel(each).state == "cancelled"
    bodies.let("hold", 4)
    bodies.go("hold", 4)
    hl.publish(4, "source")
    ended = bodies.ended(4)
    assert [each.state for each in ended] == ["cancelled"] * 3 + ["succeeded"]
    assert all("cancelled by tester" in str(each.error) for each in ended[:3])
    assert not bodies.begun(3)
    assert bodies.wait(4) in {first, second}
    assert hl.search("name=result").total == 1
    assert [row.state for row in hl.ledger("work")] == ["queued"] * 4


HERE, ELSEWHERE = platform.node(), "elsewhere"


@pytest.mark.parametrize(
    ("host", "ended"), [(None, 0), (ELSEWHERE, 0), (HERE, -signal.SIGUSR1)], ids=str
)
def test_only_the_worker_itself_is_interrupted(
    session: hl.Session, listening: Any, host: str | None, ended: int
) -> None:
    """The pid of a worker that is dead, or lives on another host, is somebody else's here."""
    hl.publish(1, "source")
    (queued,) = hl.executions(plan="work")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as somebody:
        name = f"worker-{somebody.pid}-{queued.id}"
        run = replace(queued, state="running", attempt=1, claimant=name)
        session.catalog.commit(lambda _: Batch(executions=[run]))
        life = session.lives.begin("worker")
        if host is not None:
            lock = session.home / "locks" / f"{life.name}.lock"
            lock.write_text(json.dumps({**json.loads(lock.read_text()), "host": host}))
            lock.rename(lock.with_name(f"{name}.lock"))
        assert session.lives.alive(name) is (host is not None)
        assert hl.cancel(run.id).state == "cancelled"
        somebody.communicate(b"\n")
        life.end()
    assert somebody.returncode == ended


@pytest.mark.kernel
def test_what_was_cancelled_keeps_what_it_showed(
    reactor: hl.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook its copy, a task what it printed; the worker adds it, and lives on."""
    monkeypatch.chdir(tmp_path)
    source = f"import time\nprint('begun')\nopen({str(tmp_path / 'begun')!r}, 'w').close()"
    cells = [_cell(f"{source}\ntime.sleep(120)"), _cell("never = 1")]
    book = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    (tmp_path / "team.ipynb").write_text(json.dumps(book))
    os.mkfifo(begun := tmp_path / "begun")

    @hl.task
    def long(path: str = str(begun)) -> None:
        print("begun")
        open(path, "w").close()
        time.sleep(120)

    heard = hl.Artifact("heard")
    for name, target in (("book", hl.notebook_workflow("team.ipynb")), ("task", long)):
        trigger = hl.OnArtifact(heard)
        plan = hl.LaunchPlan.get_or_create(name, target, trigger=trigger, auto_activate=True)
        hl.publish(1, "heard")
        begun.open().close()
        (run,) = hl.executions(plan=name)
        assert (hl.cancel(run).log, run.printed) == (None, "")
        plan.deactivate()
    book_run, task_run = (_left(reactor, name) for name in ("book", "task"))
    assert task_run.printed == "begun\n"
    copy = hl.executed(book_run)
    assert [cell.state for cell in copy.cells] == ["stopped", "not run"]
    assert copy.notebook.cells[0].outputs[0].text == "begun\n"


def _cell(source: str) -> dict[str, Any]:
    kept: dict[str, Any] = {"metadata": {}, "outputs": [], "execution_count": None}
    return {"cell_type": "code", "source": source, **kept}


def _left(session: hl.Session, plan: str) -> hl.Execution:
    """A cancelled run, once its process has added what it left."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        position = session.catalog.position()
        (run,) = hl.executions(plan=plan)
        if run.log or hl.log(run).printed:
            break
        session.catalog.wait(position, 1)
    assert (run.state, run.error) == ("cancelled", "cancelled by tester")
    return run
