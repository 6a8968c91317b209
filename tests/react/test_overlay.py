"""Many decisions in one transaction: each costs what it costs alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from world import BEGAN, World

from heirloom.react.decide import redecide
from heirloom.react.overlay import Overlay
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion


class Still(World):
    """A catalog in which nothing has fired and nothing is latest, and that counts what it gives."""

    def __init__(self) -> None:
        super().__init__(a="k", b="k")
        self.laid: dict[str, list[LedgerRow]] = {}
        self.given: list[object] = []

    def last_fired(self, *_: Any) -> ArtifactVersion | None:
        self.given.append("fired")
        return None

    def resolve(self, query: Query) -> ArtifactVersion | None:
        self.given.append(query)
        return None

    def version(self, project: str, name: str, number: int) -> ArtifactVersion | None:
        self.given.append((name, number))
        return super().version(project, name, number)

    def execution(self, id: str) -> Execution | None:
        self.given.append(id)
        return super().execution(id)

    def waiting(
        self, lane: str, *, plan: str, project: str, limit: int | None = None
    ) -> list[LedgerRow]:
        found = self.laid.get(lane, [])[:limit]
        self.given.extend([lane, *found])
        return found


def _calls(work: Callable[[], object]) -> int:
    """How many of Heirloom's functions were entered while that was done."""
    entered = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal entered
        entered += event == "call" and "/heirloom/re" in frame.f_code.co_filename

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return entered


def _redecided(many: int, event: str, trigger: dict[str, Any], state: str) -> tuple[int, int]:
    """The functions entered and what the catalog gave, for so many rows that are decided anew."""
    world = Still()
    plan = world.listen("plan", "a b", **trigger)
    world.turn("plan", False)
    world.emit("+".join(event.replace("#", str(n)) for n in range(many)))
    if state == "waiting":
        world.turn("plan", True, "each")
    rows = [row for row in world.rows.values() if row.state == state]
    assert rows
    for row in rows:
        world.laid.setdefault(row.lane or "", []).append(row)
    world.given.clear()
    calls = _calls(lambda: redecide(world, plan, rows, world.now))
    return calls, len(world.given)


@pytest.mark.parametrize(
    ("state", "event", "trigger"),
    [
        ("paused", "a", {"when": "change"}),
        ("paused", "a:x", {"when": "change"}),
        ("paused", "a[k=#]", {"when": "change"}),
        ("paused", "a", {"cooldown": 5.0}),
        ("paused", "a[k=#]", {"cooldown": 5.0}),
        ("paused", "a", {"debounce": 5.0}),
        ("paused", "a+b", {"condition": "all"}),
        ("paused", "a[k=#]", {"condition": "all-latest"}),
        ("paused", "a[k=#]+b[k=#]", {"condition": "all-latest"}),
        ("paused", "a+b", {"condition": "all-latest"}),
        ("waiting", "a", {"cooldown": 5.0}),
        ("waiting", "a", {"debounce": 5.0}),
        ("waiting", "a[k=#]", {"debounce": 5.0, "when": "change"}),
        ("waiting", "a", {"condition": "all"}),
        ("waiting", "a[k=#]", {"condition": "all-latest"}),
    ],
)
def test_many_at_once(state: str, event: str, trigger: dict[str, Any]) -> None:
    """Twice the events are twice the work, and ask the catalog twice as much."""
    few, many = (_redecided(n, event, trigger, state) for n in (40, 80))
    assert few[0] > 0
    assert many[0] <= 2.2 * few[0]
    assert many[1] <= 2.2 * few[1]


def test_what_made_many_versions() -> None:
    """The execution that made them all, with all that it made, is looked up once."""
    world = Still()
    plan = world.listen("plan", "a", max_depth=9)
    world.turn("plan", False)
    world.emit("a+a+a")
    world.given.clear()
    redecide(world, plan, list(world.rows.values()), world.now)
    assert world.given.count("cause0") == 1


def test_what_moves_late(version: Callable[..., ArtifactVersion]) -> None:
    """An older event that is taken up after a newer one does not hide what fired last."""

    class Before(World):
        def last_fired(self, *asked: Any) -> ArtifactVersion | None:
            return version(1) if asked[-1] > 1 else None

    overlay, plan = Overlay(Before()), ("p", "plan")
    for number in (9, 1):
        overlay.add(version(number))
        overlay.put(_row(version(number).ref, "queued"))
    assert overlay.last_fired(plan, ("p", "sales"), {}, 10) == version(9)
    overlay.put(_row(version(9).ref, "superseded"))
    assert overlay.last_fired(plan, ("p", "Sales"), {}, 10) == version(1)


def _row(ref: str, state: str) -> LedgerRow:
    return LedgerRow(project="p", plan="plan", plan_version=1, refs=(ref,), state=state, at=BEGAN)
