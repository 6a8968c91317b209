"""An interrupt, and a time limit that a body does not keep."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.engine import deadline
from heirloom.errors import TaskTimeout

pytestmark = pytest.mark.process
distributed: Any = import_module("distributed")

TEAM = """
    import time
    from functools import partial
    from pathlib import Path

    @hl.task
    def waits(n: int, place: str) -> int:
        print("began", n)
        Path(place, f"{n}.began").touch()
        until = time.monotonic() + 60
        while time.monotonic() < until and not Path(place, "over").exists():
            time.sleep(0.01)
        return n

    @hl.workflow
    def many(place: str):
        return hl.map_task(partial(waits, place=place))(n=list(range(20)))

    @hl.task(timeout=0.1)
    def blocks(seconds: float) -> int:
        time.sleep(seconds)
        return 1

    @hl.task(timeout=60)
    def quick(x: int) -> int:
        if x == 0:
            raise ZeroDivisionError("x is 0")
        print("quick", x)
        return x + len(hl.inputs)
"""


@pytest.fixture(autouse=True)
def _interrupts_arrive() -> Iterator[None]:
    """Also where the tests run in the background of a shell, which has them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def pools() -> Iterator[dict[str, Any]]:
    """Each takes two bodies at once."""
    with ExitStack() as stack:
        spawned = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
        cluster = stack.enter_context(
            distributed.LocalCluster(
                n_workers=2, processes=False, threads_per_worker=1, dashboard_address=":0"
            )
        )
        yield {
            "here": None,
            "threads": stack.enter_context(ThreadPoolExecutor(2)),
            "processes": stack.enter_context(spawned),
            "cluster": stack.enter_context(distributed.Client(cluster)).get_executor(),
        }


@pytest.mark.parametrize("which", ["here", "threads", "processes", "cluster"])
def test_an_interrupt_cancels_what_is_under_way(
    load: Any, record: Any, pools: Any, which: str, tmp_path: Path
) -> None:
    """It is raised, every record is cancelled, nothing more begins, and the session goes on."""
    team = load(TEAM)
    record.session = hl.connect(tmp_path / "home", executor=pools[which])
    place = tmp_path / "place"
    place.mkdir()

    def interrupt() -> None:
        while len(list(place.glob("*.began"))) < (1 if which == "here" else 2):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        hl.run(team.many, place=str(place))
    assert not (place / "over").exists()
    (place / "over").touch()
    assert {each.state for each in record.all} == {"cancelled"}
    assert {each.kind for each in record.all} == {"workflow", "map", "task"}
    if which in ("here", "threads"):  # of others nothing comes before the end
        began = {int(path.stem) for path in place.glob("*.began")}
        said = {f"/waits/{n}": f"began {n}\n" for n in began}
        assert {each.path: each.printed for each in record.named("waits") if each.printed} == said
    assert hl.run(team.quick, x=1).state == "succeeded"
    assert len(list(place.glob("*.began"))) < 20


def test_a_body_that_does_not_stop_is_left_behind(
    load: Any, record: Any, pools: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A call that blocks in a thread cannot be broken off; the run does not wait for it."""
    monkeypatch.setattr(deadline, "_GRACE", 0.1)
    record.session = hl.connect(tmp_path / "home", executor=pools["threads"])
    began = time.monotonic()
    with pytest.raises(TaskTimeout, match=r"timeout of 0\.1 s and did not stop"):
        load(TEAM).blocks(seconds=5.0)
    assert time.monotonic() - began < 4
    assert record.one("blocks").state == "failed"


def test_a_limit_changes_nothing_of_who_keeps_it(
    load: Any, record: Any, pools: Any, tmp_path: Path
) -> None:
    """Its value, what it prints, its inputs and its error are as without one."""
    record.session = hl.connect(tmp_path / "home", executor=pools["threads"])
    team = load(TEAM)
    hl.publish(5, "five")
    assert team.quick(x=hl.get("five")) == 6
    assert record.one("quick").printed == "quick 5\n"
    with pytest.raises(ZeroDivisionError, match="x is 0"):
        team.quick(x=0)
    failed = record.named("quick")[-1]
    assert failed.error.startswith("Traceback")
    assert "raise ZeroDivisionError" in failed.error
