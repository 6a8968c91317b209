"""A key bound to an input, a time that the body gives, and a loop over constants."""
# As the documentation of Union has it; only the import lines are others.
# ruff: noqa: D103, DTZ005
# mypy: ignore-errors

from datetime import datetime
from typing import Annotated

import pandas as pd

from heirloom.flyte import Artifact, Granularity, Inputs, task, workflow

BasicArtifact = Artifact(
    name="my_basic_artifact",
    time_partitioned=True,
    time_partition_granularity=Granularity.HOUR,
    partition_keys=["key1"],
)


@task
def t1(key1: str, date: datetime) -> Annotated[pd.DataFrame, BasicArtifact(key1=Inputs.key1)]:
    df = pd.DataFrame({"col1": [1, 2, 3], "col2": ["a", "b", "c"]})
    return BasicArtifact.create_from(df, time_partition=date)


@workflow
def wf():
    run_date = datetime.now()
    values = ["value1", "value2", "value3"]
    for value in values:
        t1(key1=value, date=run_date)
