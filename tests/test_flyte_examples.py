"""The examples of Union's documentation and of its announcement, with changed imports only."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import Unmet

_EXAMPLES = Path(__file__).parent / "announcement"
NOON = datetime(2026, 3, 1, 12, 34, 56, tzinfo=UTC)
HOUR = NOON.replace(minute=0, second=0)


@pytest.fixture
def load() -> Iterator[Callable[[str], ModuleType]]:
    """Imports an example from its first line, as a user's module is."""
    loaded: list[str] = []

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"example_{name}", _EXAMPLES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        loaded.append(spec.name)
        spec.loader.exec_module(module)
        return module

    yield load
    for name in loaded:
        del sys.modules[name]


def _rows(value: Any) -> list[list[Any]]:
    return [list(row) for row in value.itertuples(index=False)]


ROWS = [[1, "a"], [2, "b"], [3, "c"]]


def test_basic(load: Callable[[str], Any]) -> None:
    """The workflow's value is what its task emitted, and the catalog has it."""
    assert _rows(load("basic").wf()) == ROWS
    assert _rows(hl.pull("my_basic_artifact@1")) == ROWS


def test_time_partition_runtime(load: Callable[[str], Any]) -> None:
    """A naive time of the body is cut to the hour."""
    load("time_partition_runtime").wf()
    when = hl.get("my_basic_artifact").time_partition
    assert when is not None
    assert (when.minute, when.second, when.microsecond) == (0, 0, 0)


def test_time_partition_input(load: Callable[[str], Any]) -> None:
    """An input of the workflow becomes the time partition in its task's body."""
    load("time_partition_input").wf(run_date=NOON)
    assert hl.get("my_basic_artifact").time_partition == HOUR


def test_partition_keys_runtime(load: Callable[[str], Any]) -> None:
    """A loop over constants emits one version for each, at one time."""
    load("partition_keys_runtime").wf()
    found = hl.search("name=my_basic_artifact").versions
    assert [v.partitions["key1"] for v in found] == ["value3", "value2", "value1"]
    assert len({v.time_partition for v in found}) == 1


def test_partition_keys_input(load: Callable[[str], Any]) -> None:
    """A key given twice, by the annotation and by the body, is given once."""
    load("partition_keys_input").wf(dt=NOON, val="a")
    version = hl.get("my_basic_artifact")
    assert (version.partitions, version.time_partition) == ({"key1": "a"}, HOUR)


def test_model_card(load: Callable[[str], Any]) -> None:
    """The card that the body made of its frame stands beside the version."""
    load("model_card").wf()
    card = hl.get("my_basic_artifact").card
    assert card is not None
    assert card.text.startswith("# Dataset Card\n\n## Tabular Data\n|    |   col1 | col2")


def test_query(load: Callable[[str], Any]) -> None:
    """A query with keys that this module does not declare finds what another module emitted."""
    load("partition_keys_input").wf(dt=NOON, val="a")
    example = load("query")
    assert _rows(example.wf(key1="a", dt=NOON)) == ROWS
    given: Any = hl.run(example.wf, key1="a", dt=NOON).inputs["data"]
    assert given.ref == hl.get("my_basic_artifact@1").ref
    with pytest.raises(Unmet, match="key1=b"):
        example.wf(key1="b", dt=NOON)


def test_trigger_on_artifact(load: Callable[[str], Any]) -> None:
    """Once activated, the plan runs its workflow without inputs for each new version."""
    example = load("trigger_on_artifact")
    example.upstream_wf()
    assert not hl.settle().done
    example.downstream_triggered.activate()
    example.upstream_wf()
    (done,) = hl.settle().done
    assert (done.name, done.plan) == ("downstream_wf", "downstream_with_trigger_lp")
    assert done.triggered_by == (hl.get("my_upstream_artifact@2").ref,)
    (task,) = hl.executions(name="downstream_t1")
    assert "Downstream task triggered" in task.printed


def test_artifacts_demo(load: Callable[[str], Any]) -> None:
    """The trigger gives constants, the data is the default query's: the version that fired."""
    example = load("artifacts_demo")
    example.train_model_lp.activate()
    example.process_data_wf()
    (done,) = hl.settle().done
    fired = hl.get("processed_data")
    assert fired.execution_id == hl.executions(name="process_data_wf")[0].id
    inputs: Any = hl.execution(done.id).inputs
    assert (inputs["learning_rate"], inputs["epochs"]) == (0.01, 15)
    assert inputs["data"].ref == fired.ref
    model = hl.get("trained_model")
    assert model.card is not None
    assert model.card.kind == "model"
    assert hl.pull(model)["slope"] == pytest.approx(2.0, abs=0.5)


def test_self_trigger(load: Callable[[str], Any]) -> None:
    """The workflow that starts itself goes on until its chain is 25 long."""
    example = load("self_trigger")
    example.self_trigger.activate()
    example.find_next_prime()
    hl.settle()
    assert hl.search("name=largest_baillie_wagstaff").total == 26
    assert hl.pull("largest_baillie_wagstaff") == 101
    assert hl.ledger("self_trigger")[0].state == "loop-stopped"
