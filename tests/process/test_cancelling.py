"""Cancelling what a reactor's workers run, and what waits for them."""

from __future__ import annotations

from typing import Any

import pytest

import heirloom as hl

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
