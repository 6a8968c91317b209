"""The announcement's example, from the first emission to the lineage of what it set going."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import Unmet

_EXAMPLES = Path(__file__).parent / "announcement"
_LOADED = "announcement_example"


def _load(name: str) -> ModuleType:
    """An example run from its first line, as a user's module is imported."""
    spec = importlib.util.spec_from_file_location(_LOADED, _EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[_LOADED] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=["plain", "flyte_names"])
def example(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    """The example as DESIGN has it, and the announcement's code under Flyte's names."""
    yield _load(request.param)
    del sys.modules[_LOADED]


@pytest.fixture
def primes() -> Iterator[ModuleType]:
    """The announcement's workflow that starts itself."""
    yield _load("primes")
    del sys.modules[_LOADED]


def test_a_run_emits_the_model_with_partition_and_card(example: ModuleType) -> None:
    """The value that `create_from` names is a version with its partition and its model card."""
    example.product_development_wf(blessed_or_not="true")
    version = hl.get("blessed_model")
    assert version.version == 1
    assert version.partitions == {"blessed": "true"}
    assert version.card is not None
    assert version.card.kind == "model"
    assert version.card.text.startswith("# Model Card\n|    |   weight |")
    assert "bias" in Path(hl.pull(version).path).read_text()


def test_the_query_gives_the_newest_blessed_model(example: ModuleType) -> None:
    """A workflow called without the input reads the newest version that its query matches."""
    for blessed in ("true", "true", "false"):
        example.product_development_wf(blessed_or_not=blessed)
    model: Any = hl.run(example.ops_wf).inputs["model"]
    assert model.version == 2
    assert Path(hl.pull("prediction").path).read_text() == "2.5"


def test_a_query_that_finds_nothing_runs_nothing(example: ModuleType) -> None:
    """Without a blessed model the workflow is refused in one line, and nothing is recorded."""
    example.product_development_wf(blessed_or_not="false")
    before = len(hl.executions())
    with pytest.raises(Unmet, match="blessed=true"):
        hl.run(example.ops_wf)
    assert len(hl.executions()) == before


def test_a_plan_that_is_off_starts_nothing(example: ModuleType) -> None:
    """While the plan is off an event waits at it, and nothing runs."""
    hl.plan("trigger_ops_wf_lp").activate().deactivate()
    example.product_development_wf(blessed_or_not="true")
    assert not hl.settle().done
    assert [row.state for row in hl.ledger()] == ["paused"]


def test_a_new_model_starts_operations(example: ModuleType) -> None:
    """Once the plan is active, a new version starts ops_wf with that very version."""
    hl.plan("trigger_ops_wf_lp").activate()
    example.product_development_wf(blessed_or_not="true")
    (done,) = hl.settle().done
    row = hl.ledger("trigger_ops_wf_lp")[0]
    fired = hl.get("blessed_model")
    assert (done.state, done.name, done.plan) == ("succeeded", "ops_wf", "trigger_ops_wf_lp")
    assert row.refs == done.triggered_by == (fired.ref,)
    assert row.execution_id == done.id
    model: Any = hl.execution(done.id).inputs["model"]
    assert model.ref == fired.ref
    assert Path(hl.pull("prediction").path).read_text() == "2.5"


def test_an_unblessed_model_starts_operations_on_the_blessed_one(example: ModuleType) -> None:
    """The trigger is on every model; what the workflow is given is its query's."""
    hl.plan("trigger_ops_wf_lp").activate()
    example.product_development_wf(blessed_or_not="true")
    example.product_development_wf(blessed_or_not="false")
    newest = hl.settle().done[-1]
    assert newest.triggered_by == (hl.get("blessed_model", blessed="false").ref,)
    model: Any = hl.execution(newest.id).inputs["model"]
    assert model.partitions == {"blessed": "true"}


def test_one_hop_of_lineage(example: ModuleType) -> None:
    """Around a model: the workflow that made it, the one that read it, and what that made."""
    hl.plan("trigger_ops_wf_lp").activate()
    example.product_development_wf(blessed_or_not="true")
    hl.settle()
    lineage = hl.lineage("blessed_model")
    labels = {node.id: node.label for node in lineage.nodes}
    assert {(labels[e.source], e.how, labels[e.target]) for e in lineage.edges} == {
        ("workflow product_development_wf", "produced", "blessed_model[blessed=true]@1"),
        ("blessed_model[blessed=true]@1", "trigger", "workflow ops_wf"),
        ("workflow ops_wf", "produced", "prediction@1"),
    }


def test_the_primes_run_until_their_depth(primes: ModuleType) -> None:
    """A workflow that starts itself is stopped after max_depth triggered executions."""
    primes.plan.activate()
    primes.find_next_prime()
    settled = hl.settle()
    found = [hl.pull(f"largest_baillie_wagstaff@{number}") for number in range(1, 22)]
    assert found == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73]
    assert len(settled.done) == 20
    assert not settled.still
    assert hl.search("name=largest_baillie_wagstaff").total == 21


def test_the_stop_is_in_the_ledger(primes: ModuleType) -> None:
    """The event that would have gone deeper has its row, which says what stopped it."""
    primes.plan.activate()
    primes.find_next_prime()
    hl.settle()
    states = [row.state for row in hl.ledger("self_trigger")]
    assert states == ["loop-stopped", *["queued"] * 20]
    assert "max_depth=20" in hl.ledger("self_trigger", state="loop-stopped")[0].reason


def test_the_primes_are_one_chain_of_lineage(primes: ModuleType) -> None:
    """From the last prime the lineage goes back through every execution to the seed."""
    primes.plan.activate()
    primes.find_next_prime()
    hl.settle()
    lineage = hl.lineage("largest_baillie_wagstaff", up=None, down=0)
    kinds = [node.kind for node in lineage.nodes]
    assert (kinds.count("version"), kinds.count("execution")) == (21, 21)
    assert [edge.how for edge in lineage.edges].count("trigger") == 20
