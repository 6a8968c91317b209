"""The announcement's own code: only the import lines are others, and the bodies filled in."""
# What is here is as it was written, in its own style and with a query for a default.
# ruff: noqa: D103
# mypy: ignore-errors

import json
import os
import tempfile
from typing import Annotated

import pandas as pd

from heirloom.flyte import (
    Artifact,
    FlyteFile,
    LaunchPlan,
    ModelCard,
    OnArtifact,
    task,
    workflow,
)

blessed_model = Artifact(name="blessed_model", partition_keys=["blessed"])


@task
def product_development_task(blessed_or_not: str) -> Annotated[FlyteFile, blessed_model]:
    model = {"weight": [0.5, 2.0], "bias": [1.0, -1.0]}
    file_path = os.path.join(tempfile.mkdtemp(), "model.json")
    with open(file_path, "w") as file:
        json.dump(model, file)

    return blessed_model.create_from(
        FlyteFile(path=file_path),
        ModelCard(generate_card(pd.DataFrame(model))),
        blessed=blessed_or_not,
    )


@workflow
def product_development_wf(blessed_or_not: str):
    product_development_task(blessed_or_not=blessed_or_not)


def generate_card(df: pd.DataFrame) -> str:
    contents = "# Model Card\n"
    contents = contents + df.to_markdown()
    return contents


data_query = blessed_model.query(blessed="true")

prediction = Artifact(
    name="prediction",
)


@task
def ops_task(model: FlyteFile) -> Annotated[FlyteFile, prediction]:
    with open(model.download()) as file:
        weights = json.load(file)["weight"]
    file_path = os.path.join(tempfile.mkdtemp(), "prediction.txt")
    with open(file_path, "w") as file:
        file.write(str(sum(weights)))

    return prediction.create_from(FlyteFile(path=file_path))


@workflow
def ops_wf(model: FlyteFile = data_query):
    ops_task(model=model)


trigger_lp = LaunchPlan.get_or_create(
    name="trigger_ops_wf_lp",
    workflow=ops_wf,
    trigger=OnArtifact(
        trigger_on=blessed_model,
    ),
)
