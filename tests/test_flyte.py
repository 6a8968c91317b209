"""Flyte's names: the same objects, Flyte's signatures, and a refusal for what is not here."""

from __future__ import annotations

import importlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import pytest

import heirloom as hl
from heirloom import flyte
from heirloom.errors import NotSupported

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
        ("dynamic", "not there yet"),
        ("map_task", "not there yet"),
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
        ({"cache": True, "cache_version": "1"}, "not there yet"),
        ({"retries": 3}, "not there yet"),
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

    @flyte.task(cache=False, retries=0, container_image=None)
    def work(text: str) -> str:
        return text

    assert work(text="a") == "a"


def test_a_schedule_is_refused() -> None:
    """A plan with a schedule is not registered."""
    with pytest.raises(NotSupported, match="cron"):
        flyte.LaunchPlan.get_or_create(loud, "nightly", schedule="0 5 * * *")
    with pytest.raises(NotSupported, match="sent to anybody"):
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
