"""Two users of one home, in processes of their own: whose code runs, and who let it.

They are two `HEIRLOOM_USER` of one account, each with an approvals file: a home of their own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

pytestmark = pytest.mark.process

PLAN = """
import os
from typing import Annotated
import heirloom as hl
source, result = hl.Artifact("source"), hl.Artifact("result")

@hl.task
def work(n: int) -> int:
    return n + {step}

@hl.task
def seen(n: int) -> Annotated[int, result]:
    return work(n=n) * 100 + len(os.environ["HEIRLOOM_USER"])

plan = hl.LaunchPlan.get_or_create(
    "plan", seen, trigger=hl.OnArtifact(source, inputs={{"n": source}})
)
"""
ACTIVATE = "plan.activate()\n"


class Team:
    """A shared home, and what its users do there, each in a process."""

    def __init__(self, room: Path) -> None:
        self.room, self.home = room, room / "home"

    def run(self, user: str, *words: str, script: str = "", code: int = 0, **settings: str) -> str:
        """Run the command line, or a script, as `user`; all that was printed."""
        own = self.room / user
        own.mkdir(exist_ok=True)
        who = {"HOME": str(own), "HEIRLOOM_USER": user, "HEIRLOOM_HOME": str(self.home)}
        command = [sys.executable, "-m", "heirloom", *words]
        if script:
            path = own / "plans.py"
            path.write_text(script)
            command = [sys.executable, str(path)]
        env = {**os.environ, **who, **settings}
        ran = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
        assert ran.returncode == code, ran.stderr
        return ran.stdout + ran.stderr

    def publish(self, user: str, n: int) -> None:
        """A new version of what the plan listens to."""
        self.run(
            user, script=f"import heirloom as hl\nhl.publish({n}, 'source', allow_shared=True)"
        )

    def ledger(self, user: str) -> list[str]:
        """Its states as `user` sees them, the newest event first."""
        said = self.run(user, "ledger").splitlines()[1:]
        return [" ".join(line.split()[4:]) for line in said]


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """A home for a group, with ann's plan in it; bob has switched it on."""
    team = Team(tmp_path)
    team.run("ann", "init", "--shared", str(team.home))
    team.run("ann", script=PLAN.format(step=1))
    assert "awaits approval of ann's code" in team.run("bob", "on", "plan")
    return team


def test_an_owners_process_lets_events_go(team: Team) -> None:
    """Bob activates and emits, and runs nothing of ann's; ann's process runs it."""
    team.publish("bob", 1)
    assert team.ledger("bob") == [
        "waiting (approval) v1 by ann is not approved: heirloom approve plan --show to read it, "
        "heirloom approve plan to let it run",
    ]
    assert "waiting" in team.run("bob", "settle")
    assert "succeeded task seen" in " ".join(team.run("ann", "settle").split())
    assert team.ledger("bob") == ["succeeded"]


def test_approving_lets_what_waited_go(team: Team) -> None:
    """After bob has approved, every event that waited is queued and runs in bob's process."""
    team.publish("bob", 1)
    team.publish("bob", 2)
    assert "2 events waited" in team.run("bob", "approve", "plan")
    assert team.ledger("bob") == ["queued nothing runs events now"] * 2
    assert team.run("bob", "settle").count("succeeded") == 2
    assert (team.room / "bob/.heirloom/approvals.txt").stat().st_mode & 0o777 == 0o600
    assert not (team.home / "approvals.txt").exists()


def test_other_code_waits_again(team: Team) -> None:
    """A changed plan is shown as it differs from what was approved, and waits for its own word."""
    assert "return n + 1" in team.run("bob", "approve", "plan", "--show")
    team.run("bob", "approve", "plan")
    team.run("ann", script=PLAN.format(step=2) + ACTIVATE)
    team.publish("bob", 1)
    assert "v2 by ann is not approved" in team.ledger("bob")[0]
    shown = team.run("bob", "approve", "plan", "--show")
    assert "-    return n + 1\n+    return n + 2\n" in shown
    assert "waiting (approval)" in team.ledger("bob")[0]
    assert "v2 approved; 1 event" in team.run("bob", "approve", "plan")


def test_what_is_off_stays_off(team: Team) -> None:
    """To approve a plan switches nothing on: what waits there waits until somebody does."""
    team.publish("bob", 1)
    team.run("ann", "off", "plan")
    team.publish("bob", 2)
    team.run("bob", "approve", "plan")
    assert [state.split()[0] for state in team.ledger("bob")] == ["paused", "waiting"]
    assert "1 queued" in team.run("bob", "on", "plan", "--missed", "each")
    assert [state.split()[0] for state in team.ledger("bob")] == ["queued", "queued"]


def test_a_service_account_in_a_home_of_everybody(team: Team) -> None:
    """``HEIRLOOM_APPROVE=all`` runs ann's code, but not where everybody can write plans."""
    team.publish("bob", 1)
    team.home.chmod(0o2777)
    refused = team.run("robot", "settle", code=2, HEIRLOOM_APPROVE="all")
    assert "HEIRLOOM_APPROVE=all is refused" in refused
    assert len(refused.strip().splitlines()) == 1
    team.home.chmod(0o2770)
    assert "succeeded" in team.run("robot", "settle", HEIRLOOM_APPROVE="all")


@pytest.mark.parametrize("words", [("approve", "plam"), ("approve", "plan", "--version", "7")])
def test_what_is_not_there_is_not_approved(team: Team, words: tuple[str, ...]) -> None:
    """One clear line, and nothing is approved."""
    assert len(team.run("bob", *words, code=2).strip().splitlines()) == 1
    assert not (team.room / "bob/.heirloom/approvals.txt").exists()


def test_a_triggered_body_approves_nothing(team: Team) -> None:
    """What a person approved cannot approve more from inside."""
    body = """
        import heirloom as hl
        go = hl.Artifact("go")

        @hl.task
        def sly(n: int) -> str:
            return hl.plan("plan").approve().note

        plan = hl.LaunchPlan.get_or_create(
            "sly", sly, trigger=hl.OnArtifact(go, inputs={"n": go}), auto_activate=True
        )
        hl.publish(1, "go")
    """
    team.run("bob", script=dedent(body))
    assert "A person approves plan" in team.run("bob", "settle", code=1)
    assert "not approved" in team.run("bob", "plans")
