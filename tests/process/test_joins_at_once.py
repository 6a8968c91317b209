"""Joins of what several processes emit at once: decided in each commit, so that none is missed."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import heirloom as hl

EMITTING = """
import sys
import heirloom as hl

hl.connect(sys.argv[1])
for n in range(12):
    hl.publish(n, f"{sys.argv[2]}[region=r{n % 3}]")
"""


def test_every_version_is_joined_once(session: hl.Session) -> None:
    """Four processes emit both sides; each version is in exactly one run, with its own region's."""
    left, right = hl.Artifact("left", ["region"]), hl.Artifact("right", ["region"])

    @hl.task
    def both(x: int, y: int) -> int:
        return x + y

    trigger = hl.OnArtifact([left, right], {"x": left, "y": right}, condition="all")
    hl.LaunchPlan.get_or_create("both", both, trigger=trigger, auto_activate=True)
    command = [sys.executable, "-c", EMITTING, str(session.home)]
    emitting = [subprocess.Popen([*command, name]) for name in ("left", "right") * 2]
    assert [process.wait() for process in emitting] == [0] * 4

    done = hl.settle().done
    used = Counter(ref for run in done for ref in run.triggered_by)
    assert (len(done), len(used), set(used.values())) == (24, 48, {1})
    for run in done:
        first, second = map(hl.get, run.triggered_by)
        assert (first.name, second.name) == ("left", "right")
        assert first.partitions == second.partitions
    assert Counter(row.state for row in hl.ledger("both", limit=100)) == {"queued": 48}
