"""A plan that two processes register: who may move what is active."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import heirloom as hl

pytestmark = pytest.mark.process

TEAM = """
import sys
import heirloom as hl
source = hl.Artifact("source")
def registered(step):
    names = {"hl": hl, "__name__": "__main__", "STEP": step}
    text = "@hl.task\\ndef work(n: int) -> int:\\n    return n + STEP\\n"
    file = f"cell-{step}"
    import linecache
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    exec(compile(text, file, "exec"), names)
    on = hl.OnArtifact(source, inputs={"n": source})
    return hl.LaunchPlan.get_or_create("plan", names["work"], trigger=on)
for step in map(int, sys.argv[1:]):
    print(registered(step))
    if step == 1:
        registered(step).activate()
"""


def notes(tmp_path: Path, *steps: int) -> list[str]:
    """What registering says, step by step, in a process of its own; step 1 activates."""
    script = tmp_path / "team.py"
    script.write_text(TEAM)
    command = [sys.executable, str(script), *map(str, steps)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()


def test_only_the_session_that_activated_moves_the_pointer(tmp_path: Path) -> None:
    """There a new version takes over and says so; elsewhere it waits, and what runs stays."""
    hl.publish(0, "source")
    plan = "<launch plan plan: work on source"
    moved, waits = "v2 registered and active in place of v1", "v3 registered; v2 stays active"
    assert notes(tmp_path, 1, 2) == [f"{plan}>", f"{plan} — {moved}>"]
    assert notes(tmp_path, 2, 3) == [f"{plan}>", f"{plan} — {waits}>"]
    found = hl.plan("plan")
    assert (found.version, found.newest, found.is_active) == (2, 3, True)
    hl.publish(1, "source")
    hl.settle()
    (run,) = hl.executions(plan="plan")
    assert run.outputs == {"o0": 3}
    assert hl.plan("plan").activate().version == 3
