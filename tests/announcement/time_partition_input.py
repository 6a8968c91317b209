"""A time partition that is an input."""
# As the documentation of Union has it; only the import lines are others.
# ruff: noqa: D103
# mypy: ignore-errors

from datetime import datetime
from typing import Annotated

import pandas as pd

from heirloom.flyte import Artifact, Granularity, task, workflow

BasicArtifact = Artifact(
    name="my_basic_artifact",
    time_partitioned=True,
    time_partition_granularity=Granularity.HOUR,
)


@task
def t1(date: datetime) -> Annotated[pd.DataFrame, BasicArtifact]:
    df = pd.DataFrame({"col1": [1, 2, 3], "col2": ["a", "b", "c"]})
    return BasicArtifact.create_from(df, time_partition=date)


@workflow
def wf(run_date: datetime) -> pd.DataFrame:
    return t1(date=run_date)
