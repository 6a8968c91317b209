"""Calls of one envelope at once: each after those that it comes after, and none after a failure."""

from __future__ import annotations

import threading

import pytest

from heirloom.engine.crew import run_all

AFTER = {
    (layer, at): [(layer - 1, at), (layer - 1, 0)] if layer else []
    for layer in range(20)
    for at in range(50)
}


@pytest.mark.parametrize("width", [1, 8])
def test_each_call_is_made_once_when_it_may_begin(width: int) -> None:
    """A thousand calls in layers, in this thread or in several."""
    made: list[tuple[int, int]] = []
    ended = set[tuple[int, int]]()

    def call(key: tuple[int, int]) -> None:
        assert ended.issuperset(AFTER[key])
        made.append(key)
        ended.add(key)

    run_all("run", AFTER, call, width)
    assert len(made) == len(ended) == len(AFTER)


def test_nothing_begins_after_a_failure() -> None:
    """What is under way comes to its end; the first error by the order of the graph is raised."""
    begun, both = list[str](), threading.Barrier(2)
    after: dict[str, list[str]] = {"left": [], "right": [], "below": ["right"], "last": ["below"]}

    def call(key: str) -> None:
        begun.append(key)
        if key in ("left", "right"):
            both.wait(10)
            raise ValueError(key)

    with pytest.raises(ValueError, match="left"):
        run_all("run", after, call, 2)
    assert sorted(begun) == ["left", "right"]
