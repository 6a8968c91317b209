"""Room for what is inside of a node that is opened."""

from __future__ import annotations

from itertools import combinations

from heirloom_widgets.layout import Size, Spot, place
from heirloom_widgets.room import close_up, open_up

SIZES = dict.fromkeys(("sales", "run", "other", "model", "beyond"), (160.0, 58.0))
EDGES = [("sales", "run"), ("sales", "other"), ("run", "model"), ("model", "beyond")]
INNER = dict.fromkeys(("clean", "train", "check"), (162.0, 58.0))
STEPS = [("sales", "clean"), ("clean", "train"), ("clean", "check"), ("train", "model")]


def _overlaps(spots: dict[str, Spot], sizes: dict[str, Size]) -> list[tuple[str, str]]:
    return [
        (a, b)
        for a, b in combinations(spots, 2)
        if abs(spots[a].x - spots[b].x) < (sizes[a][0] + sizes[b][0]) / 2
        and abs(spots[a].y - spots[b].y) < (sizes[a][1] + sizes[b][1]) / 2
    ]


def test_what_is_inside_stands_in_its_place_and_the_right_side_makes_room() -> None:
    """All edges still lead to the right, and what stood to the left or beside stays."""
    before = place(SIZES, EDGES)
    after = open_up(before, SIZES, "run", INNER, STEPS)
    assert set(after) == set(before) - {"run"} | set(INNER)
    assert {key: after[key] for key in ("sales", "other")} == {
        key: before[key] for key in ("sales", "other")
    }
    assert (after["clean"].x, after["clean"].column) == (before["run"].x, before["run"].column)
    assert after["model"].x - before["model"].x == after["beyond"].x - before["beyond"].x > 0
    assert all(after[a].x < after[b].x for a, b in STEPS)
    assert _overlaps(after, SIZES | INNER) == []


def test_closed_again_everything_stands_as_before() -> None:
    """Opening a node to look into it costs no place."""
    before = place(SIZES, EDGES)
    after = open_up(before, SIZES, "run", INNER, STEPS)
    assert close_up(after, "run", set(INNER), before["run"].y) == before


def test_room_that_something_else_took_is_not_taken_back() -> None:
    """What was loaded in the meantime keeps its place."""
    before = place(SIZES, EDGES)
    after = open_up(before, SIZES, "run", INNER, STEPS)
    after["late"] = Spot(after["train"].x, 900.0, after["train"].column)
    closed = close_up(after, "run", set(INNER), before["run"].y)
    assert closed["late"] == after["late"]
    assert closed["model"] == after["model"]
