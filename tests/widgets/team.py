# mypy: ignore-errors
# ruff: noqa: B008, D103
# Both because it is written as people write in notebooks.
"""Three small teams in one script: measurements, a model with a card, predictions by trigger.

Fills the catalog at ``$HEIRLOOM_HOME`` for the tests of the panels. ``prediction@2`` has the
whole story behind it; ``hostile@1`` carries markup wherever a person can write.
"""

from typing import Annotated

import pandas as pd

import heirloom as hl
from heirloom import Artifact, LaunchPlan, ModelCard, OnArtifact, task, workflow

EVIL = '<img src=x onerror="window.PWN=1"><script>window.PWN=1</script>'

measurements = Artifact("measurements", ["batch"])
blessed_model = Artifact("blessed_model", ["blessed"])
prediction = Artifact("prediction")


@task
def measure(batch: str, rows: int) -> Annotated[pd.DataFrame, measurements]:
    frame = pd.DataFrame({"radius": range(rows), "texture": [0.5] * rows})
    return measurements.create_from(frame, batch=batch)


@task
def clean(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.dropna()


@task
def train(frame: pd.DataFrame) -> Annotated[dict, blessed_model]:
    accuracy = 0.95 if len(frame) > 3 else 0.5
    card = f"# Model card\n\n| metric | value |\n|---|---|\n| accuracy | {accuracy} |\n"
    model = {"mean": float(frame["radius"].mean())}
    return blessed_model.create_from(model, ModelCard(card), blessed=accuracy > 0.9)


@workflow
def research(frame: pd.DataFrame = measurements.query()):
    train(frame=clean(frame=frame))


@task
def predict(model: dict) -> Annotated[pd.DataFrame, prediction]:
    frame = hl.pull("measurements")
    return frame.assign(says=frame["radius"] > model["mean"])


@workflow
def ops_wf(model: dict = blessed_model.query(blessed="true")):
    predict(model=model)


@task
def broken() -> int:
    raise ValueError(EVIL)


def main() -> None:
    """Declare, arm, emit, and run what that starts."""
    on_model = OnArtifact(trigger_on=blessed_model.query(blessed="true"))
    LaunchPlan.get_or_create(
        name="retrain", workflow=research, trigger=OnArtifact(trigger_on=measurements)
    ).activate()
    LaunchPlan.get_or_create(name="predict_again", workflow=ops_wf, trigger=on_model).activate()
    Artifact("hostile", ["note"])
    hl.publish(EVIL, f'hostile[note="{EVIL.replace(chr(34), chr(39))}"]', EVIL)
    hl.run(broken, check=False)
    for batch, rows in (("a", 3), ("b", 5), ("c", 8)):
        measure(batch=batch, rows=rows)
        hl.settle(timeout=60)
    hl.alias("blessed_model@3", "champion")


if __name__ == "__main__":
    main()
