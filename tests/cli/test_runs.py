"""Running through the command line: run, plans and their switches, ledger, settle, reactor."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom import opening
from heirloom.declare.interface import Interface
from heirloom.engine.written import inputs_of

Call = Callable[..., Any]


def test_run_a_plan(heirloom: Call, team: Any) -> None:
    """A plan runs with its parameters; what it emitted is told."""
    said = heirloom("run", "begin", "-p", "n=4", "-p", "region=apac")
    assert said.code == 0
    assert said.lines[0].startswith("succeeded workflow begin ")
    assert said.lines[1:] == ["emitted raw[region=apac]@1"]
    assert hl.pull("raw") == 8


def test_parameters_are_read_by_the_inputs_type(heirloom: Call, team: Any) -> None:
    """JSON where it parses, but what is to be a string stays one, with or without quotes."""
    for word in ("true", '"true"', "7", "[1]"):
        assert heirloom("run", "begin", "-p", "n=1", "-p", f"region={word}").code == 0
    found = [v.partitions["region"] for v in hl.search("name=raw")]
    assert found == ["[1]", "7", "true", "true"]


@pytest.mark.parametrize(
    ("text", "hint", "value"),
    [
        ("a.csv", hl.File["csv"], hl.File("a.csv")),  # type: ignore[misc]  # a type of ours
        ("a.csv", hl.File | None, hl.File("a.csv")),
        ("7", str | None, "7"),
        ("7", int | None, 7),
        ("null", int | None, None),
        ("2026-01-31", date | None, date(2026, 1, 31)),
        ("later", date | None, "later"),
        ('{"n": 1}', Any, {"n": 1}),
    ],
)
def test_a_parameter_that_may_be_none(text: str, hint: Any, value: Any) -> None:
    """Is read as what it is otherwise; a file of a format, as a file."""

    def work(x: Any) -> None: ...

    interface = Interface.of(work, "work")
    spec = replace(interface.inputs["x"], type=hint)
    found = inputs_of(hl.current().get, replace(interface, inputs={"x": spec}), [f"x={text}"], [])
    assert found == {"x": value}


def test_files_as_parameters(heirloom: Call, team: Any, sales: Any, tmp_path: Path) -> None:
    """An input that is a file takes a path, or a version with ``--from``."""
    assert heirloom("run", "tell", "-p", f"data={tmp_path / 'sales.csv'}").code == 0
    assert heirloom("run", "tell", "--from", "data=sales?region=emea").code == 0
    assert [hl.pull("told@1"), hl.pull("told@2")] == [8, 8]
    model: Any = hl.executions(name="tell")[0].inputs["data"]
    assert model.ref == sales.ref


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("-p", "n"), "name=value; got 'n'"),
        (("-p", "n=1", "-p", "n=2"), "'n' is given twice"),
        (("-p", "n=1", "--from", "n=sales"), "'n' is given twice"),
        (("-p", "n=many"), "takes int; got str 'many'"),
        (("-p", "regoin=1"), "no input 'regoin'. Did you mean 'region'"),
        ((), "needs input 'n'"),
        (("--from", "n=nothing"), "No artifact named 'nothing'"),
    ],
)
def test_inputs_that_do_not_fit(
    heirloom: Call, team: Any, words: tuple[str, ...], says: str
) -> None:
    """What is wrong with an input is said before anything runs."""
    said = heirloom("run", "begin", *words)
    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert hl.executions() == []


def test_what_a_plan_takes(heirloom: Call, team: Any) -> None:
    """Its inputs with their types, what each is where nothing is given; nothing runs."""
    said = heirloom("run", "begin", "--form")
    assert said.code == 0
    assert "n int must be given 0" in said.lines
    assert "region str 'emea' 0" in said.lines
    assert "No artifact" in heirloom("run", "follow", "--form").out
    assert heirloom("run", "begin", "--form", "--json").document["plan"] == "begin"
    assert hl.executions() == []


def test_a_run_that_fails(heirloom: Call, team: Any) -> None:
    """A body that raises is one line with its error, and the failed run is recorded."""
    said = heirloom("run", "follow", "-p", "n=101")
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert r"ValueError: too\nlarge" in said.err
    assert hl.executions(name="follow")[0].state == "failed"


def test_run_again(heirloom: Call, team: Any) -> None:
    """The recorded inputs, what is newest, or what the line gives; each says what it came of."""
    heirloom("run", "begin", "-p", "n=2")
    (done,) = hl.executions(name="begin")
    again = heirloom("rerun", done.id[:12], "--json").document
    assert (again["state"], again["rerun_of"]) == ("succeeded", done.id)
    assert [hl.pull(each) for each in hl.search("name=raw")] == [4, 4]
    assert again["differs"] == []
    said = heirloom("rerun", done.id, "-p", "n=5").lines
    assert said[0].startswith("succeeded workflow begin ")
    assert said[1:] == [f"again {done.id}"]
    assert hl.pull("raw") == 10
    refused = heirloom("rerun", done.id, "-p", "m=5")
    assert (refused.code, refused.out) == (2, "")
    assert "'begin' has no input 'm'" in refused.err

    follow = hl.run(team.follow, check=False)
    hl.publish(50, "raw[region=emea]")
    assert heirloom("rerun", follow.id, "--latest").code == 0
    assert hl.pull("doubled") == 100
    heirloom("rerun", follow.id, "--from", "n=raw@1")
    assert hl.pull("doubled") == 8


def test_what_failed_goes_on(heirloom: Call, team: Any) -> None:
    """A resumed run is the same run; what did not fail is not resumed."""
    hl.publish(101, "raw[region=emea]")
    failed = hl.run(team.follow, check=False)
    resumed = heirloom("resume", failed.id, "--json")
    assert (resumed.code, resumed.document["id"], resumed.document["attempt"]) == (1, failed.id, 2)
    told = heirloom("resume", failed.id)
    assert (told.code, told.lines[1]) == (1, "reason large")
    rerun = heirloom("rerun", failed.id, "-p", "n=1")
    assert (rerun.code, hl.pull("doubled")) == (0, 2)
    refused = heirloom("resume", hl.executions(name="follow")[0].id)
    assert refused.code == 2
    assert "is succeeded: only what failed" in refused.err


@pytest.mark.kernel
def test_run_a_notebook(heirloom: Call, sales: Any, tmp_path: Path) -> None:
    """A notebook runs with parameters and versions; its log says where the executed copy is."""
    cells = [
        ("n = 1\ndata = None", ["parameters"]),
        ("import heirloom as hl\nhl.publish(n * len(open(data).read()), 'length')", []),
    ]
    path = tmp_path / "measure.ipynb"
    path.write_text(json.dumps(_notebook(cells)))
    said = heirloom("run", str(path), "-p", "n=2", "--from", "data=sales")
    assert said.code == 0
    assert said.lines[0].startswith("succeeded notebook measure ")
    assert said.lines[1:] == ["emitted length@1"]
    assert hl.pull("length") == 16
    log = heirloom("log", said.lines[0].split()[3])
    assert "in data sales[region=emea]@1" in log.lines
    (kept,) = (line.split()[1] for line in log.lines if line.startswith("kept "))
    assert '"injected-parameters"' in Path(kept.removeprefix("file://")).read_text()


def _notebook(cells: list[tuple[str, list[str]]]) -> dict[str, Any]:
    made: list[dict[str, Any]] = [
        {
            "id": f"c{at}",
            "cell_type": "code",
            "source": source,
            "metadata": {"tags": tags},
            "outputs": [],
            "execution_count": None,
        }
        for at, (source, tags) in enumerate(cells)
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}


def test_preview(heirloom: Call, team: Any) -> None:
    """By a ref at every plan or at one, by a plan alone, and by what the past would have made."""
    heirloom("run", "begin", "-p", "n=4", "-p", "region=apac")
    heirloom("on", "follow")
    first = heirloom("preview", "raw[region=emea]")
    assert first.lines == [
        "preview of raw[region=emea]@2: 1 queued",
        "plan event state reason",
        "follow v1 raw[region=emea]@2 queued",
    ]
    assert heirloom("preview", "raw?region=apac", "--plan", "follow").lines[2].split()[3:] == [
        *("filtered", "listens", "to", "raw[region=emea]")
    ]
    assert heirloom("preview", "follow").lines[2:] == first.lines[2:]
    told = heirloom("preview", "follow", "--since", "7d", "--json").document
    assert told["of"] == "1 version since 7d"
    assert [(row["refs"], row["state"], row["then"]) for row in told["rows"]] == [
        (["heirloom://default/raw@1"], "filtered", [])
    ]
    hl.LaunchPlan.get_or_create("follow", team.follow, trigger=hl.OnArtifact(team.raw))
    for words in (("raw?region=apac", "--plan", "follow"), ("follow", "--since", "7d")):
        wider = heirloom("preview", *words, "--version", "2", "--json").document["rows"]
        assert {(row["plan_version"], row["state"]) for row in wider} == {(2, "queued")}
    assert "v2" in heirloom("preview", "follow", "--version", "2").lines[2]
    assert "--version is a plan's" in heirloom("preview", "raw", "--version", "2").err
    assert "Did you mean 'raw'" in heirloom("preview", "row").err
    assert "Did you mean 'follow'" in heirloom("preview", "folow", "--since", "7d").err


def test_backfill(heirloom: Call, team: Any) -> None:
    """What came before the plan listened is queued, once; the answer counts."""
    for region in ("emea", "apac"):
        heirloom("run", "begin", "-p", "n=4", "-p", f"region={region}")
    assert "is off" in heirloom("backfill", "follow").err
    heirloom("on", "follow")
    first = heirloom("backfill", "follow", "--since", "7d", "--where", "region=emea", "--json")
    assert first.document["note"].startswith("1 past version: 1 queued; nothing runs")
    again = heirloom("backfill", "follow", "--json").document["note"]
    assert again.startswith("2 past versions: 1 filtered; 1 had a row already")


def test_what_ran_is_listed(heirloom: Call, team: Any) -> None:
    """Newest first with its plan and id, and the reason of a bad end; filters narrow it."""
    assert heirloom("executions").out == "no executions\n"
    heirloom("on", "follow")
    heirloom("run", "begin", "-p", "n=4")
    heirloom("settle")
    found = heirloom("executions", "--json").document
    assert [each["id"] for each in found] == [each.id for each in hl.executions()]
    run = next(each for each in found if each["plan"] == "follow")
    rows = heirloom("executions", "--plan", "follow").lines
    assert rows[0] == "started state kind name plan id reason"
    assert f"succeeded workflow follow follow {run['id']}" in rows[1]
    inside = heirloom("executions", "--root", run["id"][:12], "--json").document
    assert {each["root_id"] for each in inside} == {run["id"]}
    assert len(inside) > 1
    assert heirloom("executions", "--state", "failed").out == "no executions\n"
    assert len(heirloom("executions", "--limit", "1", "--json").document) == 1
    assert "Did you mean 'failed'" in heirloom("executions", "--state", "faild").err
    unknown = heirloom("executions", "--root", "nothing").err
    assert unknown == heirloom("log", "nothing").err == heirloom("cancel", "nothing").err
    assert "`heirloom executions`" in unknown


def test_plans_and_their_switches(heirloom: Call, team: Any) -> None:
    """Plans are listed with what they listen to, and switched on and off."""
    rows = heirloom("plans").lines
    assert rows[0] == "plan version state runs on by"
    assert rows[1:] == [
        "begin v1 off begin by hand",
        "follow v1 off follow raw[region=emea]",
        "tell v1 off tell by hand",
    ]
    assert "active" in heirloom("on", "follow").out
    (shown,) = (plan for plan in heirloom("plans", "--json").document if plan["name"] == "follow")
    assert shown["is_active"] is True
    assert shown["activated_by"] == "tester"
    assert shown["trigger"]["on"] == ["raw[region=emea]"]
    assert heirloom("off", "follow", "--json").document["is_active"] is False


def test_events_wait_are_settled_and_told(heirloom: Call, team: Any) -> None:
    """An event at an active plan waits until something runs it; the ledger shows what became."""
    heirloom("on", "follow")
    said = heirloom("run", "begin", "-p", "n=4")
    assert said.lines[2:] == [
        "event follow: queued: nothing runs events now",
        "nothing runs events now: heirloom settle, or heirloom reactor",
    ]
    heirloom("run", "begin", "-p", "n=4", "-p", "region=apac")
    assert [row.split()[2:5] for row in heirloom("ledger").lines[1:]] == [
        ["follow", "raw@2", "filtered"],
        ["follow", "raw@1", "queued"],
    ]
    done = heirloom("settle")
    assert done.code == 0
    assert done.lines[1].startswith("succeeded workflow follow ")
    assert hl.pull("doubled") == 16
    told = heirloom("ledger", "follow", "--json").document
    assert [(row["state"], row["became"]) for row in told] == [
        ("filtered", "filtered"),
        ("queued", "succeeded"),
    ]
    (told,) = heirloom("ledger", "--state", "filtered", "--json").document
    assert (told["refs"][0][-1], told["why"]) == ("2", "listens to raw[region=emea]")
    (told,) = heirloom("ledger", "--ref", "raw@1", "--json").document
    assert told["became"] == "succeeded"
    assert "Did you mean 'filtered'" in heirloom("ledger", "--state", "filterd").err
    assert heirloom("settle").out == "nothing was waiting\n"


def test_an_event_that_waits_for_its_partner_is_told(heirloom: Call, team: Any) -> None:
    """What settles nothing says which events wait, and for what."""
    trigger = hl.OnArtifact([team.raw, hl.Artifact("other")], condition="all")
    hl.LaunchPlan.get_or_create(
        "both", team.follow, trigger=trigger, default_inputs={"n": 1}, auto_activate=True
    )
    assert "both v1 active follow raw and other tester" in heirloom("plans").lines
    hl.publish(4, "raw[region=emea]")
    said = heirloom("settle")
    assert said.code == 0
    assert said.lines[1].split()[:4] == ["waiting", "event", "both", "raw@1"]
    assert said.lines[1].endswith("waits (join): for other")
    (still,) = heirloom("settle", "--json").document["still"]
    assert (still["plan"], still["waits"]) == ("both", "join")


def test_what_is_queued_is_held_started_and_cancelled(heirloom: Call, team: Any) -> None:
    """Held, nothing starts it; started, its turn comes; what has ended takes none of these."""
    heirloom("on", "follow")
    assert heirloom("run", "begin", "-p", "n=4").code == 0
    (row,) = heirloom("ledger", "--json").document
    held = heirloom("hold", row["execution_id"], "--json").document
    assert (held["state"], held["held_by"]) == ("queued", "tester")
    assert heirloom("settle").code == 0
    assert "held by tester: heirloom start" in heirloom("ledger").out
    assert heirloom("start", row["execution_id"]).code == 0
    assert heirloom("settle", "--json").document["done"][0]["state"] == "succeeded"
    for verb in ("hold", "start", "cancel"):
        said = heirloom(verb, row["execution_id"])
        assert (said.code, said.err.count("\n")) == (2, 1)
        assert "has ended" in said.err


def test_what_settles_badly(heirloom: Call, team: Any) -> None:
    """When something that was settled failed, the exit code says so; the reason stands there."""
    heirloom("on", "follow")
    heirloom("run", "begin", "-p", "n=100")
    said = heirloom("settle", "--timeout", "60")
    assert said.code == 1
    assert said.lines[1].startswith("failed workflow follow ")
    assert said.err == ""


def test_code_that_this_user_has_not_approved(heirloom: Call, team: Any, home: Path) -> None:
    """A plan whose code the user never approved waits, says so, and runs once it is approved."""
    heirloom("on", "follow")
    heirloom("run", "begin", "-p", "n=4")
    (home / "approvals.txt").unlink()
    assert (
        "follow v1 active, not approved follow raw[region=emea] tester" in heirloom("plans").lines
    )
    said = heirloom("settle")
    assert said.code == 0
    assert "heirloom approve follow" in said.lines[1]
    assert "approved" in heirloom("approve", "follow").out
    assert heirloom("settle").lines[1].startswith("succeeded workflow follow ")


def test_missed_events(heirloom: Call, team: Any) -> None:
    """What came while a plan was off is run when it is asked for."""
    heirloom("on", "follow")
    heirloom("off", "follow")
    heirloom("run", "begin", "-p", "n=1")
    heirloom("run", "begin", "-p", "n=2")
    assert "1 queued, 1 skipped" in heirloom("on", "follow", "--missed", "newest").out
    heirloom("settle")
    assert [v.version for v in hl.search("name=doubled")] == [1]
    assert hl.pull("doubled") == 8


@pytest.mark.process
def test_a_reactor_in_the_foreground(heirloom: Call, team: Any, home: Path) -> None:
    """``heirloom reactor`` runs events in workers of its own until it is told to stop."""
    heirloom("on", "follow")
    with subprocess.Popen(
        [sys.executable, "-m", "heirloom", "reactor", "--json", "--log"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as reactor:
        assert reactor.stdout is not None
        assert str(home) in reactor.stdout.readline()
        try:
            assert heirloom("doctor", "--json").document["reactors"] == 1
            said = heirloom("run", "begin", "-p", "n=4")
            assert "nothing runs events" not in said.out
            _wait_for("doubled", 1)
            assert heirloom("reactor", "--status").lines[0].startswith("1 reactor: ")
            first, *workers = heirloom("reactor", "--status", "--json").document["processes"]
            assert (first["kind"], first["pid"]) == ("reactor", reactor.pid)
            assert {(each["kind"], each["reactor"]) for each in workers} == {
                ("worker", reactor.pid)
            }
        finally:
            reactor.send_signal(signal.SIGTERM)
        out, err = reactor.communicate(timeout=60)
    assert (reactor.returncode, err) == (0, "")
    assert json.loads(out) == {"home": str(home)}
    told = (home / "logs" / "events.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["state"] for line in told] == ["started", "succeeded"]
    assert hl.pull("doubled") == 16
    opening.reset()
    assert heirloom("doctor", "--json").document["reactors"] == 0
    assert heirloom("reactor", "--status").lines == [
        "no reactor: events wait; %reactor start, or heirloom reactor"
    ]


def _wait_for(name: str, total: int) -> None:
    until = time.monotonic() + 60
    while hl.search(f"name={name}").total < total:
        assert time.monotonic() < until
        time.sleep(0.02)
