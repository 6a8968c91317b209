"""An artifact without partitions."""
# As the documentation of Union has it; only the import lines are others.
# ruff: noqa: D103
# mypy: ignore-errors

from typing import Annotated

import pandas as pd

from heirloom.flyte import Artifact, task, workflow

BasicArtifact = Artifact(name="my_basic_artifact")


@task
def t1() -> Annotated[pd.DataFrame, BasicArtifact]:
    df = pd.DataFrame({"col1": [1, 2, 3], "col2": ["a", "b", "c"]})
    return BasicArtifact.create_from(df)


@workflow
def wf() -> pd.DataFrame:
    return t1()
