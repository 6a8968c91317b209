"""The lock of a notebook: what its smart defaults mean, until somebody moves it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.cli import main
from heirloom.errors import ArtifactNotFound, InputError, NotFound, UserFault

Write = Callable[..., Path]
PARAMETERS = (
    "import heirloom as hl\n"
    "region = 'emea'\n"
    "sales: dict = hl.Artifact('sales').query(region=hl.Inputs.region)\n"
    "each: list = hl.Artifact('sales').query().per('region')\n"
    "other: dict = hl.ref('other')\n"
    "n: int = 1"
)
LOCK = {
    "heirloom": 1,
    "inputs": {
        "each": {
            "asks": "sales per region",
            "versions": ["heirloom://default/sales@2", "heirloom://default/sales@1"],
        },
        "other": {"asks": "other", "versions": ["heirloom://default/other@1"]},
        "sales": {"asks": "sales", "versions": ["heirloom://default/sales@1"]},
    },
}
"""By the first versions, without digests."""


@pytest.fixture
def team(write: Write) -> Path:
    """A notebook that asks for versions in three ways, all of them there."""
    for region in ("emea", "apac"):
        hl.publish({"of": region, "n": 1}, f"sales[region={region}]")
    hl.publish({"n": 1}, "other")
    return write("team", (PARAMETERS, "parameters"), "%%artifact got\n[sales, each, other, n]")


def more() -> None:
    """One more version of everything."""
    for region in ("emea", "apac"):
        hl.publish({"of": region, "n": 2}, f"sales[region={region}]")
    hl.publish({"n": 2}, "other")


def lock_of(path: Path) -> Any:
    """The lock's JSON, without digests and without what queries bind to other inputs."""
    doc = json.loads(path.with_name("team.heirloom.lock").read_text())
    for entry in doc["inputs"].values():
        assert entry.pop("digest").startswith("sha256:")
        entry["asks"] = entry["asks"].partition("[")[0]
    return doc


@pytest.mark.kernel
def test_locked(team: Path) -> None:
    """A locked run is given what the lock has; an update moves it, and tells what changes."""
    told = hl.update_lock(team)
    assert told.changed == ("each", "other", "sales")
    assert lock_of(team) == LOCK
    text = team.with_name("team.heirloom.lock").read_text()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"
    more()
    run = hl.run(team, locked=True, n=7)
    first = {"of": "emea", "n": 1}
    assert hl.pull("got") == [first, [{"of": "apac", "n": 1}, first], {"n": 1}, 7]
    assert run.inputs["sales"] == hl.get("sales@1")
    assert [read.how for read in run.reads] == ["query", "query"]
    noted = hl.executed(run).notebook.metadata.heirloom.lock
    assert noted == json.loads(text)["inputs"]

    before = hl.update_lock(team, dry_run=True)
    assert team.with_name("team.heirloom.lock").read_text() == text
    assert repr(before.listing).splitlines()[-1].split() == [
        *("sales", "sales[region={Inputs.region}]", "sales@1", "sales@3")
    ]
    assert hl.update_lock(team).changed == ("each", "other", "sales")
    assert hl.update_lock(team).changed == ()
    assert hl.update_lock(team, run=run).after == before.before
    assert lock_of(team) == LOCK


def _lock(team: Path) -> Path:
    return team.with_name("team.heirloom.lock")


@pytest.mark.kernel
def test_the_first_run_begins_it(team: Path, capsys: Any) -> None:
    """With what its defaults meant, and the command line says so; no later run moves it."""
    assert main(["run", str(team), "-p", "n=2"]) == 0
    assert f"lock     {_lock(team)}: what its defaults meant" in capsys.readouterr().out
    assert lock_of(team) == LOCK
    text = _lock(team).read_text()
    more()
    run = hl.run(team)
    assert run.inputs["sales"] == hl.get("sales@3")
    assert _lock(team).read_text() == text
    assert main(["run", str(team)]) == 0
    assert "lock  " not in capsys.readouterr().out
    assert hl.update_lock(team, run=run).changed == ("each", "other", "sales")


