"""A time partition that the body gives."""
# As the documentation of Union has it; only the import lines are others.
# ruff: noqa: D103, DTZ005
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
def t1() -> Annotated[pd.DataFrame, BasicArtifact]:
    df = pd.DataFrame({"col1": [1, 2, 3], "col2": ["a", "b", "c"]})
    dt = datetime.now()
    return BasicArtifact.create_from(df, time_partition=dt)


@workflow
def wf() -> pd.DataFrame:
    return t1()
