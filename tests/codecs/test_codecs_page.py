"""docs/codecs.md says what is: its tables, its examples, and its codec of one's own."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from matplotlib.figure import Figure
from packaging.requirements import Requirement
from PIL import Image
from sklearn.linear_model import LinearRegression

import heirloom as hl
from heirloom import codecs
from heirloom.codecs.needs import FLOORS
from heirloom.errors import CodecError, UnsafeRead
from heirloom.records.payloads import COLLECTION
from heirloom.session import Session

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "codecs.md").read_text(encoding="utf-8")


def _rows(heading: str) -> list[list[str]]:
    """The cells of the table whose header begins so."""
    table = PAGE[PAGE.index(f"| {heading} |") :].split("\n\n")[0]
    return [[c.strip() for c in line.strip("|").split("|")] for line in table.splitlines()[2:]]


KINDS = [(f.strip("`"), kind, lib, extra) for _, f, kind, lib, extra in _rows("value | format")]
FRAMES = [(example, frame) for _, example, frame in _rows("value | for example")]


class Pickled:
    """Of a class that no codec takes."""


@pytest.fixture(autouse=True)
def session(tmp_path: Path) -> Session:
    """The session that the front acts on."""
    return hl.connect(tmp_path / "home")


@pytest.fixture
def names(tmp_path: Path) -> dict[str, Any]:
    """What the examples of the page may use."""

    def file(name: str, text: str, link: bool = False) -> hl.File:
        (tmp_path / name).write_text(text)
        return hl.File(tmp_path / name, link=link)

    def parquet(name: str, columns: dict[str, Any]) -> hl.File:
        pd.DataFrame(columns).to_parquet(tmp_path / name)
        return hl.File(tmp_path / name)

    return {
        "LinearRegression": LinearRegression,
        "Pickled": Pickled,
        "file": file,
        "link": lambda name, text: file(name, text, link=True),
        "np": np,
        "pa": pa,
        "parquet": parquet,
        "pd": pd,
        "pl": pl,
    }


def test_every_format_has_a_row() -> None:
    """No codec is missing from the table, and no row is of none."""
    assert {format for format, *_ in KINDS} == {*codecs.formats, COLLECTION}


VALUES: dict[str, Callable[[Path], Any]] = {
    "json": lambda _: {"a": (1, None)},
    "text": lambda _: "x" * 5000,
    "bytes": lambda _: b"x",
    "parquet": lambda _: pd.DataFrame({"a": [1]}),
    "arrow": lambda _: pa.table({"a": [1]}),
    "polars": lambda _: pl.DataFrame({"a": [1]}),
    "npy": lambda _: np.eye(2),
    "image": lambda _: Image.new("L", (1, 1)),
    "png": lambda _: Figure(),
    "skops": lambda _: LinearRegression(),
    "safetensors": lambda _: {"w": np.eye(2)},
    "file": lambda here: hl.File(here / "a.txt"),
    "directory": lambda here: hl.Directory(here / "tree"),
    "link": lambda here: hl.File(here / "a.txt", link=True),
    "collection": lambda _: [np.eye(2)],
    "pickle": lambda _: Pickled(),
}
ASKED = ("safetensors", "pickle")


@pytest.mark.parametrize("format", VALUES)
def test_the_kind_and_the_safety_of_each_format(tmp_path: Path, format: str) -> None:
    """A value has the format and the kind of its row, and only a pickle must be allowed."""
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "tree").mkdir()
    value = VALUES[format](tmp_path)
    version = hl.publish(value, "thing", format=format if format in ASKED else None)
    assert version.format == format
    assert version.kind in {"value" if k == "by class" else k for f, k, *_ in KINDS if f == format}
    if format == "pickle":
        with pytest.raises(UnsafeRead):
            hl.pull("thing")
    else:
        assert type(hl.pull("thing")) is (codecs.Picture if format == "png" else type(value))


def test_what_installs_each_library() -> None:
    """Each library stands in the extra that the page names, no older than its floor."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {
        name: {Requirement(wish).name: Requirement(wish).specifier for wish in wishes}
        for name, wishes in project["optional-dependencies"].items()
    }
    for _, _, libraries, extra in KINDS:
        for library in filter(None, libraries.split(", ")):
            assert library in extras[extra.strip("`")], library
    assert {library: floor for library, floor, _ in _rows("library | from")} == FLOORS


