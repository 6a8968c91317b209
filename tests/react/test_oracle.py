"""Decisions against a ledger kept by hand, over histories that nobody thought of."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from oracle import Book, Told
from world import World

PLANS: dict[str, tuple[str, dict[str, Any]]] = {
    "each": ("ac", {}),
    "changes": ("a", {"when": "change"}),
    "quiet": ("ab", {"debounce": 3.0}),
    "quiet changes": ("a", {"debounce": 3.0, "when": "change"}),
    "cool": ("ab", {"cooldown": 3.0}),
    "cool changes": ("a", {"cooldown": 3.0, "when": "change"}),
    "quiet and cool": ("ac", {"debounce": 2.0, "cooldown": 4.0}),
    "pairs": ("ab", {"condition": "all"}),
    "across": ("ac", {"condition": "all"}),
    "triples": ("abc", {"condition": "all"}),
    "changed pairs": ("ab", {"condition": "all", "when": "change"}),
    "latest": ("ab", {"condition": "all-latest"}),
    "latest of three": ("abc", {"condition": "all-latest"}),
    "latest across": ("ac", {"condition": "all-latest"}),
}
LATE: dict[str, tuple[str, dict[str, Any]]] = {
    "late": ("ac", {}),
    "late changes": ("a", {"when": "change"}),
    "late quiet": ("ab", {"debounce": 3.0}),
    "late quiet changes": ("a", {"debounce": 3.0, "when": "change"}),
    "late cool": ("ab", {"cooldown": 3.0}),
    "late quiet and cool": ("ac", {"debounce": 2.0, "cooldown": 4.0}),
    "late pairs": ("ab", {"condition": "all"}),
    "late changed pairs": ("ab", {"condition": "all", "when": "change"}),
    "late latest": ("ab", {"condition": "all-latest"}),
    "late latest across": ("ac", {"condition": "all-latest"}),
}
EVENTS = st.builds(
    "{}:{}".format,
    st.sampled_from(["a[r=e]", "a[r=w]", "b[r=e]", "b[r=w]", "c"]),
    st.sampled_from("xy"),
)


_DEEP = os.environ.get("HEIRLOOM_DEEP") == "1"
_SETTINGS = settings(
    settings.default,
    max_examples=2_000 if _DEEP else 60,
    stateful_step_count=40 if _DEEP else 15,
    phases=(Phase.generate, Phase.shrink),
)


def _world() -> World:
    world = World(a="r", b="r", c="")
    for name in PLANS:
        _listen(world, name)
    return world


def _listen(world: World, name: str) -> None:
    names, trigger = (PLANS | LATE)[name]
    world.listen(name, " ".join(names), **trigger)


class Histories(RuleBasedStateMachine):
    """Commits, time and switches, told to the decisions and to the oracle."""

    def __init__(self) -> None:
        super().__init__()
        self.world = _world()
        self.books = {
            name: Book(
                names,
                trigger.get("condition", "any"),
                trigger.get("when", "version"),
                trigger.get("debounce"),
                trigger.get("cooldown"),
                begun=name in PLANS,
            )
            for name, (names, trigger) in (PLANS | LATE).items()
        }
        self.clock = 0.0
        self.emitted: dict[str, int] = {}
        self.replay: list[Callable[[World], object]] = []

    def _do(self, what: Callable[[World], object]) -> None:
        self.replay.append(what)
        what(self.world)

    @rule(events=st.lists(EVENTS, min_size=1, max_size=3))
    def emit(self, events: list[str]) -> None:
        """A task with up to three outputs ends."""
        self._do(lambda world: world.emit("+".join(events)))
        for event in events:
            said, _, content = event.partition(":")
            name, part = said[0], re.findall(r"r=(\w)", said)
            self.emitted[name] = self.emitted.get(name, 0) + 1
            parts = {"r": part[0]} if part else {}
            for book in self.books.values():
                book.hear(Told(name, self.emitted[name], parts, content), self.clock)

    @rule(seconds=st.integers(1, 4))
    def pass_time(self, seconds: int) -> None:
        """Somebody looks for what is due."""
        self.clock += seconds
        self._do(lambda world: world.passes(seconds))
        for book in self.books.values():
            book.passes(self.clock)

    @precondition(lambda self: any(not book.begun for book in self.books.values()))
    @rule()
    def begin(self) -> None:
        """Somebody activates the late plans, which look only forward."""
        for plan in LATE:
            self._do(partial(_listen, name=plan))
            self.books[plan].begun = True

    @precondition(lambda self: all(book.begun for book in self.books.values()))
    @rule()
    def backfill(self) -> None:
        """Somebody runs history through every plan, once more."""
        for plan, book in self.books.items():
            self._do(partial(World.backfill, name=plan))
            book.backfill(self.clock)

    @rule(
        plan=st.sampled_from(sorted(PLANS | LATE)),
        on=st.booleans(),
        missed=st.sampled_from(["none", "newest", "each"]),
    )
    def turn(self, plan: str, on: bool, missed: str) -> None:
        """Somebody throws a switch."""
        if not self.books[plan].begun:
            return
        self._do(lambda world: world.turn(plan, on, missed))
        self.books[plan].turn(on, missed, self.clock)

    @invariant()
    def the_books_agree(self) -> None:
        """Every event has exactly one row at every plan, as the oracle says; so have the runs."""
        for name, book in self.books.items():
            runs = [
                "".join(sorted(re.findall(r"[a-z]+\d+", r))) for r in self.world.runs(name).split()
            ]
            became, told = self.world.became(name).split(", "), book.became().split(", ")
            assert sorted(became) == sorted(told), name
            assert runs == book.runs, name
            if book.condition == "all":
                assert len(set(book.used())) == len(book.used())

    @invariant()
    def rows_point_to_their_runs(self) -> None:
        """A row that has fired names a queued execution on its version, or on a later one."""
        for row in self.world.rows.values():
            run = self.world.executions[row.execution_id] if row.execution_id else None
            assert (run is not None) == (row.state in ("queued", "coalesced"))
            if row.state == "queued":
                assert run is not None
                assert _name(row.refs[0]) in map(_name, run.triggered_by)

    def teardown(self) -> None:
        """Played again, the same history gives the same rows."""
        again = _world()
        for step in self.replay:
            step(again)
        assert _plain(again) == _plain(self.world)


def _name(ref: str) -> str:
    return ref.partition("@")[0]


def _plain(world: World) -> list[Any]:
    """Rows without the ids of what they started."""
    return [replace(row, execution_id=None) for row in world.rows.values()]


@pytest.mark.deep
@pytest.mark.timeout(1800)
def test_histories() -> None:
    """Whatever is emitted, in whatever commits, and whenever switches are thrown."""
    run_state_machine_as_test(Histories, settings=_SETTINGS)
