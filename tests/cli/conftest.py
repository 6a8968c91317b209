"""The command line called in this process, and a home with something in it."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

import heirloom as hl
from heirloom import opening
from heirloom.cli import main

_TEAM = """
    from typing import Annotated
    from heirloom import Artifact, File, LaunchPlan, OnArtifact, task, workflow

    raw = Artifact("raw", ["region"])
    doubled = Artifact("doubled", ["region"])
    told = Artifact("told")

    @task
    def double(n: int, region: str) -> Annotated[int, raw]:
        return raw.create_from(n * 2, region=region)

    @workflow
    def begin(n: int, region: str = "emea"):
        double(n=n, region=region)

    @task
    def again(n: int) -> Annotated[int, doubled]:
        if n > 100:
            raise ValueError("too\\nlarge")
        return doubled.create_from(n * 2, region="emea")

    @workflow
    def follow(n: int = raw.query()):
        again(n=n)

    @task
    def size(data: File) -> Annotated[int, told]:
        with open(data) as text:
            return told.create_from(len(text.read()))

    @workflow
    def tell(data: File):
        size(data=data)

    LaunchPlan.get_or_create("begin", begin)
    LaunchPlan.get_or_create("tell", tell)
    LaunchPlan.get_or_create("follow", follow, trigger=OnArtifact(raw.query(region="emea")))
"""


@dataclass(frozen=True)
class Said:
    """What one call printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Its standard output by lines, columns one blank apart."""
        return [" ".join(line.split()) for line in self.out.splitlines()]

    @property
    def document(self) -> Any:
        """Its standard output as JSON."""
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def _same_heirloom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes and kernels import the package that the tests import, installed or not."""
    monkeypatch.setenv("PYTHONPATH", str(Path(hl.__file__).parents[1]), prepend=os.pathsep)


@pytest.fixture
def home() -> Path:
    """The home of this test, which need not be there."""
    return Path(os.environ["HEIRLOOM_HOME"])


@pytest.fixture
def heirloom(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Calls ``heirloom`` with these words."""

    def call(*words: str) -> Said:
        opening.reset()
        try:
            code = main(words)
        except SystemExit as ending:
            code = int(ending.code or 0)
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return call


@pytest.fixture
def sales(tmp_path: Path) -> hl.ArtifactVersion:
    """One file in the home, with a card."""
    path = tmp_path / "sales.csv"
    path.write_text("a,b\n1,2\n")
    version = hl.publish(hl.File(path), "sales[region=emea]", "# Sales\nDaily.")
    opening.reset()
    return version


@pytest.fixture
def team(tmp_path: Path) -> Iterator[ModuleType]:
    """A team's module with three plans, one of them on what another emits; none is active."""
    path = tmp_path / "cli_team.py"
    path.write_text(dedent(_TEAM))
    spec = importlib.util.spec_from_file_location("cli_team", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["cli_team"] = module
    spec.loader.exec_module(module)
    opening.reset()
    yield module
    del sys.modules["cli_team"]
