"""Plans that start each other, by what they listen to and emit."""

from __future__ import annotations

import pytest
from world import World

from heirloom.react.circles import Emitted, circle

PLANS = {
    # name: listens to, emits, max_depth
    "a to b": ("a", "b", 5),
    "b to a": ("b", "a", None),
    "b to c": ("b", "c", 3),
    "c to a": ("c", "a", 9),
    "b to b": ("b", "b", 7),
    "d to e": ("d", "e", None),
    "e to d": ("e", "d", None),
    "e to d soon": ("e", "d", 1),
    "all to d": ("e f", "d", None),
    "by hand": ("f", "", 4),
}


@pytest.mark.parametrize(
    ("start", "others", "plans", "limit"),
    [
        ("a to b", ["b to a"], "a to b → b to a → a to b", 5),
        ("b to a", ["a to b"], "b to a → a to b → b to a", 5),
        ("a to b", ["b to c", "c to a"], "a to b → b to c → c to a → a to b", 3),
        ("a to b", ["b to c", "c to a", "b to a"], "a to b → b to a → a to b", 5),
        ("b to b", [], "b to b → b to b", 7),
        ("a to b", ["b to b"], "", 0),
        ("d to e", ["e to d"], "d to e → e to d → d to e", None),
        ("d to e", ["e to d soon", "e to d"], "d to e → e to d → d to e", None),
        ("d to e", ["e to d soon"], "d to e → e to d soon → d to e", 1),
        ("d to e", ["all to d"], "d to e → all to d → d to e", None),
        ("by hand", ["a to b", "b to a"], "", 0),
    ],
)
def test_circles(start: str, others: list[str], plans: str, limit: int | None) -> None:
    """The shortest circle through a plan, one without an end before any other."""
    world = World()
    emits = {}
    for name in (start, *others):
        on, made, depth = PLANS[name]
        plan = world.listen(name, on, max_depth=depth)
        names = frozenset({("p", made)} if made else ())
        emits["p", name] = Emitted(plan, names)
    found = circle(emits["p", start].plan, emits)
    if not plans:
        assert found is None
        return
    assert found is not None
    assert (" → ".join(found.plans), found.limit) == (plans, limit)
    assert ("for ever" in str(found)) == (limit is None)


def test_another_projects_artifact_closes_no_circle() -> None:
    """Names are of a project: the same word in another is another artifact."""
    plan = World().listen("own", "a")
    assert circle(plan, {("p", "own"): Emitted(plan, frozenset({("q", "a")}))}) is None
