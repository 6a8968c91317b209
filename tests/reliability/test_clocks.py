"""Clocks that are set back, forward, or stand still: order is the order of commits."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl

_NOW = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)  # before a night that is an hour short
_SHIFTS = {
    "an hour back": timedelta(hours=-1),
    "ten years back": timedelta(days=-3650),
    "ten years forward": timedelta(days=3650),
    "standing still": timedelta(0),
    "a second on": timedelta(seconds=1),
    "before 1970": timedelta(days=-60 * 365),
}


_TEAM = """
from typing import Annotated
import heirloom as hl

sales, seen = hl.Artifact("sales"), hl.Artifact("seen")

@hl.task
def note(x: int) -> Annotated[int, seen]:
    return x

@hl.workflow
def noted(x: int) -> None:
    note(x=x)

hl.LaunchPlan.get_or_create(
    "noted", noted, trigger=hl.OnArtifact(sales, inputs={"x": sales})
).activate()
"""


class _Clock:
    """What the house asks for the time; `set` says what it shows."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.shown = _NOW
        clock = self

        class Shown(datetime):
            @classmethod
            def now(cls, tz: object = None) -> Any:
                return clock.shown

        patch.setattr("heirloom.records.clock.datetime", Shown)
        patch.setattr("time.time_ns", lambda: max(0, round(self.shown.timestamp() * 1e9)))

    def set(self, shift: timedelta) -> None:
        self.shown = _NOW + shift


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    """The clock of records and of execution ids."""
    return _Clock(monkeypatch)


@pytest.fixture
def session(tmp_path: Path) -> hl.Session:
    """A session in a home of its own."""
    return hl.connect(tmp_path / "home")


def test_order_is_commit_order(
    clock: _Clock, session: hl.Session, count: Callable[..., None]
) -> None:
    """Numbers, latest and search follow the commits, whatever the clock says."""
    made = 0
    for _ in range(3):
        for shift in _SHIFTS.values():
            clock.set(shift)
            made += 1
            assert hl.publish(made, "sales").version == made
            assert hl.get("sales").version == made
            assert hl.pull("sales@latest") == made
    assert [version.version for version in hl.search("sales").versions] == [*range(made, 0, -1)]
    found = session.catalog.view().executions(name="publish")
    assert [len(run.outputs) for run in found] == [1] * len(found)
    count(commits=made, shifts=len(_SHIFTS))


@pytest.mark.parametrize("shift", _SHIFTS.values(), ids=list(_SHIFTS))
def test_no_run_is_lost(
    clock: _Clock,
    session: hl.Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    shift: timedelta,
) -> None:
    """A plan runs once for each version, though the clock jumps between event, claim and end."""
    path = tmp_path / "team.py"
    path.write_text(_TEAM)
    spec = importlib.util.spec_from_file_location("team", path)
    assert spec is not None
    assert spec.loader is not None
    team = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "team", team)
    spec.loader.exec_module(team)
    hl.publish(1, "sales")
    clock.set(shift)
    hl.publish(2, "sales")
    hl.settle()
    clock.set(timedelta(0))
    hl.publish(3, "sales")
    hl.settle()
    runs = session.catalog.view().executions(name="note")
    assert [run.state for run in runs] == ["succeeded"] * 3
    assert len(hl.ledger()) == 3
    values = [hl.pull(version.ref) for version in hl.search("name=seen").versions]
    assert values == [3, 2, 1]


def test_aliases_follow_commits(clock: _Clock, session: hl.Session) -> None:
    """An alias moved while the clock was back points where it was moved last."""
    for value in range(2):
        hl.publish(value, "sales")
    hl.alias("sales@1", "champion")
    clock.set(timedelta(days=-3650))
    hl.alias("sales@2", "champion")
    assert hl.get("sales@champion").version == 2
