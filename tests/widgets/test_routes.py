"""How edges go around what stands between their ends."""

from __future__ import annotations

from heirloom_widgets.layout import place
from heirloom_widgets.routes import routes

SIZE = (100.0, 40.0)
CHAIN = [("a", "b"), ("b", "c"), ("c", "d")]


def test_an_edge_to_the_next_column_goes_straight() -> None:
    """Most edges need no way around."""
    sizes = dict.fromkeys("abcd", SIZE)
    assert routes(place(sizes, CHAIN), sizes, CHAIN) == {}


def test_an_edge_that_skips_columns_passes_beside_their_nodes() -> None:
    """A read that skips ahead is seen, instead of hiding behind the chain."""
    sizes = dict.fromkeys("abcd", SIZE)
    spots = place(sizes, [*CHAIN, ("a", "d")])
    way = routes(spots, sizes, [*CHAIN, ("a", "d")])["a", "d"]
    assert way[0][0] < spots["b"].x < spots["c"].x < way[-1][0]
    for x, y in way:
        beside = min("bc", key=lambda node: abs(spots[node].x - x))
        assert abs(y - spots[beside].y) > SIZE[1] / 2


def test_two_edges_do_not_share_a_lane() -> None:
    """Lines from different nodes stay apart."""
    sizes = dict.fromkeys("abcdefg", SIZE)
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d"), ("e", "b"), ("e", "d")]
    ways = routes(place(sizes, edges), sizes, edges)
    heights = [{y for _, y in ways[edge]} for edge in (("a", "d"), ("e", "d"))]
    assert not heights[0] & heights[1]


def test_an_edge_that_leads_back_goes_around_everything_between() -> None:
    """Where nodes were kept in place, an edge may lead left; it is drawn, and not through nodes."""
    sizes = dict.fromkeys("abcd", SIZE)
    spots = place(sizes, CHAIN)
    (start, end) = routes(spots, sizes, [("c", "a")])["c", "a"]
    assert start[0] > spots["c"].x
    assert end[0] < spots["a"].x
    assert start[1] == end[1]
    assert abs(start[1]) > SIZE[1] / 2


def test_a_lane_goes_straight_on_where_nothing_is_in_its_way() -> None:
    """A long read is one line, and no staircase."""
    chain = [(a, b) for a, b in zip("abcdefg", "bcdefgh", strict=False)]
    sizes = dict.fromkeys("abcdefgh", SIZE)
    spots = place(sizes, [*chain, ("a", "h")])
    way = routes(spots, sizes, [*chain, ("a", "h")])["a", "h"]
    assert len({y for _, y in way}) == 1
    assert len(way) == 2


def test_a_steep_edge_climbs_between_the_columns() -> None:
    """In a wide fan no line crosses the siblings of the node that it leads to."""
    edges = [("a", f"n{i}") for i in range(9)]
    sizes = {"a": SIZE, **{f"n{i}": SIZE for i in range(9)}}
    spots = place(sizes, edges)
    (leave, enter) = routes(spots, sizes, edges)["a", "n0"]
    assert leave == (spots["a"].x + SIZE[0] / 2 + 4, spots["a"].y)
    assert leave[0] < enter[0] < spots["n0"].x - SIZE[0] / 2
    assert enter[1] == spots["n0"].y
