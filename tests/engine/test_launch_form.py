"""Launch forms: what a target takes, as data, without a trace in the catalog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import InputError, TargetNotFound

TEAM = """
    import enum
    from typing import Literal
    import pandas as pd

    class Speed(enum.Enum):
        SLOW = "s"
        FAST = "f"

    sales = hl.Artifact("sales", ["region"])

    @hl.task
    def look(x: Any) -> int:
        return 1

    @hl.workflow
    def flow(
        frame: pd.DataFrame = sales.query(region="emea"),
        count: int = 3,
        rate: float | None = None,
        name: str = "a",
        loud: bool = False,
        speed: Speed = Speed.FAST,
        side: Literal["left", "right"] = "left",
        day: date = date(2026, 1, 31),
        at: datetime = datetime(2026, 1, 31, 12),
        file: hl.File["csv"] | None = None,
        anything: list[int] = [1],
        either: int | dict[str, float] = 1,
        neither: int | pd.DataFrame | None = None,
    ):
        look(x=frame)

    @hl.workflow
    def needs(
        frame: pd.DataFrame,
        region: str = "emea",
        bound: pd.DataFrame = sales.query(region=hl.Inputs.region),
        maybe: pd.DataFrame | None = sales.query(region="none"),
        must: int = sales.query(region="none"),
    ):
        look(x=frame)
"""


@pytest.fixture
def team(load: Any) -> Any:
    """The declarations."""
    return load(TEAM)


def _publish(team: Any, tmp_path: Path) -> None:
    frame = team.pd.DataFrame({"n": [1]})
    hl.publish(frame, "sales[region=emea]")
    hl.publish(frame, "sales[region=apac]")
    hl.publish(7, "number")
    hl.publish("text", "word")
    for form in ("csv", "txt"):
        (tmp_path / f"a.{form}").write_text("a\n")
        hl.publish(hl.File(str(tmp_path / f"a.{form}"), format=form), f"{form}_file")


def test_each_input_says_how_to_ask_for_it(team: Any, tmp_path: Path) -> None:
    """Its type as it is written, the kind of widget, its choices and its default."""
    _publish(team, tmp_path)
    form = hl.launch_form(team.flow)
    assert (form.name, form.kind, form.plan) == ("flow", "workflow", None)
    asked = {field.name: (field.type, field.widget, field.default) for field in form.fields}
    assert asked == {
        "frame": ("pandas.DataFrame", "version", None),
        "count": ("int", "int", 3),
        "rate": ("float | None", "float", None),
        "name": ("str", "str", "a"),
        "loud": ("bool", "bool", False),
        "speed": ("script.Speed", "choice", team.Speed.FAST),
        "side": ("Literal['left', 'right']", "choice", "left"),
        "day": ("datetime.date", "date", team.date(2026, 1, 31)),
        "at": ("datetime.datetime", "datetime", team.datetime(2026, 1, 31, 12)),
        "file": (form["file"].type, "file", None),
        "anything": ("list[int]", "json", [1]),
        "either": ("int | dict[str, float]", "json", 1),
        "neither": ("int | pandas.DataFrame | None", "version", None),
    }
    assert form["speed"].choices == tuple(team.Speed)
    assert form["side"].choices == ("left", "right")
    assert not any(field.required or field.fixed for field in form.fields)


def test_a_value_is_held_against_its_input_before_any_run(team: Any) -> None:
    """In the words in which a run would refuse it."""
    form = hl.launch_form(team.flow)
    form["count"].check(4)
    form["rate"].check(None)
    with pytest.raises(InputError, match="Input 'count' of 'flow' takes int; got str 'abc'"):
        form["count"].check("abc")


def test_what_a_query_gives_now(team: Any, tmp_path: Path) -> None:
    """The version, or why there is none; what is bound to an input uses that input's default."""
    _publish(team, tmp_path)
    emea = hl.get("sales", region="emea")
    field = hl.launch_form(team.flow)["frame"]
    assert (field.query, field.resolved, field.reason) == ("sales[region=emea]", emea, None)
    form = hl.launch_form(team.needs)
    assert form["bound"].resolved == emea
    assert [form[name].required for name in ("frame", "bound", "maybe", "must")] == [
        *(True, False, False, True)
    ]
    assert form["must"].resolved is form["maybe"].resolved is None
    assert "region=none" in str(form["must"].reason)


