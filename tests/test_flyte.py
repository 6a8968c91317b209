"""Flyte's names: the same objects, Flyte's signatures, and a refusal for what is not here."""

from __future__ import annotations

import functools
import importlib
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pytest

import heirloom as hl
from heirloom import flyte
from heirloom.errors import InputError, NotSupported

monthly = flyte.Artifact(
    name="monthly", time_partitioned=True, time_partition_granularity=flyte.Granularity.MONTH
)


@flyte.task
def emit(at: datetime) -> Annotated[int, monthly(time_partition=flyte.Inputs.at)]:
    """Of a month."""
    return 1


@flyte.task
def shout(text: str) -> str:
    """In capitals."""
    return text.upper()


@flyte.workflow
def loud(text: str = "a") -> str:
    """In capitals, as a workflow."""
    said: str = shout(text=text)
    return said


def test_the_objects_are_heirlooms_own() -> None:
    """Under another name nothing else is handed out."""
    assert flyte.FlyteFile is hl.File
    assert flyte.FlyteDirectory is hl.Directory
    assert flyte.Artifact is hl.Artifact
    assert flyte.ArtifactQuery is hl.Query
    assert (flyte.ModelCard, flyte.DataCard) == (hl.ModelCard, hl.DataCard)
    assert flyte.Inputs is hl.Inputs


@pytest.mark.parametrize("name", flyte.__all__)
def test_every_name_is_there(name: str) -> None:
    """What the module promises it has."""
    assert getattr(flyte, name) is not None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ImageSpec", "not in containers"),
        ("Resources", "not in containers"),
        ("CronSchedule", "let cron call"),
        ("FixedRate", "no schedules"),
        ("ContainerTask", "not in containers"),
        ("conditional", "@dynamic"),
        ("Cache", "cache=True"),
        ("Deck", "ModelCard"),
        ("ConcurrencyPolicy", "max_concurrent"),
        ("UnionRemote", "hl.search"),
        ("StructuredDataset", "pandas.DataFrame"),
    ],
)
def test_importing_what_is_not_here(name: str, says: str) -> None:
    """A name of Flyte's that Heirloom lacks says why, in the line that imports it."""
    with pytest.raises(NotSupported, match=says) as caught:
        exec(f"from heirloom.flyte import {name}")
    assert str(caught.value).startswith(f"heirloom.flyte has no {name}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(flyte._WHY))
def test_what_is_not_here_is_on_the_page(name: str) -> None:
    """Everything that says so is in the list of docs/flyte.md, with why."""
    page = Path(__file__).parents[1].joinpath("docs", "flyte.md").read_text()
    assert re.search(rf"`{name}(=|\(…\)|\(...\))?`", page)


def test_a_name_that_nobody_has() -> None:
    """Any other name is missing as from any module."""
    with pytest.raises(ImportError, match="Nothing"):
        importlib.import_module("heirloom.flyte.Nothing")
    assert not hasattr(flyte, "Nothing")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"container_image": "image"}, r"task\(container_image=…\).*not in containers"),
        ({"requests": object()}, "not in containers"),
        ({"interruptible": True}, "not in containers"),
        ({"enable_deck": True}, "a card shows it"),
        ({"docs": "text"}, "the docstring says it"),
        ({"pickle_untyped": True}, "allow_pickle=True"),
        ({"frob": None}, "does not know it"),
    ],
)
def test_options_of_a_task(options: dict[str, Any], says: str) -> None:
    """An option that asks for what is not here is refused; nothing pretends."""
    with pytest.raises(NotSupported, match=says):
        flyte.task(**options)
    with pytest.raises(NotSupported, match=r"workflow\("):
        flyte.workflow(**options)


def test_options_that_are_off() -> None:
    """What asks for nothing may stay where it is."""

    @flyte.task(cache=False, retries=0, container_image=None, docs=None, deprecated="")
    def work(text: str) -> str:
        return text

    assert work(text="a") == "a"


def test_a_call_has_no_options_of_its_own() -> None:
    """The line says where they go."""

    @flyte.task
    def work() -> int:
        return 1

    with pytest.raises(NotSupported, match=r"<promise work\.o0> .* @task\(cache=False\)"):

        @flyte.workflow
        def whole() -> int:
            return int(work().with_overrides(cache=False))


