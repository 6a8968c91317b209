"""Three chained tasks with flytekit, run locally; nothing is recorded."""

from __future__ import annotations

from clock import tell
from flytekit import task, workflow


@task
def load(n: int) -> dict[str, int]:
    """The first of three."""
    return {"n": n}


@task
def clean(found: dict[str, int]) -> dict[str, int]:
    """The second."""
    return {"n": found["n"] + 1}


@task
def total(found: dict[str, int]) -> dict[str, int]:
    """The third."""
    return {"n": found["n"] * 2}


@workflow
def three(n: int) -> dict[str, int]:
    """All of them in a row."""
    return total(found=clean(found=load(n=n)))


tell({"three": (40, lambda n: three(n=n))})
