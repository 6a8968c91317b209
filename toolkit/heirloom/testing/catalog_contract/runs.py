"""Lookups of executions, and of the edges between them and what they read and made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from heirloom.errors import ExecutionNotFound
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.payloads import Payload
from heirloom.testing.catalog_contract.given import Ask, Given
from heirloom.testing.maker import Maker

__all__ = ["RunLookups"]

_PAYLOAD = Payload(format="json", type_name="int", kind="value", value=1)


class RunLookups(Given):
    """Executions as they stand; edges as their present records give them."""

    def test_one_execution(self, make: Maker, ask: Ask[Any]) -> None:
        """An execution comes back whole."""
        made = make.execution(
            kind="map",
            parent_id="a",
            path="x/0",
            inputs={"raw": Item("heirloom://p/sales@1", "query"), "n": _PAYLOAD},
            outputs={"out": _PAYLOAD},
            reads=(Read("value:b/out", "", "derived", ("c1", "c2")),),
            ended_at=make.time(),
            error="no",
            anchor={"cell": "c1"},
        )
        make.write(executions=[made])
        assert ask(lambda view: view.execution(made.id)) == made
        assert ask(lambda view: view.execution("none")) is None

    def test_executions_by_filter(self, make: Maker, ask: Ask[Any]) -> None:
        """By state, root, parent, plan, name, project: the newest first, by state the oldest."""
        root, *runs = _many_runs(make)
        make.project = "q"
        foreign = make.execution()
        make.write(executions=[foreign])
        assert ask(lambda view: view.executions()) == [foreign, *runs[::-1], root]
        assert ask(lambda view: view.executions(newest=False)) == [root, *runs, foreign]
        assert ask(lambda view: view.executions(state="running")) == [root]
        assert ask(lambda view: view.executions(root=root.id, state="succeeded")) == runs
        assert ask(lambda view: view.executions(state="succeeded", newest=True, limit=2)) == [
            foreign,
            runs[-1],
        ]
        assert ask(lambda view: view.executions(parent=root.id, limit=0)) == []
        assert ask(lambda view: view.executions(plan="p1", limit=1)) == runs[-1:]
        assert ask(lambda view: view.executions(name="flow")) == [root]
        assert ask(lambda view: view.executions(project="q")) == [foreign]
        assert ask(lambda view: view.executions(state="x' OR 1")) == []

    def test_an_execution_by_its_beginning(self, make: Maker, ask: Ask[Any]) -> None:
        """By the beginning of its id, from six signs on, if only one begins so."""
        make.write(executions=[make.execution("abcdef01"), make.execution("abcdef02")])
        assert ask(lambda view: view.find_execution("abcdef02")).id == "abcdef02"
        assert ask(lambda view: view.find_execution("abcde")) is None
        assert ask(lambda view: view.find_execution("zzzzzz")) is None
        with pytest.raises(ExecutionNotFound) as caught:
            ask(lambda view: view.find_execution("abcdef0"))
        assert caught.value.closest == ("abcdef01", "abcdef02")

    def test_the_states_of_some(self, make: Maker, ask: Ask[Any]) -> None:
        """Of those that are there, each as it stands; nothing of the others."""
        root, *runs = _many_runs(make)
        ids = [root.id, runs[0].id, "none"]
        states = {root.id: "running", runs[0].id: "succeeded"}
        assert ask(lambda view: view.states(ids)) == states
        make.write(executions=[replace(root, state="failed")])
        assert ask(lambda view: view.states(ids)) == {**states, root.id: "failed"}
        assert ask(lambda view: view.states([])) == {}

    def test_what_a_cache_finds(self, make: Maker, ask: Ask[Any]) -> None:
        """The newest run of a cache key that ended well by its own body, in that project."""
        first, second = make.execution(cache_key="k"), make.execution(cache_key="k")
        bad = make.execution(cache_key="k", state="failed")
        hit = make.execution(cache_key="k", cached_from=first.id)
        other = make.execution(cache_key="other")
        make.write(executions=[first, other])
        assert ask(lambda view: view.cached("p", "k")) == first
        make.write(executions=[second, bad, hit])
        assert ask(lambda view: view.cached("p", "k")) == second
        assert ask(lambda view: view.cached("q", "k")) is None
        assert ask(lambda view: view.cached("p", "none")) is None

    def test_what_began_last(self, make: Maker, ask: Ask[Any]) -> None:
        """Of a plan's executions that events started, by when they began, whatever came first."""
        plan: dict[str, Any] = {"plan": "p1", "plan_version": 1}
        fired = {**plan, "triggered_by": ("heirloom://p/sales@1",)}
        early, queued = make.execution(**fired), make.execution(state="queued", attempt=0, **fired)
        held = make.execution(state="queued", attempt=0, **fired)
        make.write(executions=[held, early, queued, make.execution(**plan), make.execution()])
        assert ask(lambda view: view.begun("p1", "p", 9)) == [early]
        begun = replace(held, state="running", attempt=1, started_at=make.time())
        make.write(executions=[begun])
        assert ask(lambda view: view.begun("p1", "p", 9)) == [begun, early]
        assert ask(lambda view: view.begun("p1", "p", 1)) == [begun]
        assert ask(lambda view: view.begun("p1", "q", 9)) == []

    def test_hops(self, make: Maker, ask: Ask[Any]) -> None:
        """From a version to what made and what read it, and on; a value is an item too."""
        sales = make.emit("sales")
        first = make.execution(inputs={"raw": Item(sales.ref, "query")}, outputs={"out": _PAYLOAD})
        make.write(executions=[first])
        value = f"value:{first.id}/out"
        forecast = make.emit("forecast", reads=(value,))
        assert ask(lambda view: view.consumers(sales.ref)) == [
            (first, Read(sales.ref, "raw", "query"))
        ]
        assert ask(lambda view: view.outputs(first.id)) == [value]
        assert ask(lambda view: view.outputs("none")) == []
        assert ask(lambda view: view.producer(value)) == first
        assert ask(lambda view: view.producer(sales.ref)).id == sales.execution_id
        assert ask(lambda view: view.producer("heirloom://p/none@1")) is None
        assert ask(lambda view: view.consumers("heirloom://p/none@1")) == []
        assert ask(lambda view: view.related(sales.ref, "down")) == {value, forecast.ref}
        assert ask(lambda view: view.related(forecast.ref, "up")) == {value, sales.ref}
        assert ask(lambda view: view.related(sales.ref, "up")) == frozenset()

    def test_one_item_read_in_several_ways(self, make: Maker, ask: Ask[Any]) -> None:
        """Each way in which an execution read an item is an edge of its own."""
        sales = make.emit("sales")
        reads = (Read(sales.ref, "", "read"), Read(sales.ref, "", "manual"))
        run = make.execution(inputs={"a": Item(sales.ref), "b": Item(sales.ref)}, reads=reads)
        make.write(executions=[run])
        found = ask(lambda view: view.consumers(sales.ref))
        ways = [("", "manual"), ("", "read"), ("a", "declared"), ("b", "declared")]
        assert sorted((read.input, read.how) for _, read in found) == ways

    def test_consumers_in_the_order_they_were_recorded(self, make: Maker, ask: Ask[Any]) -> None:
        """Who read an item comes in commit order, not by id: ids follow the clock."""
        sales = make.emit("sales")
        for id in ("c" * 16, "a" * 16, "b" * 16):
            make.write(executions=[make.execution(id, inputs={"raw": Item(sales.ref)})])
        found = ask(lambda view: view.consumers(sales.ref))
        assert [execution.id[0] for execution, _ in found] == ["c", "a", "b"]

    def test_new_edges_replace_old_ones(self, make: Maker, ask: Ask[Any]) -> None:
        """An execution that was written again has the edges of its newest record only."""
        sales, costs = make.emit("sales"), make.emit("costs")
        run = make.execution(state="running", inputs={"a": Item(sales.ref)})
        make.write(executions=[run])
        assert [e.id for e, _ in ask(lambda view: view.consumers(sales.ref))] == [run.id]
        make.write(executions=[make.execution(run.id, inputs={"a": Item(costs.ref)})])
        assert ask(lambda view: view.consumers(sales.ref)) == []
        assert [e.id for e, _ in ask(lambda view: view.consumers(costs.ref))] == [run.id]

    def test_a_circle_has_an_end(self, make: Maker, ask: Ask[Any]) -> None:
        """Ancestors in a circle are each told once, and an item is not its own."""
        one, two = "value:x/one", "value:y/two"
        made = Payload(format="json", type_name="int", kind="value", value=1)
        make.write(
            executions=[
                make.execution("x", inputs={"i": Item(two)}, outputs={"one": made}),
                make.execution("y", inputs={"i": Item(one)}, outputs={"two": made}),
            ]
        )
        assert ask(lambda view: view.related(one, "up")) == {two}
        assert ask(lambda view: view.related(one, "down")) == {two}


def _many_runs(make: Maker) -> list[Execution]:
    root = make.execution(kind="workflow", name="flow", state="running")
    runs = [
        make.execution(root_id=root.id, parent_id=root.id, path=f"{n}", plan="p1", plan_version=1)
        for n in range(3)
    ]
    make.write(executions=[root, *runs])
    return [root, *runs]
