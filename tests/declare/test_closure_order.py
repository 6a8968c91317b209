"""The order in which fragments execute."""

from __future__ import annotations

import pytest

from heirloom.declare.code.fragment import Fragment, Needs, in_order, too_early

# What needs what: a name, its kind, what it reads at once, what it reads later.
CASES: list[tuple[str, list[tuple[str, str, str, str]], str]] = [
    (
        "nothing decides but the kind and the name",
        [("b", "task", "", ""), ("a", "task", "", ""), ("z", "import", "", "")],
        "z a b",
    ),
    (
        "what is read at once stands before",
        [("a", "constant", "z", ""), ("z", "function", "", "")],
        "z a",
    ),
    (
        "what is read later stands before too, for a decorator may call",
        [("a", "class", "", "z"), ("z", "workflow", "", "")],
        "z a",
    ),
    (
        "in a circle the one that reads nothing at once is first",
        [("a", "class", "z", ""), ("z", "function", "", "a")],
        "z a",
    ),
    (
        "also where what it reads at once is there already",
        [
            ("m", "import", "", ""),
            ("n", "import", "", ""),
            ("a", "function", "z", ""),
            ("z", "function", "m n", "a"),
        ],
        "m n z a",
    ),
    (
        "in a circle the one whose text runs the least is first",
        [("m", "import", "", ""), ("a", "class", "m", "z"), ("z", "function", "", "a")],
        "m z a",
    ),
    (
        "what needs a circle waits for all of it",
        [("a", "function", "", "y"), ("y", "function", "", "z"), ("z", "function", "", "y")],
        "y z a",
    ),
    (
        "the entry is last where nothing needs it",
        [("last", "constant", "", ""), ("z", "workflow", "", "")],
        "z last",
    ),
]


def order(rows: list[tuple[str, str, str, str]]) -> tuple[tuple[Fragment, ...], dict[str, Needs]]:
    """The fragments of a case in their order, and what they need."""
    fragments = {name: Fragment(name, "", kind) for name, kind, _, _ in rows}
    needs = {
        name: Needs(frozenset(now.split()), frozenset(later.split()))
        for name, _, now, later in rows
    }
    return in_order(fragments, needs, "last"), needs


@pytest.mark.parametrize(
    ("rows", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_order(rows: list[tuple[str, str, str, str]], expected: str) -> None:
    """Fragments stand where they execute, in an order that does not depend on how they came."""
    ordered, needs = order(rows)

    assert [each.name for each in ordered] == expected.split()
    assert [each.name for each in order(rows[::-1])[0]] == expected.split()
    assert too_early(ordered, needs) is None


def test_a_circle_of_what_is_read_at_once_is_found() -> None:
    """Where no order executes, the first fragment that would fail is named."""
    ordered, needs = order([("a", "constant", "b", ""), ("b", "constant", "a", "")])

    assert too_early(ordered, needs) == "a"
