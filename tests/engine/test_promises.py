"""Inputs that ask for artifacts, held against what these are: promised here, or there already."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import heirloom as hl
from heirloom import codecs
from heirloom.errors import InputError

PRELUDE = """
import pandas as pd
import polars as pl
from heirloom.flyte import kwtypes

sales = hl.Artifact("sales", ["region"])
files = hl.Artifact("files", [])

@hl.task
def told(x: Any) -> str:
    return type(x).__name__
"""
PRODUCER = """
@hl.task
def sell() -> Annotated[pd.DataFrame, sales(region="e"), {"amount": float}]:
    return pd.DataFrame({"amount": [1.5]})
"""


def _workflow(hint: str, default: str = "sales.query(region='e')") -> str:
    return f"""
@hl.workflow
def work(x: {hint} = {default}) -> str:
    return told(x=x)
"""


@pytest.mark.parametrize(
    ("hint", "says"),
    [
        ("int", "pandas.DataFrame is no int"),
        ("hl.File", "pandas.DataFrame is no File"),
        ("int | None", "pandas.DataFrame is no int"),
        ("Annotated[pl.DataFrame, {'amount': str}]", "column 'amount' is float, not str"),
        ("Annotated[pl.DataFrame, {'price': float}]", "column 'price' is missing; it has amount"),
    ],
)
def test_a_default_is_held_against_the_task_that_makes_it(
    load: Callable[[str], Any], hint: str, says: str
) -> None:
    """Nothing was emitted yet; both ends stand in the error, and the reason."""
    with pytest.raises(InputError) as caught:
        load(PRELUDE + PRODUCER + _workflow(hint))
    assert str(caught.value).startswith(
        "sell.o0, artifact 'sales' (pandas.DataFrame with amount: float) -> work.x ("
    )
    assert says in str(caught.value)


@pytest.mark.parametrize("hint", ["Any", "pl.DataFrame", "pd.DataFrame | None"])
def test_a_default_that_fits_stands(load: Callable[[str], Any], hint: str) -> None:
    """And is run with what the task made."""
    module = load(PRELUDE + PRODUCER + _workflow(hint))
    module.sell()
    assert module.work() == "DataFrame"


def test_the_last_word_counts(load: Callable[[str], Any]) -> None:
    """A task that was declared anew says what will be; the versions before it are the past."""
    hl.publish(1, "sales[region=e]")
    module = load(PRELUDE + PRODUCER + _workflow("pd.DataFrame"))
    with pytest.raises(InputError, match=r"takes pandas\.DataFrame; got int 1"):
        module.work()
    module.sell()
    assert module.work() == "DataFrame"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("trigger=hl.OnArtifact(sales, {'x': sales})", "(pandas.DataFrame with amount: float) -> "),
        ("default_inputs={'x': sales}", "sell.o0, artifact 'sales' "),
        ("fixed_inputs={'x': sales.query(region='e')}", "-> work.x (int) does not fit: "),
    ],
)
def test_a_plan_is_held_against_what_it_would_be_given(
    load: Callable[[str], Any], given: str, says: str
) -> None:
    """It is not registered."""
    text = PRELUDE + PRODUCER + _workflow("int", "3")
    with pytest.raises(InputError) as caught:
        load(f"{text}\nhl.LaunchPlan.get_or_create('p', work, {given})")
    assert says in str(caught.value)
    assert hl.plans() == []


def test_a_version_promises_nothing(load: Callable[[str], Any]) -> None:
    """The next one may fit: a workflow stands, a plan's note says it, and a run is refused."""
    hl.publish("word", "sales[region=e]")
    module = load(PRELUDE + _workflow("int"))
    plan = hl.LaunchPlan.get_or_create("p", module.work)
    assert "input 'x' takes int, and sales@1 is str" in plan.note
    with pytest.raises(InputError, match="'x' of 'work' takes int; got str 'word'"):
        module.work()
    assert [each.kind for each in hl.executions()] == ["publish"]


def _notebook(path: Path, line: str) -> Any:
    cell = {
        **{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "id": "a", "outputs": []},
        **{"execution_count": None, "source": f"import heirloom as hl\n{line}"},
    }
    doc = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(doc))
    return hl.notebook_workflow(path)


def test_a_notebook_is_held_against_what_it_asks_for(
    load: Callable[[str], Any], tmp_path: Path
) -> None:
    """By its parameters: when it is opened, when a plan of it is made, and before it runs."""
    path, line = tmp_path / "nb.ipynb", "x: int = hl.Artifact('sales').query(region='e')"
    notebook = _notebook(path, line)
    load(PRELUDE + PRODUCER)
    with pytest.raises(InputError, match=r"-> nb.x \(int\) does not fit"):
        _notebook(path, line)
    with pytest.raises(InputError, match=r"-> nb.x \(int\) does not fit"):
        hl.LaunchPlan.get_or_create("p", notebook)
    hl.publish("word", "sales[region=e]")
    with pytest.raises(InputError, match="'x' of 'nb' takes int; got str 'word'"):
        hl.run(notebook)
    assert [each.kind for each in hl.executions()] == ["publish"]


