"""A query on inputs of the same workflow, of an artifact that this module declares without keys."""
# As the documentation of Union has it; only the import lines are others.
# ruff: noqa: B008, D103
# mypy: ignore-errors

from datetime import datetime

import pandas as pd

from heirloom.flyte import Artifact, Inputs, task, workflow

BasicArtifact = Artifact(name="my_basic_artifact")


@task
def t1(key1: str, dt: datetime, data: pd.DataFrame) -> pd.DataFrame:
    print(f"key1: {key1}, dt: {dt}")
    return data


@workflow
def wf(
    key1: str,
    dt: datetime,
    data: pd.DataFrame = BasicArtifact.query(time_partition=Inputs.dt, key1=Inputs.key1),
) -> pd.DataFrame:
    return t1(key1=key1, dt=dt, data=data)
