"""A shelf gives what a walk past everything on it would."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from heirloom.react.shelf import Shelf, fits

VALUES = st.dictionaries(st.sampled_from("kmn"), st.sampled_from("xy"))


@given(
    steps=st.lists(st.tuples(st.integers(0, 9), st.none() | VALUES), max_size=30),
    wanted=VALUES,
)
def test_what_fits(steps: list[tuple[int, dict[str, str] | None]], wanted: dict[str, str]) -> None:
    """Whatever came, went and was replaced: all that fits, by its place, from either end."""
    shelf, there = Shelf[int](), dict[int, tuple[int, dict[str, str]]]()
    for number, (place, values) in enumerate(steps):
        if values is None:
            shelf.take(place)
            there.pop(place, None)
        else:
            shelf.put(place, number, values)
            there[place] = number, values
    expected = [thing for _, (thing, has) in sorted(there.items()) if fits(has, wanted)]
    assert list(shelf.fitting(wanted)) == expected
    assert list(shelf.fitting(wanted, last_first=True)) == expected[::-1]
    assert [shelf.get(n) for n in range(10)] == [there.get(n, (None,))[0] for n in range(10)]


def test_what_goes_meanwhile() -> None:
    """Who walks along a shelf may take from it; what is put on it is met by the next walk."""
    shelf = Shelf[str]()
    for place, thing in enumerate("abc"):
        shelf.put(place, thing, {})
    seen = []
    for thing in shelf.fitting({}):
        seen.append(thing)
        shelf.take(1)
        shelf.put(7, "z", {})
    assert seen == ["a", "c"]
    assert list(shelf.fitting({})) == ["a", "c", "z"]
