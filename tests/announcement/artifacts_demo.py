"""An artifact of a workflow, and a plan whose trigger gives constants."""
# As the documentation of Union has it; only the import lines are others.
# ruff: noqa: B008, D103
# mypy: ignore-errors

from typing import Annotated

import pandas as pd

from heirloom.flyte import Artifact, LaunchPlan, ModelCard, OnArtifact, task, workflow

processed_data = Artifact(name="processed_data")
trained_model = Artifact(name="trained_model")


@task
def load_data() -> pd.DataFrame:
    return pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [2.0, 4.0, 6.0]})


@task
def process_data(data: pd.DataFrame) -> pd.DataFrame:
    return data.dropna()


@workflow
def process_data_wf() -> Annotated[pd.DataFrame, processed_data]:
    return process_data(data=load_data())


@task
def train_model(
    learning_rate: float, epochs: int, data: pd.DataFrame
) -> Annotated[dict[str, float], trained_model]:
    slope = 0.0
    for _ in range(epochs):
        error = data["y"] - slope * data["x"]
        slope += learning_rate * float((error * data["x"]).sum())
    return trained_model.create_from({"slope": slope}, ModelCard(f"# Slope\n{slope:.3f}"))


@workflow
def train_model_wf(
    learning_rate: float, epochs: int, data: pd.DataFrame = processed_data.query()
) -> dict[str, float]:
    return train_model(learning_rate=learning_rate, epochs=epochs, data=data)


train_model_lp = LaunchPlan.get_or_create(
    name="train_model_lp",
    workflow=train_model_wf,
    trigger=OnArtifact(
        trigger_on=processed_data,
        inputs={"learning_rate": 0.01, "epochs": 15},
    ),
)
