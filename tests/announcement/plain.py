"""The announcement's example, its bodies filled in."""
# What is here is as DESIGN.md writes it, with queries for defaults.
# ruff: noqa: B008
# mypy: ignore-errors

import json
import tempfile
from pathlib import Path
from typing import Annotated

import pandas as pd

from heirloom import Artifact, File, LaunchPlan, ModelCard, OnArtifact, task, workflow

blessed_model = Artifact(name="blessed_model", partition_keys=["blessed"])
prediction = Artifact(name="prediction")


def generate_card(df: pd.DataFrame) -> str:
    """A model card with the model as a table."""
    contents = "# Model Card\n"
    contents = contents + df.to_markdown()
    return contents


@task
def product_development_task(blessed_or_not: str) -> Annotated[File, blessed_model]:
    """Make a model."""
    model = {"weight": [0.5, 2.0], "bias": [1.0, -1.0]}
    file_path = Path(tempfile.mkdtemp()) / "model.json"
    file_path.write_text(json.dumps(model))
    return blessed_model.create_from(
        File(path=file_path),
        ModelCard(generate_card(pd.DataFrame(model))),
        blessed=blessed_or_not,
    )


@task
def ops_task(model: File) -> Annotated[File, prediction]:
    """Predict with the model."""
    weights = json.loads(Path(model.path).read_text())["weight"]
    file_path = Path(tempfile.mkdtemp()) / "prediction.txt"
    file_path.write_text(str(sum(weights)))
    return prediction.create_from(File(path=file_path))


@workflow
def product_development_wf(blessed_or_not: str):
    """The product development team's workflow."""
    product_development_task(blessed_or_not=blessed_or_not)


@workflow
def ops_wf(model: File = blessed_model.query(blessed="true")):
    """The operations team's workflow."""
    ops_task(model=model)


plan = LaunchPlan.get_or_create(
    name="trigger_ops_wf_lp",
    workflow=ops_wf,
    trigger=OnArtifact(trigger_on=blessed_model),
)
plan.activate()
