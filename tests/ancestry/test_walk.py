"""Walking lineage over a small catalog that is only a list of executions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heirloom.ancestry import Lineage, walk
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.payloads import Payload
from heirloom.records.versions import ArtifactVersion, Value

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
PAYLOAD = Payload(format="json", type_name="int", kind="value", value=1)


def ref(name: str, number: int = 1) -> str:
    """The full ref of a version in project ``p``."""
    return f"heirloom://p/{name}@{number}"


@dataclass
class Runs:
    """An edge lookup over executions; `run` adds one, an hour later than the one before."""

    executions: dict[str, Execution] = field(default_factory=dict)

    def run(
        self,
        id: str,
        *reads: str,
        makes: tuple[str, ...] = (),
        values: tuple[str, ...] = (),
        kind: str = "task",
        parent: str | None = None,
        **inputs: str,
    ) -> Execution:
        """An execution that took `inputs`, read `reads`, and made versions and nameless values."""
        outputs: dict[str, Any] = {f"v{i}": Item(item) for i, item in enumerate(makes)}
        made = Execution(
            id=id,
            kind=kind,
            name=id,
            state="succeeded",
            root_id=parent or id,
            parent_id=parent,
            project="p",
            created_by="ada",
            started_at=BEGAN + timedelta(hours=len(self.executions)),
            inputs={name: Item(item, "query") for name, item in inputs.items()},
            reads=tuple(Read(item, "", "read") for item in reads),
            outputs=outputs | dict.fromkeys(values, PAYLOAD),
        )
        self.executions[id] = made
        return made

    def record(self, item: str) -> ArtifactVersion | Value | None:
        maker = self.producer(item)
        if maker is None:
            return None
        if item.startswith("value:"):
            output = item.rpartition("/")[2]
            return Value(execution_id=maker.id, output=output, payload=PAYLOAD)
        name, _, number = item.removeprefix("heirloom://p/").partition("@")
        return ArtifactVersion(
            project="p",
            name=name,
            version=int(number),
            payload=PAYLOAD,
            partitions={},
            created_at=maker.started_at,
            created_by="ada",
            execution_id=maker.id,
            root_id=maker.root_id,
            path="",
            output="o0",
        )

    def execution(self, execution_id: str) -> Execution | None:
        return self.executions.get(execution_id)

    def producer(self, item: str) -> Execution | None:
        makers = [e for e in self.executions.values() if item in self.outputs(e.id)]
        return makers[-1] if makers else None

    def consumers(self, item: str) -> list[tuple[Execution, Read]]:
        return [
            (execution, read)
            for execution in self.executions.values()
            for read in execution.all_reads()
            if read.item == item
        ]

    def outputs(self, execution_id: str) -> list[str]:
        found = self.executions[execution_id].outputs
        return [
            bound.id if isinstance(bound, Item) else f"value:{execution_id}/{name}"
            for name, bound in found.items()
        ]


@pytest.fixture
def runs() -> Runs:
    """A catalog in which nothing ran."""
    return Runs()


@pytest.fixture
def chain(runs: Runs) -> Runs:
    """Three steps from ``raw`` to ``report``; each reads what the one before made."""
    runs.run("load", makes=(ref("raw"),))
    runs.run("clean", makes=(ref("sales"),), data=ref("raw"))
    runs.run("fit", makes=(ref("model"),), data=ref("sales"))
    runs.run("tell", makes=(ref("report"),), model=ref("model"))
    return runs


def labels(lineage: Lineage) -> set[str]:
    """What people read on the nodes."""
    return {node.label for node in lineage.nodes}


def edges(lineage: Lineage) -> set[tuple[str, str, str]]:
    """Each edge by its labels."""
    by_id = {node.id: node.label for node in lineage.nodes}
    return {(by_id[e.source], e.how, by_id[e.target]) for e in lineage.edges}


def test_one_hop(chain: Runs) -> None:
    """Around a version: what made it, what that read, what read it, what that made."""
    assert edges(walk(chain, ref("sales"))) == {
        ("raw@1", "query", "task clean"),
        ("task clean", "produced", "sales@1"),
        ("sales@1", "query", "task fit"),
        ("task fit", "produced", "model@1"),
    }


@pytest.mark.parametrize(
    ("up", "down", "versions"),
    [
        (0, 0, {"sales@1"}),
        (1, 0, {"raw@1", "sales@1"}),
        (0, 1, {"sales@1", "model@1"}),
        (9, 9, {"raw@1", "sales@1", "model@1", "report@1"}),
        (None, 0, {"raw@1", "sales@1"}),
        (0, None, {"sales@1", "model@1", "report@1"}),
    ],
)
def test_hops(chain: Runs, up: int | None, down: int | None, versions: set[str]) -> None:
    """A hop is version, execution, version; `None` is as far as it goes."""
    found = walk(chain, ref("sales"), up, down)
    assert {node.label for node in found.nodes if node.kind == "version"} == versions
    assert found.centre == ref("sales")


def test_what_is_not_there(runs: Runs) -> None:
    """An item that the catalog lacks has no lineage."""
    with pytest.raises(KeyError, match="raw@1"):
        walk(runs, ref("raw"))


def test_a_version_is_drawn_once(runs: Runs) -> None:
    """Two ways to the same ancestor meet in one node."""
    runs.run("load", makes=(ref("raw"),))
    runs.run("left", makes=(ref("a"),), data=ref("raw"))
    runs.run("right", makes=(ref("b"),), data=ref("raw"))
    runs.run("join", ref("a"), makes=(ref("c"),), data=ref("b"))
    found = walk(runs, ref("c"), None, 0)
    assert sorted(labels(found)) == sorted(
        ["raw@1", "a@1", "b@1", "c@1", "task load", "task left", "task right", "task join"]
    )
    assert ("a@1", "read", "task join") in edges(found)


def test_inner_steps_are_folded(runs: Runs) -> None:
    """The steps of a workflow are one node: what they passed on among them is not drawn."""
    runs.run("load", makes=(ref("raw"),))
    runs.run("whole", kind="workflow", data=ref("raw"))
    runs.run("one", parent="whole", values=("o0",), data=ref("raw"))
    runs.run("two", parent="whole", makes=(ref("sales"),), rows="value:one/o0")
    expected = {
        ("task load", "produced", "raw@1"),
        ("raw@1", "query", "workflow whole"),
        ("workflow whole", "produced", "sales@1"),
    }
    assert edges(walk(runs, ref("sales"), None, None)) == expected
    assert edges(walk(runs, ref("raw"), None, None)) == expected


def test_folding_keeps_to_what_was_used(runs: Runs) -> None:
    """Of a workflow's inputs only those that a version came of are its ancestors."""
    runs.run("load", makes=(ref("raw"), ref("other")))
    runs.run("whole", kind="workflow", data=ref("raw"), more=ref("other"))
    runs.run("one", parent="whole", makes=(ref("a"),), data=ref("raw"))
    runs.run("two", parent="whole", makes=(ref("b"),), more=ref("other"))
    assert "other@1" not in labels(walk(runs, ref("a"), 1, 0))
    assert "b@1" not in labels(walk(runs, ref("raw"), 0, 1))
    assert "a@1" in labels(walk(runs, ref("raw"), 0, 1))


