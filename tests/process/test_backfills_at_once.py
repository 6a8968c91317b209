"""Backfills of one plan by several processes at the same time."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

import heirloom as hl

BACKFILLING = """
import sys
import heirloom as hl

hl.connect(sys.argv[1])
plan = hl.plan("noted")
print("ready", flush=True)
sys.stdin.readline()
print(plan.backfill().note)
"""


def test_no_version_is_run_twice(session: hl.Session) -> None:
    """Three processes ask for the same past: each version has one row and one run."""
    early = hl.Artifact("early")

    @hl.task
    def note(x: int) -> int:
        return x

    for number in range(40):
        hl.publish(number, "early")
    trigger = hl.OnArtifact(early, {"x": early})
    hl.LaunchPlan.get_or_create("noted", note, trigger=trigger, auto_activate=True)
    command = [sys.executable, "-c", BACKFILLING, str(session.home)]
    pipe = subprocess.PIPE
    asking = [subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) for _ in range(3)]
    for process in asking:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in asking:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    notes = [process.communicate()[0] for process in asking]
    queued = [int(n) for note in notes for n in re.findall(r"(\d+) queued", note)]
    assert sum(queued) == 40, notes
    rows = hl.ledger("noted", limit=200)
    assert Counter(row.refs for row in rows).most_common(1)[0][1] == 1
    assert len({row.execution_id for row in rows}) == len(rows) == 40
    assert len(hl.settle().done) == 40
