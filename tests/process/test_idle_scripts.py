"""What a script is told that switches a plan on and ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl

pytestmark = pytest.mark.process

_SCRIPT = """
import sys
import heirloom as hl

hl.connect(sys.argv[1])
source = hl.Artifact("source")

@hl.task
def more(n: int) -> int:
    return n + 1

trigger = hl.OnArtifact(source, {"n": source})
plan = hl.LaunchPlan.get_or_create("more", more, trigger=trigger)
"""
_TOLD = (
    "Nothing runs the events of 'more' (waiting: 2): hl.settle() runs those, "
    "`heirloom reactor` also all that come.\n"
)


def _said(place: Path, home: Path, *lines: str) -> str:
    """What a script that does this says on standard error."""
    script = place / "script.py"
    script.write_text("\n".join([_SCRIPT, *lines]))
    command = [sys.executable, str(script), str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


def test_a_script_is_told_once(tmp_path: Path, session: hl.Session) -> None:
    """In one line, at its end, with how many events wait, and what to do; other scripts not."""
    on = ["plan.activate()", "plan.activate()"]
    emits = ["hl.publish(1, 'source')", "hl.publish(2, 'source')"]
    assert _said(tmp_path, session.home, *on, *emits) == _TOLD
    assert _said(tmp_path, session.home, "plan.deactivate()") == ""
    later = "Nothing runs the events of 'more' when they come: `heirloom reactor` does.\n"
    assert _said(tmp_path, tmp_path / "new", *on) == later
    assert _said(tmp_path, session.home, *on, *emits, "hl.settle()") == ""


def test_a_script_beside_a_reactor_is_told_nothing(
    tmp_path: Path, session: hl.Session, standalone: Callable[[], Any]
) -> None:
    """Where a reactor lives when it ends, its events are run."""
    standalone()
    assert _said(tmp_path, session.home, "plan.activate()", "hl.publish(1, 'source')") == ""
