"""A card made of a frame."""
# As the documentation of Union has it; only the import lines are others.
# ruff: noqa: D103
# mypy: ignore-errors

from typing import Annotated

import pandas as pd

from heirloom.flyte import Artifact, ModelCard, task, workflow

BasicArtifact = Artifact(name="my_basic_artifact")


def generate_md_contents(df: pd.DataFrame) -> str:
    contents = "# Dataset Card\n\n## Tabular Data\n"
    contents = contents + df.to_markdown()
    return contents


@task
def t1() -> Annotated[pd.DataFrame, BasicArtifact]:
    df = pd.DataFrame({"col1": [1, 2, 3], "col2": ["a", "b", "c"]})
    return BasicArtifact.create_from(df, ModelCard(generate_md_contents(df)))


@workflow
def wf():
    t1()
