"""Three steps and one value with MLflow: runs with a parameter and a JSON artifact, on SQLite."""

from __future__ import annotations

import mlflow
from clock import place, tell


def step(name: str, given: dict[str, int], made: dict[str, int]) -> dict[str, int]:
    """One step as a run: what it was given, what it made."""
    with mlflow.start_run(run_name=name, nested=True):
        mlflow.log_params(given)
        mlflow.log_dict(made, f"{name}.json")
    return made


def three(n: int) -> None:
    """All of them in a row, below one run."""
    with mlflow.start_run(run_name="three"):
        found = step("load", {"n": n}, {"n": n})
        found = step("clean", found, {"n": found["n"] + 1})
        step("total", found, {"n": found["n"] * 2})


def one(n: int) -> None:
    """A value under a run of its own."""
    step("one", {"n": n}, {"n": n})


mlflow.set_tracking_uri(f"sqlite:///{place()}/mlflow.db")
artifacts = (place() / "artifacts").as_uri()
mlflow.set_experiment(experiment_id=mlflow.create_experiment("field", artifact_location=artifacts))
tell({"three": (40, three), "one": (100, one)})
