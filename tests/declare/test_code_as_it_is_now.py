"""Code is recorded as its names are when it is called, whatever they were when it was declared."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from heirloom.declare.closure import Closure
from heirloom.declare.rebuild import rebuild_entry

CELLS = """
from functools import partial
from heirloom import map_task, task, workflow
RATE = 2
WORDS = ["a"]
def helper(x): return x * RATE
def idle(x): return x
@task
def scaled(x: int, k: int = 0) -> int: return helper(x) + len(WORDS) + k
many = map_task(scaled)
bound = map_task(partial(scaled, k=1), concurrency=2)
@workflow
def flow(x: int): return scaled(x=x)
"""


@pytest.mark.parametrize(
    "edit",
    [
        "def helper(x): return -x",
        "RATE = 3",
        "WORDS.append('b')",
        "WORDS = ['c']",
        "def len(x): return 0",
    ],
)
def test_an_edit_after_a_call_is_another_version(notebook: Any, edit: str) -> None:
    """A task, a workflow and a map that reach it are other code from then on."""
    notebook.cell(CELLS)
    reaching = [notebook[name] for name in ("scaled", "flow", "many")]
    before = [each.closure.digest for each in reaching]
    notebook.cell(edit)
    after = [each.closure.digest for each in reaching]
    assert not set(before) & set(after)
    assert after == [each.closure.digest for each in reaching]


@pytest.mark.parametrize(
    "edit",
    [
        "def helper(x): return x * RATE  # the same",
        "RATE = 2",
        "def idle(x): return -x",
        "other = 1",
        CELLS,
    ],
)
def test_what_changes_nothing_is_the_same_version(notebook: Any, edit: str) -> None:
    """A cell that is run again unchanged, or that nothing reaches, makes no version of code."""
    notebook.cell(CELLS)
    names = ("scaled", "flow", "many", "bound")
    before = [notebook[name].closure.digest for name in names]
    notebook.cell(edit)
    assert [notebook[name].closure.digest for name in names] == before


def test_unchanged_code_is_captured_once(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call of what has not changed compares names and captures nothing."""
    task = notebook.cell(CELLS)["scaled"]
    assert task.closure is task.closure


def test_what_was_not_defined_can_be_defined_later(notebook: Any) -> None:
    """Code that was bound by a missing name is portable once it is there."""
    notebook.cell("from heirloom import task\n@task\ndef early() -> int: return late()")
    assert notebook["early"].closure.bound == "late"
    notebook.cell("def late(): return 1")
    assert notebook["early"].closure.portable


def test_what_is_bound_is_not_captured_for_each_call(notebook: Any) -> None:
    """Of a live value only the type is kept: neither its next state nor itself."""
    notebook.names["lock"] = threading.Lock()
    notebook.cell("from heirloom import task\n@task\ndef held() -> int:\n    with lock: return 1")
    closure = notebook["held"].closure
    notebook.names["lock"] = threading.Lock()
    assert notebook["held"].closure is closure
    notebook.names["lock"] = None
    assert notebook["held"].closure is not closure


def test_a_workflow_runs_what_it_records(notebook: Any) -> None:
    """A task that was declared anew is in the graph of the next run."""
    notebook.cell(CELLS)
    flow = notebook["flow"]
    graph = flow.graph_of(dict)
    assert flow.graph_of(dict) is graph
    notebook.cell("@task\ndef scaled(x: int) -> int: return 5")
    (node,) = flow.graph_of(dict).nodes
    assert node.target is notebook["scaled"]
    assert "return 5" in flow.closure.text


def test_a_map_is_rebuilt_as_a_map(notebook: Any, fresh: Callable[[Closure, str], str]) -> None:
    """Its task, what is bound and its concurrency come back; its name is none of its code."""
    notebook.cell(CELLS)
    bound = notebook["bound"]
    again = rebuild_entry(bound.closure)
    assert (again.task.name, again.bound, again.concurrency) == ("scaled", {"k": 1}, 2)
    assert fresh(bound.closure, "(entry.kind, entry.task.function(3, 1))") == "('map', 8)"
    notebook.cell("renamed = map_task(partial(scaled, k=1), concurrency=2)")
    assert notebook["renamed"].closure.digest == bound.closure.digest
    assert notebook["many"].closure.digest != bound.closure.digest


def test_a_map_that_code_names(notebook: Any, fresh: Callable[[Closure, str], str]) -> None:
    """Maps at the top of a notebook are part of the workflows that call them."""
    notebook.cell(CELLS)
    notebook.cell("@workflow\ndef mapped(xs: list[int]): return bound(x=many(x=xs))")
    closure = notebook["mapped"].closure
    assert closure.portable
    kinds = fresh(closure, "[node.target.kind for node in entry.graph.nodes]")
    assert kinds == "['map', 'map']"


def test_what_a_nested_function_closes_over(notebook: Any) -> None:
    """Variables around a definition are part of its code, and looked at as names are."""
    notebook.cell("""
        import heirloom as hl
        import pandas as pd
        def made(step, held):
            @hl.task
            def add(x: int) -> int: return x + step + len(held)
            def change(by):
                nonlocal step
                step = by
            return add, change, held
        add, change, held = made(1, [])
    """)
    add = notebook["add"]
    first = add.closure
    assert add.closure is first
    notebook["change"](10)
    assert add.closure.digest != first.digest
    notebook["change"](1)
    assert add.closure.digest == first.digest
    notebook["held"].append(1)
    assert add.closure.digest != first.digest
    notebook["change"](notebook["pd"].DataFrame())
    assert add.closure.bound == "step"
    assert add.closure is add.closure
    notebook["change"](1)
    assert add.closure.portable
