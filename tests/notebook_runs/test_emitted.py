"""What a notebook emits, told from the text of its cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import heirloom as hl

IMPORTS = (
    "import heirloom as hl\n"
    "from typing import Annotated\n"
    "from heirloom.flyte import Artifact, LaunchPlan, OnArtifact, task, workflow\n"
    "made = hl.Artifact('made', ['region'])"
)
TASK = "@hl.task\ndef make(n: int) -> Annotated[int, made(region='emea')]:\n    return n"


def emits(write: Callable[..., Path], *cells: str | tuple[str, str]) -> list[str]:
    """The refs of what a notebook of these cells is known to emit."""
    return [str(ref) for ref in hl.notebook_workflow(write("book", IMPORTS, *cells)).emits]


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["%%artifact sales[region={r}] --card 'Daily'\n7"], ["sales"]),
        (["%%time\n%%artifact heirloom://other/sales\n7"], ["heirloom://other/sales"]),
        (["%%artifact {name}\n7"], []),
        (["%%artifact a\nhl.publish(1, 'b[k=v]')"], ["a", "b"]),
        (["%%artifact a\nx = (\n", "hl.publish(1, 'b')"], ["a", "b"]),
        (["%matplotlib inline\nhl.publish(1, ref=f'b[k={v}]')"], ["b"]),
        (["if True:\n    %pull a\n    hl.publish(1, 'b')"], ["b"]),
        (["name = 'b'\nhl.publish(1, name)\nhl.publish(1, f'{name}[k=1]')"], []),
        (["with open('x'):\n    [hl.publish(n, 'b') for n in range(2)]"], ["b"]),
        (["def go():\n    hl.publish(1, 'b')"], []),
        (["def go():\n    hl.publish(1, 'b')\ndef all():\n    go()", "all()"], ["b"]),
        ([TASK], []),
        ([TASK, "make(n=1)"], ["made"]),
        ([TASK, "hl.map_task(make)(n=[1, 2])"], ["made"]),
        ([TASK, "@workflow\ndef both(n: int):\n    make(n=n)", "hl.run(both, n=1)"], ["made"]),
        ([TASK, "LaunchPlan.get_or_create('p', workflow=make, trigger=OnArtifact(made))"], []),
        (["@task\ndef f() -> int:\n    return made.create_from(1, region='x')\nf()"], ["made"]),
        (["@task\ndef f() -> Annotated[int, Artifact('new')]:\n    return 1\nf()"], ["new"]),
        (["def f() -> Annotated[int, made]:\n    return 1\nf()"], []),
        (["%%task clean(n: int) -> cleaned\nn", "clean(n=1)"], ["cleaned"]),
        (["%%task clean(n: int) -> cleaned(batch=Inputs.n)\nn", "clean(n=1)"], ["cleaned"]),
        (["%%task clean(n: int) -> tuple[low, made, int]\nn", "clean(n=1)"], ["low", "made"]),
        (["%%task clean(n: int) -> int\nn", "clean(n=1)"], []),
        ([TASK, "%%workflow flow(n: int)\nmake(n=n)", "%run_workflow flow -p n=1"], ["made"]),
        ([("hl.publish(1, 'b')", "skip-execution")], []),
        (["%%bash\nhl.publish(1, 'b')", "this is no Python", "!ls"], []),
    ],
)
def test_emits(
    write: Callable[..., Path], cells: list[str | tuple[str, str]], found: list[str]
) -> None:
    """Each artifact that a cell emits, itself or by the functions that some cell uses."""
    assert emits(write, *cells) == found


def test_a_plan_records_it(write: Callable[..., Path]) -> None:
    """What the cells emit stands in the plan's record, so that circles are found before a run."""
    path = write("team", IMPORTS, "%%artifact made[region=emea]\n7")
    target = hl.notebook_workflow(path)
    assert repr(target) == "<notebook team() -> made>"
    hl.LaunchPlan.get_or_create("nightly", target)
    record = hl.current().catalog.view().plan("default", "nightly")
    assert record is not None
    assert record.emits == ("heirloom://default/made",)


def test_a_circle_is_named(write: Callable[..., Path]) -> None:
    """A notebook that listens to what it emits, for ever, is warned of when it is activated."""
    path = write("loop", "%%artifact step\n7")
    trigger = hl.OnArtifact(hl.Artifact("step"), max_depth=None)
    plan = hl.LaunchPlan.get_or_create("loop", hl.notebook_workflow(path), trigger=trigger)
    with pytest.warns(hl.errors.LoopWarning, match="loop"):
        plan.activate()
