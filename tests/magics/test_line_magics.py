"""The line magics, each the twin of a function."""

from __future__ import annotations

from typing import Any

import pytest

import heirloom as hl
from heirloom import errors
from heirloom.magics.complete import candidates


@pytest.fixture
def team(notebook: Any) -> Any:
    """A notebook in which ``sales`` has two versions and a plan listens to it."""
    notebook.run("%%artifact sales[region=emea]\npd.DataFrame({'a': [1, 2]})")
    notebook.run("%%artifact forecast --from sales[region=emea] --on\nlen(sales)")
    return notebook


def test_pull_returns_or_binds(team: Any) -> None:
    """``%pull`` gives the value; with ``--as`` it binds it and shows nothing."""
    assert len(team.run("%pull sales")) == 2
    assert team.run("%pull sales[region=emea]@1 --as mine") is None
    assert len(team.names["mine"]) == 2
    assert list(team.run("%pull forecast --frame").iloc[0]) == [2]


def test_looks_return_what_functions_return(team: Any) -> None:
    """``%artifact``, ``%artifacts`` and ``%lineage`` are ``get``, ``search`` and ``lineage``."""
    assert team.run("%artifact sales@1").ref == hl.get("sales@1").ref
    assert team.run("%artifacts name=sales").total == 1
    assert team.run("%lineage forecast --up all").centre == hl.get("forecast").ref


def test_trigger_lists_and_switches(team: Any) -> None:
    """``%trigger`` shows every plan with its last event, and throws switches."""
    assert "forecast" in repr(team.run("%trigger"))
    team.run("%trigger forecast off")
    assert not hl.plan("forecast").is_active
    team.run("%trigger forecast on")
    assert hl.plan("forecast").is_active


def test_heirloom_says_where_it_records(team: Any) -> None:
    """``%heirloom`` names the home and counts what is there."""
    shown = repr(team.run("%heirloom"))
    assert str(hl.current().home) in shown
    assert "reactors" in shown


@pytest.mark.parametrize(
    ("line", "error", "says"),
    [
        ("%pull sale", errors.ArtifactNotFound, "Did you mean 'sales'"),
        ("%pull sales[region=apac]", errors.Unmet, "No version meets"),
        ("%artifact sales@9", errors.VersionNotFound, "sales@9"),
        ("%artifacts region=", errors.RefError, "▸"),
        ("%trigger forecas off", errors.PlanNotFound, "Did you mean 'forecast'"),
        ("%lineage forecast --up some", errors.DeclarationError, "number of hops"),
    ],
)
def test_bad_lines_are_one_line(team: Any, line: str, error: type[Exception], says: str) -> None:
    """Each error says what, and what is nearest."""
    with pytest.raises(error, match=says) as raised:
        team.run(line)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%pull sa", ["sales"]),
        ("%%artifact x --from sa", ["sales"]),
        ("%%artifact x --fr", ["--from"]),
        ("%pull sales[re", ["sales[region="]),
        ("%pull sales[region=e", ["sales[region=emea"]),
        ("%trigger f", ["forecast"]),
        ("x = sa", None),
    ],
)
def test_completion(team: Any, text: str, expected: list[str] | None) -> None:
    """Options, names, keys, values and plans are completed on our lines, and only there."""
    found = candidates(text, hl.current())
    assert (None if found is None else found[1]) == expected


def test_loading_twice_is_loading_once(notebook: Any) -> None:
    """``%load_ext`` and ``%reload_ext`` leave one set of hooks."""
    notebook.run("%reload_ext heirloom")
    notebook.run("%%artifact total\n42")

    assert hl.search("").total == 1
    assert len(hl.executions()) == 1


def test_loading_opens_no_session() -> None:
    """The extension alone makes no home."""
    from heirloom.declare.port import open_port

    assert open_port() is None
