"""Completion on the lines of our magics, through IPython's own completer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter

import heirloom as hl
from heirloom.magics import offers
from heirloom.magics.complete import candidates


@pytest.fixture
def team(notebook: Any) -> Any:
    """A notebook with a few artifacts, a plan, a workflow, and names of its own."""
    for region in ("emea", "apac", '"south america"', "emea"):
        hl.publish(region, f"team/sales[region={region},tier=1]")
    hl.publish(1, "team/costs")
    hl.publish(1, "daily[region=emea]", time_partition=datetime(2026, 1, 31, tzinfo=UTC))
    hl.alias("team/sales@1", "champion")
    notebook.run("%%artifact forecast --from team/costs --on\n1")
    notebook.run("%%workflow report(times: int = 3, frame: object = daily.query())\ntimes")
    notebook.run("said = 'text'\ncard = hl.Card('# Card')")
    return notebook


SALES = "team/sales"
CASES: list[tuple[str, list[str]]] = [
    # names
    ("%pull te", ["team/costs", SALES]),
    ("%pull TEAM/s", [SALES]),
    ("%%artifact te", ["team/costs", SALES]),
    ("%%artifact x --from te", ["team/costs", SALES]),
    ("%%artifact x --from y=team/c", ["y=team/costs"]),
    ("%%artifact x --on team/c", ["team/costs"]),
    ("%why team/costs team/s", [SALES]),
    ("%lineage team/c", ["team/costs"]),
    ("%%card team/c", ["team/costs"]),
    ("%artifact team/c", ["team/costs"]),
    # keys and values inside of brackets
    (f"%pull {SALES}[", [f"{SALES}[region=", f"{SALES}[tier="]),
    (f"%pull {SALES}[re", [f"{SALES}[region="]),
    (f"%pull {SALES}[region=emea, ti", [f"{SALES}[region=emea,tier="]),
    (f"%pull {SALES}[region=e", [f"{SALES}[region=emea"]),
    (f"%pull {SALES}[region=s", [f'{SALES}[region="south america"']),
    (f'%pull {SALES}[region="south', [f'{SALES}[region="south america"']),
    (f"%%artifact {SALES}[tier=", [f"{SALES}[tier=1"]),
    (f"%%artifact x --from y={SALES}[tier=", [f"y={SALES}[tier=1"]),
    ("%pull daily[ti", ["daily[time="]),
    ("%pull daily[time=", ["daily[time=2026-01-31"]),
    ("%pull nothing[re", []),
    # versions and aliases
    (f"%pull {SALES}@", [f"{SALES}@{at}" for at in ("champion", "latest", 4, 3, 2, 1)]),
    (f"%pull {SALES}@c", [f"{SALES}@champion"]),
    (f"%pull {SALES}@4", [f"{SALES}@4"]),
    (f"%pull {SALES}@5", []),
    (
        f"%pull {SALES}[region=emea]@",
        [f"{SALES}[region=emea]@{at}" for at in ("champion", "latest", 4, 1)],
    ),
    # options, and what they take
    ("%%artifact x --fr", ["--from"]),
    ("%%artifact x --kind ", ["data", "model", "file", "value"]),
    ("%%artifact x --when c", ["change"]),
    ("%%artifact x --format ar", ["arrow"]),
    ("%%artifact x --card sa", ["said"]),
    ("%%artifact x --card ca", ["card"]),
    ("%%artifact x --draft --from team/c", ["team/costs"]),
    ("%lineage x --up ", ["all"]),
    ("%pull x --as ", []),
    ("%pull x y", []),
    # plans, workflows and their inputs
    ("%trigger f", ["forecast"]),
    ("%trigger forecast o", ["on", "off"]),
    ("%trigger forecast on --version ", ["1"]),
    ("%trigger forecast on --version 2", []),
    ("%trigger forecast on --", ["--help", "--missed", "--version"]),
    ("%trigger forecast backfill --", ["--help", "--since", "--where"]),
    ("%trigger forecast --m", ["--missed"]),
    ("%trigger nothing on --version ", []),
    # in a block, and where a name is given what comes
    ("if True:\n    %pull team/c", ["team/costs"]),
    ("x = %pull team/c", ["team/costs"]),
    ("\tx = %why team/costs team/c", ["team/costs"]),
    ("%reactor st", ["start", "stop", "status"]),
    ("%run_workflow fo", ["forecast"]),
    ("%run_workflow re", ["report"]),
    ("%run_workflow report -p t", ["times="]),
    ("%run_workflow report -p times=", []),
    ("%run_workflow report -p times=2 --from fr", ["frame="]),
    ("%run_workflow report --from frame=team/c", ["frame=team/costs"]),
    (f"%run_workflow report --from frame={SALES}[ti", [f"frame={SALES}[tier="]),
    ("%run_workflow nothing -p t", []),
    # searches
    ("%artifacts re", ["region="]),
    ("%artifacts region=emea ki", ["kind="]),
    ("%artifacts kind=mo", ["kind=model"]),
    ("%artifacts region=so", ['region="south america"']),
    ("%artifacts name=team/c", ["name=team/costs"]),
    ("%artifacts up=team/c", ["up=team/costs"]),
    ("%artifacts since=", [f"since={age}" for age in ("1h", "24h", "7d", "30d", "365d")]),
    ("%artifacts region in (e", ["(emea"]),
    ('%artifacts region="south am', ['region="south america"']),
    ("%artifacts (kind=value or no", ["not"]),
    # what is begun and is no ref
    ("%pull 7[", []),
    ("%pull team/sales[=", []),
    ("%pull {x} te", []),
]


def completed(notebook: Any, text: str) -> list[str]:
    """What IPython offers at the end of a cell's text."""
    with provisionalcompleter():
        return [each.text for each in notebook.shell.Completer.completions(text, len(text))]