@pytest.mark.kernel
def test_runs_that_begin_none(team: Path, write: Write) -> None:
    """Given what is asked for, or asked by; by a plan; failed; where nothing can be written."""
    hl.run(team, region="apac")
    hl.run(team, other=hl.get("other"))
    hl.run(hl.LaunchPlan.get_or_create("planned", hl.notebook_workflow(team)))
    hl.run(write("failing", (PARAMETERS, "parameters"), "1 / 0"), check=False)
    hl.run(write("asks_nothing", ("n = 1", "parameters"), "n"))
    _lock(team).with_name(f".team.heirloom.lock.{os.getpid()}").mkdir()  # where it is written
    assert hl.run(team).state == "succeeded"
    assert not list(team.parent.glob("*.lock"))


def test_what_is_given_stands(team: Path) -> None:
    """An input that is given is no matter of the lock: nothing of it is looked at."""
    hl.update_lock(team)
    more()
    session = hl.current()
    target = session.targets.find(team)
    locked = session.launching._locked(target.target)
    given = {"other": hl.get("other@2")}
    wanted = session.runner.resolver.wanted(
        target.target.interface, given, defaults={**target.defaults, **locked}
    )
    refs = {name: slot.bound for name, slot in wanted.slots.items()}
    assert refs["other"].id == "heirloom://default/other@2"  # type: ignore[union-attr]
    assert refs["sales"].id == "heirloom://default/sales@1"  # type: ignore[union-attr]
    assert not wanted.queries


def _edit(path: Path, change: Callable[[Any], Any]) -> None:
    file = path.with_name("team.heirloom.lock")
    doc = json.loads(file.read_text())
    change(doc)
    file.write_text(json.dumps(doc))


@pytest.mark.parametrize(
    ("change", "error", "line"),
    [
        (lambda doc: doc["inputs"].pop("other"), InputError, "asks 'other', and the lock has noth"),
        (lambda doc: doc["inputs"]["other"].update(asks="x"), InputError, "the lock has 'x' for"),
        (
            lambda doc: doc["inputs"]["other"].update(versions=["heirloom://default/other@9"]),
            NotFound,
            "The lock has 'heirloom://default/other@9', which this catalog does not",
        ),
        (
            lambda doc: doc["inputs"]["other"].update(digest="sha256:0"),
            InputError,
            r"other@1 is not in this catalog what the lock has for 'other'",
        ),
        (lambda doc: doc.update(heirloom=9), InputError, "is no lock of this Heirloom"),
        (lambda doc: doc["inputs"].update(other=7), InputError, "is no lock of this Heirloom"),
    ],
)
def test_a_lock_that_does_not_hold(
    team: Path, change: Callable[[Any], Any], error: type[Exception], line: str
) -> None:
    """One line says what is wrong with it, and nothing runs."""
    hl.update_lock(team)
    _edit(team, change)
    before = hl.current().catalog.position()
    with pytest.raises(error, match=line) as caught:
        hl.run(team, locked=True)
    assert "\n" not in str(caught.value)
    assert hl.current().catalog.position() == before


def test_refused(team: Path, write: Write) -> None:
    """No lock, no notebook, nothing to ask for: one line each, and no file is written."""
    with pytest.raises(NotFound, match=r"team\.heirloom\.lock': heirloom update team\.ipynb writ"):
        hl.run(team, locked=True)

    @hl.task
    def one() -> int:
        return 1

    with pytest.raises(InputError, match=r"locked=True runs a notebook .* got a task"):
        hl.run(one, locked=True)
    with pytest.raises(InputError, match="A notebook has a lock; got a task"):
        hl.update_lock(one)
    with pytest.raises(UserFault, match="No notebook"):
        hl.update_lock(team.with_name("tame.ipynb"))
    path = write("unmet", ("import heirloom as hl\nx: dict = hl.ref('nowhere')", "parameters"))
    with pytest.raises(ArtifactNotFound):
        hl.update_lock(path)
    assert not list(team.parent.glob("*.lock"))


def test_by_the_command_line(team: Path, capsys: Any) -> None:
    """It moves the lock and shows each input; again, nothing changes."""
    assert main(["update", str(team)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == str(team.with_name("team.heirloom.lock"))
    assert lines[-2].split() == ["other", "other", "nothing", "other@1"]
    assert main(["update", str(team), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == []
    assert main(["run", str(team), "--locked", "-p", "n=x"]) == 2
    assert "'n' of 'team' takes int" in capsys.readouterr().err
