"""Lookups of plans, their switches, and the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from heirloom.catalog.protocol import Catalog, View
from heirloom.testing.catalog_contract.given import Ask, Given
from heirloom.testing.maker import Maker

__all__ = ["ListeningLookups"]


class ListeningLookups(Given):
    """Who listens to what, and what became of each event there."""

    def test_plans(self, make: Maker, ask: Ask[Any]) -> None:
        """Plans in the order they were registered; the newest version unless one is named."""
        plans = [make.plan("p2", on="sales"), make.plan("p1"), make.plan("p2", version=2)]
        for plan in plans:
            make.write(plans=[plan])
        assert ask(lambda view: view.plans("p")) == ask(lambda view: view.plans()) == plans
        assert ask(lambda view: view.plans("q")) == []
        assert ask(lambda view: view.plan("p", "p2")) == plans[2]
        assert ask(lambda view: view.plan("p", "p2", 1)) == plans[0]
        assert ask(lambda view: view.plan("p", "p2", 3)) is None
        assert ask(lambda view: view.plan("p", "p2", 1 << 70)) is None
        assert ask(lambda view: view.plan("q", "p2")) is None
        assert ask(lambda view: view.switch("p", "p1")) is None

    def test_switches(self, make: Maker, ask: Ask[Any]) -> None:
        """A switch stands where it was thrown last; the first activated comes first."""
        make.write(switches=[make.switch("p2"), make.switch("p1")])
        off = make.switch("p2", active=False, version=2)
        make.write(switches=[off])
        assert ask(lambda view: view.switch("p", "p2")) == off
        assert [s.plan for s in ask(lambda view: view.switches("p"))] == ["p2", "p1"]
        assert ask(lambda view: view.switches("q")) == []

    def test_listening(self, make: Maker, ask: Ask[Any]) -> None:
        """A plan listens from its first activation on, by its active version, on or off."""
        plans = [make.plan("p1", on="sales"), make.plan("p2", on="costs"), make.plan("p3")]
        make.write(plans=plans)
        assert _heard(ask, "sales") == []
        make.write(switches=[make.switch(plan.name) for plan in plans])
        assert _heard(ask, "SALES") == [("p1", 1, True)]
        make.write(plans=[make.plan("p1", on="costs", version=2)])
        assert _heard(ask, "sales") == [("p1", 1, True)]
        make.write(switches=[make.switch("p1", version=2, active=False)])
        assert _heard(ask, "sales") == []
        assert _heard(ask, "costs") == [("p1", 2, False), ("p2", 1, True)]

    def test_another_handle_hears_the_switch(self, make: Maker, other: Catalog) -> None:
        """Who listens is known to every handle at its next commit."""
        theirs: Ask[Any] = Maker(other).look
        assert _heard(theirs, "sales") == []
        make.write(plans=[make.plan("p1", on="sales")], switches=[make.switch("p1")])
        assert _heard(theirs, "sales") == [("p1", 1, True)]

    def test_the_ledger(self, make: Maker, ask: Ask[Any]) -> None:
        """Rows by plan, state, ref, execution, project: the newest first, as they stand."""
        rows = [make.row("p1", "r1"), make.row("p1", "r2", "paused"), make.row("p2", "r1")]
        make.write(rows=rows)
        unmet = make.row("p1", "r1", "unmet", execution_id="e1", reason="none", due=make.time())
        make.write(rows=[unmet])
        assert ask(lambda view: view.ledger()) == [rows[2], rows[1], unmet]
        assert ask(lambda view: view.ledger(plan="p1", limit=1)) == [rows[1]]
        assert ask(lambda view: view.ledger(ref="r1")) == [rows[2], unmet]
        assert ask(lambda view: view.ledger(ref="r1", plan="p1")) == [unmet]
        assert ask(lambda view: view.ledger(execution="e1")) == [unmet]
        assert ask(lambda view: view.ledger(state="queued")) == [rows[2]]
        assert ask(lambda view: view.ledger(project="q")) == []
        assert ask(lambda view: view.row(rows[0].key)) == unmet
        assert ask(lambda view: view.row("none")) is None

    def test_what_waits(self, make: Maker, ask: Ask[Any]) -> None:
        """Waiting rows by plan and lane, and by when they are due, the oldest event first."""
        first, second, third = (make.time() for _ in range(3))
        wait: dict[str, Any] = {"state": "waiting", "waits": "debounce", "lane": "a"}
        rows = [
            make.row("p1", "r1", **wait, due=second),
            make.row("p1", "r2", **wait, due=first),
            make.row("p1", "r3", **wait | {"lane": "b"}),
            make.row("p2", "r1", **wait, due=third),
            make.row("p1", "r4"),
        ]
        make.write(rows=rows)
        lane: dict[str, Any] = {"plan": "p1", "project": "p"}
        assert ask(lambda view: view.waiting("a", **lane)) == rows[:2]
        assert ask(lambda view: view.waiting("a", **lane, limit=1)) == rows[:1]
        assert ask(lambda view: view.waiting("b", **lane)) == rows[2:3]
        assert ask(lambda view: view.waiting("a", plan="p1", project="q")) == []
        everywhere = ask(lambda view: view.waiting("a"))
        assert everywhere[:2] == rows[:2]
        assert {row.lane for row in everywhere} == {"a"}
        assert ask(lambda view: view.due(second)) == rows[:2]
        assert ask(lambda view: view.next_due()) == first
        make.write(rows=[make.row("p1", "r2", "skipped", due=first)])
        assert ask(lambda view: view.waiting("a", **lane)) == rows[:1]
        assert ask(lambda view: view.due(third)) == [rows[0], rows[3]]
        assert ask(lambda view: view.next_due()) == second
        make.write(rows=[make.row("p1", "r1", "queued"), make.row("p2", "r1", "coalesced")])
        assert ask(lambda view: (view.due(third), view.next_due())) == ([], None)

    def test_rows_stand_by_their_events(self, make: Maker, ask: Ask[Any]) -> None:
        """By the commit order of the versions, whenever the rows were written."""
        refs = [make.emit(name).ref for name in ("sales", "costs", "sales", "costs")]
        wait: dict[str, Any] = {"state": "waiting", "waits": "join", "lane": "a"}
        rows = {ref: make.row("p1", ref, **wait, due=make.time()) for ref in refs}
        for ref in (refs[2], refs[0], refs[3], refs[1]):
            make.write(rows=[rows[ref]])
        told = [rows[ref] for ref in refs]
        assert ask(lambda view: view.ledger(plan="p1")) == told[::-1]
        assert ask(lambda view: view.ledger(limit=2)) == told[:1:-1]
        assert ask(lambda view: view.waiting("a", plan="p1", project="p")) == told
        assert ask(lambda view: view.waiting("a", limit=3)) == told[:3]
        assert ask(lambda view: view.due(make.time())) == told

    def test_last_fired(self, make: Maker, ask: Ask[Any]) -> None:
        """The newest version of those partition values at which the plan fired."""
        made = [make.emit("sales", partitions={"region": region}) for region in "aabaa"]
        states = ["queued", "skipped", "queued", "filtered", "unchanged"]
        make.write(rows=[make.row("p1", v.ref, s) for v, s in zip(made, states, strict=True)])
        assert (
            ask(lambda view: view.last_fired(("p", "p1"), ("p", "SALES"), {"region": "a"}))
            == made[0]
        )
        assert (
            ask(lambda view: view.last_fired(("p", "p2"), ("p", "sales"), {"region": "a"})) is None
        )
        assert ask(lambda view: view.last_fired(("p", "p1"), ("p", "sales"), {})) is None

    @pytest.mark.parametrize(("before", "found"), [(9, 3), (4, 3), (3, 1), (2, 1), (1, None)])
    def test_last_fired_before(
        self, make: Maker, ask: Ask[Any], before: int, found: int | None
    ) -> None:
        """Below a number: of what came earlier than one version."""
        made = [make.emit("sales") for _ in range(4)]
        states = ["queued", "unchanged", "queued", "skipped"]
        make.write(rows=[make.row("p1", v.ref, s) for v, s in zip(made, states, strict=True)])
        newest = ask(lambda view: view.last_fired(("p", "p1"), ("p", "sales"), {}, before))
        assert (newest.version if newest else None) == found

    def test_last_fired_is_of_one_project(self, make: Maker, ask: Ask[Any]) -> None:
        """Another project's artifact of the same name counts its versions by itself."""
        theirs = Maker(make.catalog, project="q")
        made = [each.emit("sales") for each in (theirs, make, theirs)]
        make.write(rows=[make.row("p1", version.ref) for version in made])
        assert ask(lambda view: view.last_fired(("p", "p1"), ("p", "sales"), {})) == made[1]
        assert ask(lambda view: view.last_fired(("p", "p1"), ("q", "sales"), {})) == made[2]
        assert ask(lambda view: view.last_fired(("p", "p1"), ("q", "sales"), {}, 2)) == made[0]
        assert ask(lambda view: view.last_fired(("p", "p1"), ("p", "sales"), {}, 1)) is None

    @pytest.mark.parametrize("state", ["waiting", "coalesced", "paused", "superseded", "unmet"])
    def test_what_counts_as_fired(self, make: Maker, ask: Ask[Any], state: str) -> None:
        """An event that waits or was joined with others has fired, one that was let go has not."""
        made = make.emit("sales")
        make.write(rows=[make.row("p1", made.ref, state)])
        found = ask(lambda view: view.last_fired(("p", "p1"), ("p", "sales"), {}))
        assert found == (made if state in {"waiting", "coalesced"} else None)


def _heard(ask: Ask[Any], name: str) -> list[tuple[str, int, bool]]:
    def heard(view: View) -> list[tuple[str, int, bool]]:
        return [(p.name, p.version, s.active) for p, s in view.listening("p", name)]

    found: list[tuple[str, int, bool]] = ask(heard)
    return found