def test_what_is_offered(team: Any) -> None:
    """Each argument is completed by what it takes, in the place of the word that is begun."""
    found = {text: candidates(text, hl.current, team.names) for text, _ in CASES}
    assert {text: offer and offer[1] for text, offer in found.items()} == dict(CASES)
    assert all(offer is not None and text.endswith(offer[0]) for text, offer in found.items())


def test_a_completer_of_ipython_gives_ours_alone(team: Any) -> None:
    """On our lines nothing else is mixed in; elsewhere we add nothing."""
    assert completed(team, "%pull team/c") == ["team/costs"]
    assert completed(team, "%%artifact x --fo") == ["--format"]
    assert "team/costs" not in completed(team, "x = te")
    assert "said" in completed(team, "sai")


@pytest.mark.parametrize("text", ["x = te", "%time te", "%%artifactx te", "%pull", "pull te"])
def test_other_lines_are_left_alone(text: str) -> None:
    """They are not ours, and no session is asked for."""
    assert candidates(text, lambda: pytest.fail("a session was opened"), {}) is None


def test_options_need_no_session() -> None:
    """Where nothing was opened, and no home is there, what is known without is offered."""
    assert candidates("%%artifact x --pre", lambda: None, {}) == ("--pre", ["--preview"])
    assert candidates("%pull te", lambda: None, {}) == ("te", [])


def test_a_home_that_is_there_is_opened(notebook: Any) -> None:
    """The first completion of a fresh kernel knows the catalog."""
    home = hl.current().home
    hl.publish(1, "sales")
    from heirloom.opening import reset

    reset()
    assert completed(notebook, "%pull sa") == ["sales"]
    assert hl.current().home == home


def test_answers_are_cut(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many names, values and versions the first, or the newest, are offered."""
    monkeypatch.setattr(offers, "MOST", 3)
    for number in range(1, 13):
        hl.publish(number, f"sales[n={number}]")
        hl.publish(number, f"name{number:02}")

    def offered(text: str) -> list[str]:
        return (candidates(text, hl.current, {}) or ("", []))[1]

    assert offered("%pull name") == ["name01", "name02", "name03"]
    assert offered("%pull sales[n=") == ["sales[n=1", "sales[n=10", "sales[n=11"]
    assert offered("%pull sales@") == ["sales@latest", "sales@12", "sales@11", "sales@10"]
    assert offered("%pull sales@1") == ["sales@12", "sales@11", "sales@10"]
    assert offered("%pull sales@2") == ["sales@2"]