@pytest.mark.parametrize(("example", "frame"), FRAMES)
def test_the_frame_of_each_kind(names: dict[str, Any], example: str, frame: str) -> None:
    """`pull_frame` and `as_` give what the row says, or refuse with what it says."""
    value = eval(example.strip("`"), names)
    hl.publish(value, "thing", format="pickle" if isinstance(value, Pickled) else None)
    pulls: list[Callable[[str], Any]] = [hl.pull_frame, partial(hl.pull, as_="DataFrame")]
    for pull in pulls:
        if frame.startswith("`"):
            pd.testing.assert_frame_equal(pull("thing"), eval(frame.strip("`"), names))
        else:
            with pytest.raises(CodecError, match=re.escape(frame)):
                pull("thing")


# --------------------------------------------------------------------- a codec of one's own

TASK = """
    import heirloom as hl
    from polynomials import Polynomial

    made = hl.Artifact("made")
    total = hl.Artifact("total")

    @hl.task
    def added(p: Polynomial) -> int:
        assert type(p) is Polynomial
        return sum(p.terms)

    @hl.workflow
    def adding(p: Polynomial = made.query()) -> int:
        return added(p=p)
"""
EMIT = """
    from tasks import *
    hl.publish(Polynomial(1, 2), "made")
    hl.publish([Polynomial(3), Polynomial(4)], "several")
    print(adding())
"""
PULL = """
    import polynomials
    import heirloom as hl
    print(hl.pull("made").terms, [p.terms for p in hl.pull("several")], hl.get("made").format)
"""
BLIND = """
    import heirloom as hl
    try:
        hl.pull("made")
    except hl.errors.CodecError as error:
        print(error)
"""
REACT = """
    from tasks import *
    plan = hl.LaunchPlan.get_or_create(
        name="adds", workflow=adding, trigger=hl.OnArtifact(trigger_on=made)
    )
    plan.activate()
    for _ in range(2):
        hl.publish(Polynomial(5, 6), "made")
        hl.settle(60)
    print([(e.name, e.state) for e in hl.executions(plan="adds")])
"""


@pytest.fixture
def python(tmp_path: Path) -> Callable[[str], str]:
    """Runs a text in a process of its own, with the page's module beside it; what it prints."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (codec,) = [block for block in blocks if block.startswith("# polynomials.py")]
    (tmp_path / "polynomials.py").write_text(codec)
    (tmp_path / "tasks.py").write_text(textwrap.dedent(TASK))

    def run(text: str) -> str:
        (tmp_path / "script.py").write_text(
            "import heirloom; heirloom.connect('home')\n" + textwrap.dedent(text)
        )
        ran = subprocess.run(
            [sys.executable, "script.py"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return ran.stdout.strip()

    return run


def test_a_codec_of_ones_own_goes_from_process_to_process(python: Callable[[str], str]) -> None:
    """What one process emits another pulls that imports the codec; one that does not is told."""
    assert python(EMIT) == "3"
    assert python(PULL) == "(1, 2) [(3,), (4,)] polynomial"
    said = python(BLIND)
    assert said.startswith("No codec for format 'polynomial' here. Import the module")


def test_a_codec_of_ones_own_goes_with_the_code(python: Callable[[str], str]) -> None:
    """A triggered body has the codec from its closure, and this process keeps its own."""
    assert python(REACT) == "[('adding', 'succeeded'), ('adding', 'succeeded')]"
