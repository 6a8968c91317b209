"""Writers, readers and spoilers of the index at once, killed and stopped at random."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from heirloom.catalog import Catalog
from heirloom.catalog.verify import verify

_SOAK = Path(__file__).with_name("soak.py")


class _Crew:
    """The processes of the soak, each put back when it was killed."""

    def __init__(self, home: Path, logs: Path) -> None:
        self.home, self.logs = home, logs
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.killed: Counter[str] = Counter()
        self.stopped = 0

    def start(self, name: str) -> None:
        role = name.rstrip("0123456789")
        self.running[name] = subprocess.Popen(
            [sys.executable, str(_SOAK), role, str(self.home), str(self.logs / name)],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def check(self, name: str) -> None:
        """No process ends by itself."""
        ended = self.running[name].poll()
        if ended is not None:
            _, said = self.running[name].communicate()
            pytest.fail(f"{name} ended with {ended}: {said[-2000:]}")

    def kill(self, name: str) -> None:
        process = self.running[name]
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.killed[name.rstrip("0123456789")] += 1

    def stop(self, name: str, seconds: float) -> None:
        """Hold it where it is for a while, perhaps with the lock in its hands."""
        process = self.running[name]
        process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        process.send_signal(signal.SIGCONT)
        self.stopped += 1


@pytest.mark.deep
@pytest.mark.process
@pytest.mark.timeout(900)
def test_soak(tmp_path: Path, deep: bool, count: Callable[..., None]) -> None:
    """8 writers, 4 readers, 1 spoiler: nothing told is lost, no number is given twice."""
    home, logs, rng = tmp_path / "home", tmp_path / "logs", random.Random(1)
    logs.mkdir()
    Catalog(home).close()
    crew = _Crew(home, logs)
    names = [*(f"write{n}" for n in range(8)), *(f"read{n}" for n in range(4)), "spoil"]
    for name in names:
        crew.start(name)
    until = time.monotonic() + (180 if deep else 20)
    while time.monotonic() < until:
        time.sleep(rng.uniform(0.05, 0.6))
        for name in names:
            crew.check(name)
        name = rng.choice(names[:9])
        if rng.random() < 0.2:
            crew.stop(name, rng.uniform(0.05, 0.4))
        else:
            crew.kill(name)
            crew.start(name)
    for name in names:
        crew.check(name)
        crew.kill(name)
    _settle(crew, count)


def _settle(crew: _Crew, count: Callable[..., None]) -> None:
    told: dict[tuple[str, int], str] = {}
    slow = list[float]()
    for log in crew.logs.glob("write*"):
        for line in log.read_text().splitlines():
            parts = line.split()
            if len(parts) != 4:
                continue  # the writer died while it noted it
            name, number, own, took = parts
            assert told.setdefault((name, int(number)), own) == own, "a number was given twice"
            slow.append(float(took))
    with closing(Catalog(crew.home)) as catalog:
        kept = {
            (doc["name"], doc["version"]): doc["execution"]
            for doc in catalog.db.table("versions").all()
        }
        runs = {doc["id"] for doc in catalog.db.table("executions").all()}
    assert told.items() <= kept.items(), "something told is lost"
    for name in {name for name, _ in kept}:
        numbers = sorted(number for each, number in kept if each == name)
        assert numbers == list(range(1, len(numbers) + 1))
    assert set(kept.values()) == runs
    report = verify(crew.home)
    assert report.ok, report.problems
    assert crew.killed["write"] >= 10
    sizes = [int(log.read_text().split()[1]) for log in crew.logs.glob("read[123]")]
    assert max(sizes) < 100_000_000, "readers that live on grow"
    slow.sort()
    count(
        told=len(told),
        kept=len(kept),
        lost=0,
        twice=0,
        writers_killed=crew.killed["write"],
        readers_killed=crew.killed["read"],
        stopped=crew.stopped,
        indexes_spoiled=int((crew.logs / "spoil").read_text()),
        reader_mb=max(sizes) // 1_000_000,
        p99_ms=round(slow[len(slow) * 99 // 100] * 1000),
    )
