"""A workflow that starts when another one's artifact has a new version."""
# As the documentation of Union has it; only the import lines are others.
# ruff: noqa: D103, DTZ005
# mypy: ignore-errors

from datetime import datetime
from typing import Annotated

import pandas as pd

from heirloom.flyte import (
    Artifact,
    Granularity,
    Inputs,
    LaunchPlan,
    OnArtifact,
    task,
    workflow,
)

UpstreamArtifact = Artifact(
    name="my_upstream_artifact",
    time_partitioned=True,
    time_partition_granularity=Granularity.HOUR,
    partition_keys=["key1"],
)


@task
def upstream_t1(key1: str) -> Annotated[pd.DataFrame, UpstreamArtifact(key1=Inputs.key1)]:
    dt = datetime.now()
    my_df = pd.DataFrame({"col1": [1, 2, 3], "col2": ["a", "b", "c"]})
    return UpstreamArtifact.create_from(my_df, key1=key1, time_partition=dt)


@workflow
def upstream_wf() -> pd.DataFrame:
    return upstream_t1(key1="value1")


on_upstream_artifact = OnArtifact(trigger_on=UpstreamArtifact)


@task
def downstream_t1():
    print("Downstream task triggered")


@workflow
def downstream_wf():
    downstream_t1()


downstream_triggered = LaunchPlan.create(
    "downstream_with_trigger_lp", downstream_wf, trigger=on_upstream_artifact
)
