"""Switches thrown by one process, and what the next event of another finds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

import heirloom as hl
from heirloom import opening
from heirloom.cli import main

OTHER = """
import sys
import heirloom as hl

hl.connect(sys.argv[1])
for line in sys.stdin:
    if line.startswith("publish"):
        hl.publish(int(line.split()[1]), "heard")
        print(hl.ledger("hearing", limit=1)[0].state, flush=True)
    else:
        plan = hl.plan("hearing")
        plan = plan.activate(missed="each") if "on" in line else plan.deactivate()
        print(plan.note, flush=True)
"""

Ask = Callable[[str], str]


@pytest.fixture
def ask(session: hl.Session) -> Iterator[Ask]:
    """Says a line to a process that has had its session open all the while."""
    heard = hl.Artifact("heard")

    @hl.task
    def hear(x: int) -> int:
        return x

    hl.LaunchPlan.get_or_create("hearing", hear, trigger=hl.OnArtifact(heard, {"x": heard}))
    command = [sys.executable, "-c", OTHER, str(session.home)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        said, told = other.stdin, other.stdout

        def asked(line: str) -> str:
            said.write(f"{line}\n")
            said.flush()
            return told.readline().strip()

        yield asked
        said.close()


def test_the_next_event_of_another_process_finds_it(ask: Ask, session: hl.Session) -> None:
    """Whoever throws a switch, and however: each process acts by it in its next commit."""
    hl.plan("hearing").activate()
    assert ask("publish 1") == "queued"
    hl.plan("hearing").deactivate()
    assert ask("publish 2") == "paused"
    assert ask("on").startswith("1 event waited: 1 queued, 0 skipped")
    hl.publish(3, "heard")
    assert hl.ledger("hearing", limit=1)[0].state == "queued"
    assert ask("off") == "3 queued before will still run"
    hl.publish(4, "heard")
    assert hl.ledger("hearing", limit=1)[0].state == "paused"
    home = str(session.home)
    opening.reset()
    assert main(["--home", home, "on", "hearing", "--missed", "newest"]) == 0
    assert ask("publish 5") == "queued"
    assert main(["--home", home, "off", "hearing"]) == 0
    assert ask("publish 6") == "paused"
    hl.connect(home)
    assert [row.state for row in hl.ledger("hearing")] == ["paused", *["queued"] * 5]