def test_the_outermost_workflow_is_shown(runs: Runs) -> None:
    """A workflow in a workflow is a step; a task in a task is a step of its own."""
    runs.run("outer", kind="workflow")
    runs.run("inner", kind="workflow", parent="outer")
    runs.run("step", parent="inner", makes=(ref("a"),))
    runs.run("deeper", parent="step", makes=(ref("b"),))
    assert labels(walk(runs, ref("a"), 1, 0)) == {"a@1", "workflow outer"}
    assert labels(walk(runs, ref("b"), 1, 0)) == {"b@1", "workflow outer"}
    runs.run("alone")
    runs.run("called", parent="alone", makes=(ref("c"),))
    assert labels(walk(runs, ref("c"), 1, 0)) == {"c@1", "task called"}


def test_an_output_of_the_workflow_itself(runs: Runs) -> None:
    """A workflow-level version comes of the inner value that it reads, and so of its sources."""
    runs.run("load", makes=(ref("raw"),))
    runs.run("one", parent="whole", values=("o0",), data=ref("raw"))
    runs.run("whole", "value:one/o0", kind="workflow", makes=(ref("sales"),), data=ref("raw"))
    expected = {
        ("task load", "produced", "raw@1"),
        ("raw@1", "query", "workflow whole"),
        ("workflow whole", "produced", "sales@1"),
    }
    assert edges(walk(runs, ref("sales"), None, None)) == expected
    assert edges(walk(runs, ref("raw"), None, None)) == expected