@pytest.mark.parametrize("kind", ["str", "hl.Ref", "str | None"])
def test_a_notebook_may_ask_for_the_ref(
    load: Callable[[str], Any], tmp_path: Path, kind: str
) -> None:
    """Its text is what it binds, whatever the version holds."""
    load(PRELUDE + PRODUCER)
    line = f"x: {kind} = hl.Artifact('sales').query(region='e')"
    plan = hl.LaunchPlan.get_or_create("p", _notebook(tmp_path / "nb.ipynb", line))
    assert plan.name == "p"


# ---------------------------------------------------------------------- when it runs


@pytest.mark.parametrize(
    ("hint", "says"),
    [
        ("int", r"'x' of 'work' takes int; got sales@1, pandas.DataFrame: "),
        ("Annotated[pd.DataFrame, {'m': int}]", "column 'm' is missing; it has n"),
        ("Annotated[pl.DataFrame, {'n': str}]", "column 'n' is int64, not str"),
    ],
)
def test_a_given_version_is_held_before_anything_runs(
    load: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, hint: str, says: str
) -> None:
    """By what the record says of it: no payload is loaded, nothing is recorded."""
    version = hl.publish(pd.DataFrame({"n": [1]}), "sales[region=e]")
    module = load(PRELUDE + _workflow(hint, "None").replace(" = None", ""))
    monkeypatch.setattr(codecs, "decode", None)
    for target in (module.work, hl.LaunchPlan.get_or_create("p", module.work)):
        with pytest.raises(InputError, match=says):
            hl.run(target, x=version)
    assert [each.kind for each in hl.executions()] == ["publish"]


def test_a_file_of_another_format_is_refused(load: Callable[[str], Any], tmp_path: Path) -> None:
    """And a directory where a file is asked for; what has no format may be of any."""
    module = load(PRELUDE + _workflow("hl.File['csv']", "None").replace(" = None", ""))
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    (tmp_path / "d").mkdir()
    parquet = hl.publish(hl.File(tmp_path / "a.parquet", format="parquet"), "a")
    tree = hl.publish(hl.Directory(tmp_path / "d"), "d")
    with pytest.raises(InputError, match="its format is parquet, not csv"):
        module.work(x=parquet)
    with pytest.raises(InputError, match="a directory is no file"):
        module.work(x=tree)
    assert module.work(x=hl.publish(hl.File(tmp_path / "a.parquet"), "b")) == "File"


def test_what_a_rerun_is_given_is_held(load: Callable[[str], Any]) -> None:
    """As any input is; what was recorded runs again, whatever the artifact has become."""
    first = hl.publish(1, "sales[region=e]")
    module = load(PRELUDE + _workflow("int"))
    done = hl.run(module.work)
    word = hl.publish("word", "sales[region=e]")
    with pytest.raises(InputError, match="'x' of 'work' takes int; got str 'word'"):
        hl.rerun(done.id, {"x": word})
    again = hl.rerun(done.id)
    assert again.state == "succeeded"
    assert again.inputs["x"].ref == first.ref


def test_a_plan_goes_on_after_a_version_that_did_not_fit(load: Callable[[str], Any]) -> None:
    """Code that is rebuilt is not held against what the artifact is at that moment."""
    load(
        PRELUDE
        + _workflow("int")
        + "hl.LaunchPlan.get_or_create('p', work, trigger=hl.OnArtifact(sales), auto_activate=True)"
    )
    hl.publish("word", "sales[region=e]")
    hl.publish(2, "sales[region=e]")
    states = [each.state for each in hl.settle().done]
    assert states == ["failed", "succeeded"]


def test_recorded_code_is_not_held_against_what_was_promised_since(
    load: Callable[[str], Any],
) -> None:
    """It was when it was declared, and runs with the version that fired."""
    plan = "hl.LaunchPlan.get_or_create('p', work, trigger=hl.OnArtifact(sales, {'x': sales}))"
    load(PRELUDE + _workflow("int", "3") + plan).hl.plan("p").activate()
    load(PRELUDE + PRODUCER)
    hl.publish(2, "sales[region=e]")
    assert [each.state for each in hl.settle().done] == ["succeeded"]


def test_a_launch_form_offers_frames_by_their_columns(load: Callable[[str], Any]) -> None:
    """A version that lacks one would be refused."""
    module = load(PRELUDE + _workflow("Annotated[pl.DataFrame, kwtypes(n=int)] | None", "None"))
    good = hl.publish(pd.DataFrame({"n": [1], "m": ["a"]}), "a")
    hl.publish(pd.DataFrame({"n": ["1"]}, dtype="string"), "b")
    offered = hl.launch_form(module.work)["x"].versions
    assert [version.ref for version in offered] == [good.ref]
