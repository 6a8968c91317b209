"""A workflow that starts itself, by a query of the artifact that it emits."""
# As the documentation of Union has it; only the import lines are others.
# ruff: noqa: D103
# mypy: ignore-errors

from typing import Annotated

from heirloom.flyte import Artifact, LaunchPlan, OnArtifact, task, workflow

largest_baillie_wagstaff = Artifact(name="largest_baillie_wagstaff")


def is_prime(n: int) -> bool:
    return n > 1 and all(n % divisor for divisor in range(2, int(n**0.5) + 1))


@task
def next_prime(n: int | None) -> Annotated[int, largest_baillie_wagstaff]:
    candidate = 2 if n is None else n + 1
    while not is_prime(candidate):
        candidate += 1
    return largest_baillie_wagstaff.create_from(candidate)


@workflow
def find_next_prime(n: int | None = None):
    next_prime(n=n)


self_trigger = LaunchPlan.get_or_create(
    name="self_trigger",
    workflow=find_next_prime,
    trigger=OnArtifact(
        trigger_on=largest_baillie_wagstaff,
        inputs={"n": largest_baillie_wagstaff.query()},
    ),
)
