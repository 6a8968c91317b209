"""Workflows whose lists and dicts are of artifacts: each member is a version of the envelope's."""

from __future__ import annotations

from typing import Any

import pytest

import heirloom as hl

TEAM = """
    import pandas as pd

    part = hl.Artifact("part", ["day"])

    @hl.task
    def one(x: int) -> int:
        return x

    @hl.task
    def none() -> int | None:
        return None

    @hl.task
    def frames(n: int) -> list[pd.DataFrame]:
        return [pd.DataFrame({"n": [i]}) for i in range(n)]

    @hl.task
    def total(xs: list[int]) -> int:
        return sum(xs)

    @hl.workflow
    def listed(day: str) -> list[Annotated[int, part(day=hl.Inputs.day)] | None]:
        return [one(x=7), none(), 7]

    @hl.workflow
    def named(day: str) -> dict[str, Annotated[int, part(day=hl.Inputs.day)]]:
        return {"a": one(x=1), "b": one(x=2)}

    @hl.workflow
    def mapped(day: str) -> list[Annotated[int, part(day=hl.Inputs.day)]]:
        return hl.map_task(one)(x=[3, 4])

    @hl.workflow
    def framed(day: str) -> list[Annotated[pd.DataFrame, part(day=hl.Inputs.day)]]:
        return frames(n=2)

    @hl.workflow
    def whole() -> int:
        return total(xs=mapped(day="mon"))
"""


@pytest.fixture
def team(load: Any) -> Any:
    """The declarations."""
    return load(TEAM)


@pytest.mark.parametrize(
    ("flow", "value", "versions"),
    [
        ("listed", [7, None, 7], {"o0[0]": 7, "o0[2]": 7}),
        ("named", {"a": 1, "b": 2}, {"o0[0]": 1, "o0[1]": 2}),
        ("mapped", [3, 4], {"o0[0]": 3, "o0[1]": 4}),
    ],
)
def test_each_member_is_a_version(team: Any, flow: str, value: Any, versions: Any) -> None:
    """Made by the envelope, under its partitions, in their order; equal ones each; `None` none."""
    run = hl.run(getattr(team, flow), day="mon")
    made = {name: bound for name, bound in run.outputs.items() if name != "o0"}
    assert run.outputs["o0"] == value
    assert {name: hl.pull(each) for name, each in made.items()} == versions
    assert {each.execution_id for each in made.values()} == {run.id}
    assert [each.partitions for each in made.values()] == [{"day": "mon"}] * 2
    assert [each.version for each in made.values()] == [1, 2]


def test_payloads_of_members_are_those_that_were_kept(team: Any, record: Any) -> None:
    """No payload is made for a member that the task's list keeps already; its edge is to that."""
    run = hl.run(team.framed, day="mon")
    assert [hl.pull(run.outputs[f"o0[{at}]"]).n.tolist() for at in range(2)] == [[0], [1]]
    view = record.session.catalog.view()
    inner = record.one("frames").outputs["o0"]
    kept = record.session.launching.runner.payloads.members(inner)
    emitted = [view.version("default", "part", number).payload for number in (1, 2)]
    assert [each.digest for each in emitted] == [each.digest for each in kept]
    assert record.item("frames") in record.reads("framed")


def test_who_takes_the_list_reads_the_versions(team: Any, record: Any) -> None:
    """In the workflow around it, as from a task that emits them."""
    assert team.whole() == 7
    versions = {"heirloom://default/part@1", "heirloom://default/part@2"}
    assert set(record.reads("total")) == versions
    assert hl.search().total == 2


def test_an_artifact_in_the_list_and_in_a_call_is_refused(load: Any) -> None:
    """It would be emitted twice."""
    with pytest.raises(hl.errors.DeclarationError, match="'part' is emitted by 'one' and again"):
        load("""
            part = hl.Artifact("part", [])

            @hl.task
            def one(x: int) -> Annotated[int, part]:
                return x

            @hl.workflow
            def twice() -> list[Annotated[int, part]]:
                return [one(x=1)]
        """)


def test_a_member_that_is_none_and_may_not_be(load: Any, record: Any) -> None:
    """The run is not green while a version that it promised is absent."""
    team = load("""
        part = hl.Artifact("part", [])

        @hl.task
        def none() -> Any:
            return None

        @hl.workflow
        def listed() -> list[Annotated[Any, part]]:
            return [none()]
    """)
    with pytest.raises(hl.errors.InputError, match="is None, which is no version of 'part'"):
        team.listed()
    assert record.one("listed").state == "failed"
    assert hl.search().total == 0
