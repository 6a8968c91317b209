"""Joins of many queries: the oldest that go together, and no search through what cannot help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import World

from heirloom.react import joining

KEYS = {"a": "k", "b": "k m", "c": "m", "d": ""}
EVENTS = st.builds(
    lambda name, values: (
        f"{name}[{','.join(f'{k}={v}' for k, v in values.items())}]" if values else name
    ),
    st.sampled_from("abcd"),
    st.dictionaries(st.sampled_from("kmn"), st.sampled_from("xy"), max_size=2),
)


class Told:
    """The join as it is told in the pages: every combination is tried, the oldest first."""

    def __init__(self, names: str) -> None:
        self.names = names
        self.waits: dict[str, list[tuple[str, dict[str, str]]]] = {name: [] for name in names}
        self.numbers = dict.fromkeys(names, 0)
        self.yanked: set[str] = set()
        self.states: dict[str, str] = {}
        self.runs: list[str] = []

    def hear(self, text: str) -> None:
        name, _, inside = text.rstrip("]").partition("[")
        self.numbers[name] += 1
        label = f"{name}{self.numbers[name]}"
        values = dict(each.split("=") for each in inside.split(",") if each)
        found = self._rest([values], [other for other in self.names if other != name])
        if found is None:
            self.waits[name].append((label, values))
            self.states[label] = "waiting"
            return
        run = sorted([label, *found])
        self.runs.append("".join(run))
        self.states |= dict.fromkeys(run, "queued")
        for waits in self.waits.values():
            waits[:] = [each for each in waits if each[0] not in run]

    def _rest(self, chosen: list[dict[str, str]], names: Sequence[str]) -> list[str] | None:
        if not names:
            return []
        for label, values in list(self.waits[names[0]]):
            if label in self.yanked:
                self.states[label] = "skipped"
                self.waits[names[0]].remove((label, values))
            elif all(e.get(k, v) == v for e in chosen for k, v in values.items()):
                found = self._rest([*chosen, values], names[1:])
                if found is not None:
                    return [label, *found]
        return None


@given(events=st.lists(EVENTS, max_size=24), gone=st.lists(st.integers(0, 23), max_size=6))
def test_as_every_combination(events: list[str], gone: list[int]) -> None:
    """The same run, and the same that is skipped, as if every combination were tried in turn."""
    world, told = World(**KEYS), Told("abcd")
    world.listen("plan", "a b c d", condition="all")
    for at, event in enumerate(events):
        world.emit(event)
        told.hear(event)
        if at in gone:
            ref = f"{event[0]}@{told.numbers[event[0]]}"
            world.yank(ref)
            told.yanked.add(ref.replace("@", ""))
    became = dict(each.split() for each in world.became().split(", ") if each)
    assert became == told.states
    assert world.runs().split() == told.runs


@pytest.mark.parametrize(
    ("waits", "comes"),
    [
        ("c[m=y] {a b}", "d[m=x]"),
        ("c[m=y] {a[k=#] b[n=#]}", "d[m=x]"),
        ("{a[k=x] b[k=y]}", "c"),
        ("d[k=x,m=x] {a[k=x] b[m=x]} c[k=y,m=x] c[k=x,m=y]", "d"),
    ],
)
def test_what_cannot_be_joined(waits: str, comes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many that wait are twice as many comparisons, not the square or the cube of them."""
    compared = _counted(monkeypatch)
    few, many = (_one_more(waits, n, comes, compared) for n in (20, 40))
    assert 0 < many <= 2 * few + 4


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    compared: list[Any] = []
    real = joining.agree

    def agree(a: joining.Pair, b: joining.Pair) -> bool:
        compared.append((a, b))
        return real(a, b)

    monkeypatch.setattr(joining, "agree", agree)
    return compared


def _one_more(waits: str, many: int, comes: str, compared: list[Any]) -> int:
    """How often two were compared when an event came that starts nothing."""
    world = World()
    world.listen("plan", "a b c d", condition="all")
    before, each, after = waits.replace("}", "{").split("{")
    repeated = " ".join(each.replace("#", str(n)) for n in range(many))
    world.play(f"{before} {repeated} {after}")
    compared.clear()
    world.play(comes)
    assert world.runs() == ""
    return len(compared)
