"""What names a version stands for its payload, wherever an input is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import DeclarationError, InputError

TEAM = """
parts = hl.Artifact("parts", ["k"])
asked = {what}

@hl.task
def show(n: {hint}) -> Any:
    return n

@hl.workflow
def by_default(n: {hint} = asked) -> Any:
    return show(n=n)

@hl.workflow
def by_plan(n: {hint}) -> Any:
    return show(n=n)

@hl.workflow
def in_the_body() -> Any:
    return show(n=asked)
"""
_WAYS: dict[str, Callable[[Any], Any]] = {
    "a default": lambda team: hl.run(team.by_default),
    "given": lambda team: hl.run(team.by_plan, n=team.asked),
    "in a body": lambda team: hl.run(team.in_the_body),
    "a plan's default": lambda team: hl.run(
        hl.LaunchPlan.get_or_create("p", team.by_plan, default_inputs={"n": team.asked})
    ),
    "a plan's own": lambda team: hl.run(
        hl.LaunchPlan.get_or_create("p", team.by_plan, fixed_inputs={"n": team.asked})
    ),
    "a trigger's": lambda team: _triggered(team),
}


def _triggered(team: Any) -> Any:
    trigger = hl.OnArtifact(hl.Artifact("go"), {"n": team.asked})
    hl.LaunchPlan.get_or_create("p", team.by_plan, trigger=trigger).activate()
    hl.publish(0, "go")
    (done,) = hl.settle().done
    return hl.execution(done.id)


@pytest.fixture
def parts() -> None:
    """Two versions."""
    hl.publish(1, "parts[k=a]")
    hl.publish(2, "parts[k=b]")


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize(
    "what",
    [
        'hl.get("parts@1")',
        'hl.ref("parts@1")',
        '"heirloom://default/parts@1"',
        'parts.query(k="a")',
        'hl.Artifact("parts", version=1)',
        'hl.Artifact("parts", partitions={"k": "a"})',
    ],
)
def test_one_version(load: Callable[[str], Any], record: Any, way: str, what: str) -> None:
    """The body is given the value, and the version is an edge."""
    run = _WAYS[way](load(TEAM.format(what=what, hint="int")))
    assert run.outputs == {"o0": 1}
    assert "heirloom://default/parts@1" in record.reads("show")


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize("hint", ["str", "str | None", "str | int"])
def test_a_text_is_itself_where_texts_are_taken(load: Callable[[str], Any], hint: str) -> None:
    """A URI names a version only for what is no text."""
    uri = "heirloom://default/parts@1"
    team = load(TEAM.format(what=repr(uri), hint=hint))
    assert hl.run(team.by_default).outputs == {"o0": uri}
    assert hl.run(team.by_plan, n=uri).outputs == {"o0": uri}


@pytest.mark.usefixtures("parts")
def test_a_list_of_versions_in_a_body(load: Callable[[str], Any], record: Any) -> None:
    """It is the list of their payloads, with an edge to each."""
    what = '[hl.get("parts@1"), hl.get("parts@2")]'
    text = TEAM.format(what=what, hint="list[int]").partition("@hl.workflow")[0]
    team = load(
        text + "\n@hl.workflow\ndef in_the_body() -> list[int]:\n    return show(n=asked)\n"
    )
    assert team.in_the_body() == [1, 2]
    assert len(record.reads("show")) == 2


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize(
    "what", ["[parts.query()]", "[parts]", '(hl.ref("parts"),)', '{"a": parts.query()}']
)
def test_a_query_inside_of_a_value_is_refused(load: Callable[[str], Any], what: str) -> None:
    """Nobody would ask it: the line says what to give instead; nothing is recorded."""
    team = load(f"{TEAM.partition('asked')[0]}\n@hl.task\ndef show(n: Any) -> Any: ...\n")
    with pytest.raises(InputError, match=r"inside of a .*hl\.get.*per\(key\)"):
        team.show(n=eval(what, vars(team)))
    assert [each.kind for each in hl.executions()] == ["publish", "publish"]


@pytest.mark.parametrize("name", ["kk", "n"])
def test_a_query_is_bound_to_another_input(load: Callable[[str], Any], name: str) -> None:
    """Of a workflow's default and of a plan's: any other name is found where it is declared."""
    query = f'hl.Artifact("parts").query(k=hl.Inputs.{name})'
    body = "-> int:\n    return 1\n"
    with pytest.raises(DeclarationError, match=rf"'n' of 'w' is bound to Inputs\.{name}"):
        load(f"@hl.workflow\ndef w(k: str, n: int = {query}) {body}")
    team = load(f"@hl.workflow\ndef w(k: str, n: int) {body}")
    with pytest.raises(DeclarationError, match=r"It can be \['k'\]"):
        hl.LaunchPlan.get_or_create("p", team.w, default_inputs={"n": eval(query, {"hl": hl})})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": None}, "A plan needs a name; got None"),
        ({"workflow": len}, "'p' runs a task, a workflow or a notebook; got <built-in"),
        ({"trigger": hl.Artifact("parts")}, r"trigger= of plan 'p' is an OnArtifact\("),
        ({"default_inputs": ["n"]}, "default_inputs of plan 'p' is a mapping by input"),
        ({"fixed_inputs": 7}, "fixed_inputs of plan 'p' is a mapping by input"),
    ],
)
def test_a_plan_of_what_is_none(load: Callable[[str], Any], given: Any, says: str) -> None:
    """One line, and no plan."""
    team = load("@hl.workflow\ndef w(n: int) -> int:\n    return n\n")
    with pytest.raises(DeclarationError, match=says):
        hl.LaunchPlan.get_or_create(**{"name": "p", "workflow": team.w, **given})
    assert hl.plans() == []


def test_a_triggers_inputs_are_a_mapping() -> None:
    """Found where it is written."""
    wrong: Any = ["n"]
    with pytest.raises(DeclarationError, match="a mapping by input"):
        hl.OnArtifact(hl.Artifact("parts"), wrong)