def test_versions_that_fit(team: Any, tmp_path: Path) -> None:
    """By type, a file also by its format; what the query means first, then the newest."""
    _publish(team, tmp_path)
    form = hl.launch_form(team.flow)
    offered = {
        field.name: [v.ref.partition("default/")[2] for v in field.versions]
        for field in form.fields
    }
    assert offered["frame"] == ["sales@1", "sales@2"]
    assert offered["count"] == ["number@1"]
    assert offered["rate"] == ["number@1"]
    assert offered["name"] == ["word@1"]
    assert offered["file"] == ["csv_file@1"]
    assert offered["loud"] == offered["day"] == offered["anything"] == []


def test_every_version_that_fits_is_reached_and_only_what_is_taken_is_asked_for(
    team: Any, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form asks for no page of versions; the first of them take one, all of them all."""
    for number in range(5):
        hl.publish(number, "number")
    hl.publish("text", "word")
    monkeypatch.setattr("heirloom.engine.form._PAGE", 2)
    pages = []
    search = type(session.catalog).search

    def counted(*args: Any, **options: Any) -> Any:
        pages.append(options["limit"])
        return search(*args, **options)

    monkeypatch.setattr(type(session.catalog), "search", counted)
    field = hl.launch_form(team.flow)["count"]
    assert pages == []
    assert field.versions[0] == hl.get("number@5")
    assert pages == [2]
    assert [v.version for v in field.versions[1:3]] == [4, 3]
    assert [v.version for v in field.versions] == [5, 4, 3, 2, 1]
    assert field.versions
    assert not hl.launch_form(team.flow)["loud"].versions
    with pytest.raises(IndexError, match="Fewer than 6 versions fit"):
        field.versions[5]
    assert repr(field.versions) == "<versions that fit: 5>"


def test_a_form_goes_through_fifty_versions(team: Any) -> None:
    """As text and as JSON it says that there are more, and does not look for how many."""
    for number in range(51):
        hl.publish(number, "number")
    form = hl.launch_form(team.flow)
    assert form.listing.rows[1][-1] == "50+"
    assert len(form.to_dict()["fields"][1]["versions"]) == 50


def test_a_plan_has_its_own_defaults_and_fixes(team: Any, tmp_path: Path) -> None:
    """By the object, by the handle and by the name."""
    _publish(team, tmp_path)
    plan = hl.LaunchPlan.get_or_create(
        name="nightly",
        workflow=team.flow,
        default_inputs={"count": 5},
        fixed_inputs={"name": "fixed", "frame": hl.ref("sales@2")},
    )
    hl.plan("nightly")
    for target in (plan, hl.plan("nightly"), "nightly"):
        form = hl.launch_form(target)
        assert form.plan == "nightly"
        assert (form["count"].default, form["count"].fixed) == (5, False)
        assert (form["name"].default, form["name"].fixed) == ("fixed", True)
        assert form["frame"].fixed
        assert form["frame"].resolved == hl.get("sales@2")
    with pytest.raises(TargetNotFound, match="Did you mean 'nightly'"):
        hl.launch_form("nightlly")


def test_a_form_is_a_look(team: Any, record: Any, session: Any, tmp_path: Path) -> None:
    """Nothing is recorded or stored by it, and it is JSON when asked."""
    _publish(team, tmp_path)
    before = session.catalog.position(), sorted(session.home.joinpath("store").rglob("*"))
    told = hl.launch_form(team.flow).to_dict()
    hl.connect(session.home, read_only=True)
    assert hl.launch_form(team.flow).to_dict() == told
    after = hl.current().catalog.position(), sorted(session.home.joinpath("store").rglob("*"))
    assert before == after
    fields = {field["name"]: field for field in json.loads(json.dumps(told))["fields"]}
    assert fields["speed"]["choices"] == ["SLOW", "FAST"]
    assert fields["day"]["default"] == "2026-01-31"
    assert fields["frame"]["resolved"]["ref"] == "heirloom://default/sales@1"
    assert fields["frame"]["resolved"]["partitions"] == {"region": "emea"}