def test_nameless_values_do_not_break_the_chain(runs: Runs) -> None:
    """What was passed by hand from call to call is a node of its own, upwards and downwards."""
    runs.run("load", makes=(ref("raw"),))
    runs.run("clean", values=("o0", "unread"), data=ref("raw"))
    runs.run("fit", makes=(ref("model"),), rows="value:clean/o0")
    expected = {
        ("task load", "produced", "raw@1"),
        ("raw@1", "query", "task clean"),
        ("task clean", "produced", "int"),
        ("int", "query", "task fit"),
        ("task fit", "produced", "model@1"),
    }
    assert edges(walk(runs, ref("model"), None, None)) == expected
    assert edges(walk(runs, ref("raw"), None, None)) == expected
    assert edges(walk(runs, "value:clean/o0", None, None)) == expected


def test_a_run_that_starts_itself(runs: Runs) -> None:
    """A workflow that emits what it listens to is a chain of its versions, with an end."""
    runs.run("seed", makes=(ref("prime", 1),))
    for number in range(2, 6):
        runs.run(f"next{number}", makes=(ref("prime", number),), n=ref("prime", number - 1))
    found = walk(runs, ref("prime", 3), None, None)
    assert [node.kind for node in found.nodes].count("version") == 5


def test_a_loop_in_the_records_ends(runs: Runs) -> None:
    """Records that contradict time, as damage may, do not hold the walk."""
    runs.run("one", makes=(ref("a"),), data=ref("b"))
    runs.run("two", makes=(ref("b"),), data=ref("a"))
    found = walk(runs, ref("a"), None, None)
    assert labels(found) == {"a@1", "b@1", "task one", "task two"}
    assert "…" in found.to_text()


def test_a_limit_cuts_and_counts(runs: Runs) -> None:
    """Beyond the limit nodes are left out, each counted once, and no edge dangles."""
    runs.run("load", makes=(ref("raw"),))
    for name in "abcdef":
        runs.run(name, makes=(ref(f"from-{name}"),), data=ref("raw"), again=ref("raw"))
    found = walk(runs, ref("raw"), 0, 1, limit=4)
    known = {node.id for node in found.nodes}
    assert len(known) == 4
    assert found.cut == len("cdef") + len("b")
    assert all(edge.source in known and edge.target in known for edge in found.edges)
    assert "cut" in repr(found)


def test_as_of(chain: Runs) -> None:
    """What ran later was not known then."""
    then = BEGAN + timedelta(hours=2, minutes=30)
    assert "report@1" not in labels(walk(chain, ref("sales"), None, None, as_of=then))
    assert "model@1" in labels(walk(chain, ref("sales"), None, None, as_of=then))


def test_as_of_a_moment_in_the_middle_of_a_run(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run that had begun emitted only later was not known then either."""
    runs.run("load", makes=(ref("raw"),))
    runs.run("fit", makes=(ref("model"),), data=ref("raw"))
    plain = runs.record

    def late(item: str) -> ArtifactVersion | Value | None:
        found = plain(item)
        if isinstance(found, ArtifactVersion) and found.name == "model":
            return replace(found, created_at=found.created_at + timedelta(minutes=30))
        return found

    monkeypatch.setattr(runs, "record", late)
    then = BEGAN + timedelta(hours=1, minutes=10)
    assert labels(walk(runs, ref("raw"), 0, 1, as_of=then)) == {"raw@1", "task fit"}
    assert "model@1" in labels(walk(runs, ref("raw"), 0, 1, as_of=then + timedelta(hours=1)))
