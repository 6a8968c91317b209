"""Where the nodes of a lineage graph stand."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from heirloom_widgets.layout import Size, Spot, nearest_free, place

Edges = list[tuple[str, str]]


def _lineage(count: int, seed: int = 7) -> tuple[dict[str, Size], Edges]:
    """Versions and executions in turn, each reading one to three of those before it."""
    chance = random.Random(seed)
    sizes = {
        f"n{i}": (150.0, 58.0) if i % 2 else (178.0, 58.0 if i % 3 else 28.0) for i in range(count)
    }
    edges = []
    for i in range(1, count):
        earlier = chance.sample(range(max(0, i - 9), i), k=min(i, chance.choice((1, 1, 2, 3))))
        edges += [(f"n{j}", f"n{i}") for j in earlier]
    return sizes, edges


def _overlaps(spots: dict[str, Spot], sizes: dict[str, Size]) -> list[tuple[str, str]]:
    found = []
    for a, b in combinations(spots, 2):
        wide = (sizes[a][0] + sizes[b][0]) / 2 > abs(spots[a].x - spots[b].x)
        high = (sizes[a][1] + sizes[b][1]) / 2 > abs(spots[a].y - spots[b].y)
        found += [(a, b)] if wide and high else []
    return found


@pytest.mark.parametrize("count", [8, 40, 300])
def test_no_node_lies_on_another(count: int) -> None:
    """At every size that is shown, each node can be read and clicked."""
    sizes, edges = _lineage(count)
    assert _overlaps(place(sizes, edges), sizes) == []


def test_what_comes_of_a_node_stands_to_its_right() -> None:
    """Time runs from left to right along every edge."""
    sizes, edges = _lineage(60)
    spots = place(sizes, edges)
    assert all(spots[source].x < spots[target].x for source, target in edges)


def test_the_same_graph_is_laid_out_the_same_way() -> None:
    """Opening a graph again gives the picture that the reader knows."""
    sizes, edges = _lineage(40)
    assert place(sizes, edges) == place(sizes, edges)


def test_a_straight_chain_is_a_straight_line() -> None:
    """Nothing bends that need not."""
    sizes = dict.fromkeys("abcde", (100.0, 40.0))
    spots = place(sizes, [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")])
    assert {spot.y for spot in spots.values()} == {0.0}


@pytest.mark.parametrize("seed", range(5))
def test_a_node_that_is_shown_does_not_move_when_more_load(seed: int) -> None:
    """New nodes find room beside the old ones, wherever in the graph they belong."""
    sizes, edges = _lineage(80, seed)
    some = [f"n{i}" for i in range(30, 60)]
    inner = [(a, b) for a, b in edges if a in some and b in some]
    before = place({node: sizes[node] for node in some}, inner)
    after = place(sizes, edges, before)
    assert {node: after[node] for node in some} == before
    assert set(after) == set(sizes)
    assert _overlaps(after, sizes) == []


def test_more_nodes_to_the_right_stand_to_the_right() -> None:
    """A hop further down extends the picture as a fresh layout would."""
    sizes = dict.fromkeys("abcd", (100.0, 40.0))
    before = place({"a": sizes["a"], "b": sizes["b"]}, [("a", "b")])
    after = place(sizes, [("a", "b"), ("b", "c"), ("c", "d")], before)
    assert after["b"].x < after["c"].x < after["d"].x


def test_a_cycle_is_laid_out_too() -> None:
    """A drawing that is no tree of time still has a spot for every node."""
    sizes = dict.fromkeys("abc", (100.0, 40.0))
    spots = place(sizes, [("a", "b"), ("b", "c"), ("c", "a"), ("a", "a")])
    assert _overlaps(spots, sizes) == []


def test_an_empty_graph_has_no_spots() -> None:
    """Nothing to show is no error."""
    assert place({}, []) == {}


@pytest.mark.parametrize(
    ("wanted", "found"), [(0.0, 4.0), (3.5, 4.0), (-9.0, -9.0), (10.0, 11.0), (4.0, 4.0)]
)
def test_the_nearest_free_number_is_found(wanted: float, found: float) -> None:
    """Spans that touch are one; what is free already stays."""
    assert nearest_free(wanted, [(-5.0, 2.0), (1.0, 4.0), (8.0, 11.0)]) == found