def test_a_trigger_without_inputs() -> None:
    """`None` is how Flyte writes that there are none."""
    nothing: Any = None
    assert flyte.OnArtifact(trigger_on=flyte.Artifact("a"), inputs=nothing).inputs == {}


def test_retries_and_a_timeout() -> None:
    """What Flyte says of retries and of time holds here, a `timedelta` as well as seconds."""

    @flyte.task(retries=2, timeout=timedelta(minutes=1))
    def work() -> int:
        return 1

    assert (work.options.retries, work.options.timeout) == (2, 60.0)

    @flyte.task(timeout=0)
    def patient() -> int:
        return 1

    assert patient.options.timeout is None
    for make in (flyte.workflow, flyte.dynamic):
        with pytest.raises(NotSupported, match="give it to the tasks"):
            make(retries=2)


@flyte.task
def scaled(x: int, by: int) -> int:
    """A product."""
    return x * by


@flyte.dynamic
def spread(n: int) -> list[int]:
    """As many products as it is told."""
    return [scaled(x=x, by=10) for x in range(n)] if n > 1 else []


def test_dynamic_workflows() -> None:
    """The body of a dynamic workflow sees its inputs."""
    assert spread(n=3) == [0, 10, 20]
    assert spread(n=1) == []


def test_maps() -> None:
    """A map takes a task, or a partial of one, by Flyte's arguments."""
    mapped = flyte.map_task(functools.partial(scaled, by=2), concurrency=2)
    assert mapped(x=[1, 2]) == [2, 4]
    assert flyte.map_task(scaled, concurrency=0)(x=[1], by=[3]) == [3]
    with pytest.raises(NotSupported, match=r"hl\.resume"):
        flyte.map_task(scaled, min_success_ratio=0.5)


def test_a_query_by_a_mapping() -> None:
    """Partitions may come as one mapping, as Flyte's `query` takes them."""
    artifact = flyte.Artifact(name="a", partition_keys=["x", "y"])
    assert artifact.query(partitions={"x": 1}, y=2) == artifact.query(y=2, x=1)


def test_a_schedule_is_refused() -> None:
    """A plan with a schedule is not registered."""
    with pytest.raises(NotSupported, match="cron"):
        flyte.LaunchPlan.get_or_create(loud, "nightly", schedule="0 5 * * *")
    with pytest.raises(NotSupported, match=r"hl\.on calls"):
        flyte.LaunchPlan.create("told", loud, notifications=["mail"])
    assert hl.plans() == []


def test_plans_by_flytes_signatures() -> None:
    """`get_or_create` takes the workflow first, `create` the name, which may be left out."""
    named = flyte.LaunchPlan.get_or_create(loud, "named", {"text": "b"})
    assert named() == "B"
    assert flyte.LaunchPlan.create("other", loud, fixed_inputs={"text": "c"})() == "C"
    flyte.LaunchPlan.get_or_create(workflow=loud)
    assert [plan.name for plan in hl.plans()] == ["loud", "named", "other"]


def test_granularities() -> None:
    """Flyte's enumeration names what a time is truncated to."""
    emit(at=datetime(2026, 1, 31, 12, tzinfo=UTC))
    assert hl.get("monthly").time_partition == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_file_is_on_this_disk(tmp_path: Path) -> None:
    """`download` gives the local path; what is elsewhere is not fetched behind one's back."""
    path = tmp_path / "a.txt"
    path.write_text("a")
    file = flyte.FlyteFile(path=path)
    assert file.download() == os.fspath(file) == str(path)
    assert flyte.FlyteDirectory(tmp_path).download() == str(tmp_path)
    with pytest.raises(NotSupported, match="publish and pull"):
        flyte.FlyteFile("s3://bucket/key").download()


def test_kwtypes_name_the_columns_of_a_frame() -> None:
    """They are held against what the frame has, as in Flyte."""

    @flyte.task
    def total(frame: Annotated[pd.DataFrame, flyte.kwtypes(a=int)]) -> int:
        return int(frame["a"].sum())

    assert total(frame=pd.DataFrame({"a": [1, 2]})) == 3
    with pytest.raises(InputError, match="column 'a' is missing; it has b"):
        total(frame=pd.DataFrame({"b": [1]}))
