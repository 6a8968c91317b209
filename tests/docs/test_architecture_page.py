"""docs/architecture.md: its rooms are import-linter's, its three ways are walked."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from runpy import run_path
from types import FrameType
from typing import Any

import pandas as pd
import pytest

import heirloom as hl
from heirloom.testing import session_in

_ROOT = Path(__file__).parents[2]
_CODE = Path(hl.__file__).parent
_PAGE = (_ROOT / "docs" / "architecture.md").read_text("utf-8")
_STEP = re.compile(r"^\| (\d+) \| `([\w/]+\.py)` \| `([\w.]+)` \| ", re.M)
_NAMED = re.compile(r"`([\w/]+\.py)`(?: \| |\s)`([\w.]+)`")
Step = tuple[str, str]


def _way(heading: str) -> list[Step]:
    """The steps under a heading."""
    section = _PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    steps = _STEP.findall(section)
    assert [int(number) for number, _, _ in steps] == list(range(1, len(steps) + 1))
    return [(where, name) for _, where, name in steps]


def test_the_rooms_are_import_linter_s() -> None:
    """The table has the layers of pyproject.toml, from the top to the bottom."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(c for c in contracts if c["type"] == "layers")["layers"]
    rows = re.findall(r"^\| ((?:`\w+` ?)+) \| ", _PAGE.partition("## One")[0], re.M)
    assert [re.findall(r"\w+", row) for row in rows] == [re.findall(r"\w+", x) for x in layers]


def test_long_files_have_their_reason() -> None:
    """Each file of more than 270 lines is in the table, and none that is shorter."""
    section = _PAGE.partition("### Files that stay long\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ((?:`[\w/]+\.py`(?:, )?)+) \| .{20}", section, re.M)
    told = {name for row in rows for name in re.findall(r"[\w/]+\.py", row)}
    panels = _ROOT / "widgets"
    files = {str(path.relative_to(_CODE)): path for path in _CODE.rglob("*.py")}
    files |= {str(path.relative_to(panels)): path for path in panels.rglob("*.py")}
    assert "heirloom_widgets/graph.py" in files
    assert told == {
        name for name, path in files.items() if len(path.read_bytes().splitlines()) > 270
    }


@pytest.mark.parametrize(("where", "name"), sorted(set(_NAMED.findall(_PAGE))))
def test_what_is_named_is_there(where: str, name: str) -> None:
    """A function with its path is in that file."""
    found: Any = import_module("heirloom." + where.removesuffix(".py").replace("/", "."))
    for part in name.split("."):
        found = getattr(found, part)
    assert found.__module__ == "heirloom." + where.removesuffix(".py").replace("/", ".")


_PLAN = """
from typing import Annotated

import pandas as pd

import heirloom as hl

sales, total = hl.Artifact("sales", ["region"]), hl.Artifact("total", [])

@hl.task
def add(raw: pd.DataFrame) -> Annotated[int, total]:
    return int(raw["x"].sum())

@hl.workflow
def adding(raw: pd.DataFrame = sales.query(region="emea")):
    add(raw=raw)

hl.publish(pd.DataFrame({"x": [1, 2]}), "sales[region=emea]")
trigger = hl.OnArtifact(trigger_on=sales)
hl.LaunchPlan.get_or_create(name="adds", workflow=adding, trigger=trigger).activate()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[hl.Session]:
    """A home with a frame, and a plan that listens for the next."""
    script = tmp_path / "plan.py"
    script.write_text(_PLAN, "utf-8")
    with session_in(tmp_path / "home") as session:
        run_path(str(script), run_name="__main__")
        yield session


def _emit(numbers: list[int]) -> None:
    hl.publish(pd.DataFrame({"x": numbers}), "sales[region=emea]")


def test_an_emission_goes_this_way(home: hl.Session) -> None:
    """Every function of the page is called, each first after the one before it."""
    assert _walked(lambda: _emit([3, 4]), _way("One emission"))


def test_a_firing_goes_this_way(home: hl.Session) -> None:
    """From the queued row to the version that the body emits."""
    _emit([3, 4])
    assert _walked(hl.settle, _way("One firing"))
    assert hl.pull("total") == 7


def test_a_pull_goes_this_way(home: hl.Session) -> None:
    """From the text to the value, in a session that has not read it yet."""
    assert _walked(lambda: hl.pull("sales[region=emea]"), _way("One pull"))


def _walked(call: Callable[[], object], way: list[Step]) -> bool:
    """Whether `call` goes through `way` in this thread, in that order."""
    calls = _calls(call)
    at = 0
    for step in way:
        assert step in calls[at:], f"{step} is not called after {way[: way.index(step)][-1:]}"
        at = calls.index(step, at) + 1
    return True


def _calls(call: Callable[[], object]) -> list[Step]:
    made: list[Step] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(_CODE):
            made.append((path.relative_to(_CODE).as_posix(), frame.f_code.co_qualname))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)
    return made
