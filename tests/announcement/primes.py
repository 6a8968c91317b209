"""The announcement's find_next_prime: a meta-workflow that calls itself."""

from typing import Annotated

from heirloom import Artifact, LaunchPlan, OnArtifact, task, workflow

largest_baillie_wagstaff = Artifact(name="largest_baillie_wagstaff")


def is_prime(number: int) -> bool:
    """Whether nothing but 1 and itself divides it."""
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))


@task
def next_prime(n: int | None) -> Annotated[int, largest_baillie_wagstaff]:
    """The smallest prime beyond `n`; without `n`, 2."""
    candidate = 2 if n is None else n + 1
    while not is_prime(candidate):
        candidate += 1
    return largest_baillie_wagstaff.create_from(candidate)


@workflow
def find_next_prime(n: int | None = None) -> None:
    """Emit the prime after `n`."""
    next_prime(n=n)


plan = LaunchPlan.get_or_create(
    name="self_trigger",
    workflow=find_next_prime,
    trigger=OnArtifact(
        trigger_on=largest_baillie_wagstaff,
        inputs={"n": largest_baillie_wagstaff},
        max_depth=20,
    ),
)
