"""Without a library: what needs it says what installs it, and everything else works."""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from PIL import Image
from sklearn.linear_model import LinearRegression

import heirloom as hl
from heirloom.codecs.needs import FLOORS, need
from heirloom.errors import MissingExtra

HIDDEN = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {library!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
import heirloom as hl
hl.connect({home!r})
try:
    print(repr({use}))
except hl.errors.MissingExtra as error:
    print(error)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a value for each library."""
    where = tmp_path_factory.mktemp("libraries") / "home"
    matplotlib.use("agg")
    from matplotlib.figure import Figure

    values: dict[str, Any] = {
        "pandas": pd.DataFrame({"a": [1]}),
        "arrow": pa.table({"a": [1]}),
        "polars": pl.DataFrame({"a": [1]}),
        "image": Image.new("L", (1, 1)),
        "figure": Figure(),
        "model": LinearRegression().fit([[1], [2]], [1, 2]),
        "array": np.arange(2),
        "plain": {"a": [1]},
    }
    with closing(hl.connect(where)) as session:
        for name, value in values.items():
            session.publish(value, name)
        session.publish({"w": np.eye(2)}, "weights", format="safetensors")
    return where


def _without(library: str, home: Path, use: str) -> str:
    """What a process in which nothing can import `library` prints of `use`."""
    use = use.replace("FRAME", '__import__("pandas").DataFrame()')
    code = textwrap.dedent(HIDDEN).format(library=library, home=str(home), use=use)
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return ran.stdout


NEEDED = [
    ("polars", 'hl.pull("polars")', "polars", "frames"),
    ("pandas", 'hl.pull_frame("plain")', "pandas", "frames"),
    ("pyarrow", 'hl.pull("pandas")', "pyarrow", "frames"),
    ("pyarrow", 'hl.publish(FRAME, "x")', "pyarrow", "frames"),
    ("pyarrow", "hl.current().payloads.save_or_alive(FRAME)", "pyarrow", "frames"),
    ("numpy", 'hl.pull("array")', "numpy", "models"),
    ("PIL", 'hl.pull("image")', "PIL", "models"),
    ("skops", 'hl.pull("model")', "skops", "models"),
    ("sklearn", 'hl.pull("model")', "sklearn", "models"),
    ("safetensors", 'hl.pull("weights")', "safetensors", "models"),
]


@pytest.mark.parametrize(("hidden", "use", "named", "extra"), NEEDED)
def test_a_missing_library_is_named(
    home: Path, hidden: str, use: str, named: str, extra: str
) -> None:
    """One line has the library and what installs it; no other way is tried."""
    said = _without(hidden, home, use)
    assert said.startswith(f"This value needs {named}, which cannot be imported")
    assert said.endswith(f'Next: pip install "jupyter-heirloom[{extra}]"\n')
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("hidden", "use", "given"),
    [
        ("matplotlib", 'hl.pull("figure")', "<Picture, "),
        ("pandas", 'hl.pull("arrow").to_pydict()', "{'a': [1]}"),
        ("polars", 'hl.pull("polars", as_="arrow").to_pydict()', "{'a': [1]}"),
        ("pyarrow", 'hl.pull("plain")', "{'a': [1]}"),
        ("skops", 'hl.pull("model", as_=bytes)[:2]', "b'PK'"),
    ],
)
def test_what_does_not_need_it_works(home: Path, hidden: str, use: str, given: str) -> None:
    """A library that is not there is missed only by what needs it."""
    assert _without(hidden, home, use).startswith(given)


@pytest.mark.parametrize("library", FLOORS)
def test_a_version_that_is_not_safe_is_never_used(
    monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """Older than the floor, it is as if it were missing; the floor itself is taken."""
    module = importlib.import_module(library)
    floor = FLOORS[library]
    monkeypatch.setattr(module, "__version__", "0.9.9.dev1")
    with pytest.raises(MissingExtra, match=rf"0\.9\.9\.dev1 is older than {floor}"):
        need(library, "models")
    monkeypatch.setattr(module, "__version__", f"{floor}.post1")
    assert need(library, "models") is module


def test_the_extras_keep_the_floors() -> None:
    """What pyproject.toml installs is never under a floor."""
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wishes = {
        wish.name: wish.specifier
        for name in ("frames", "models")
        for wish in map(Requirement, project["optional-dependencies"][name])
    }
    for library, floor in FLOORS.items():
        (bound,) = wishes[library]
        assert bound.operator == ">="
        assert Version(bound.version) >= Version(floor)


def test_a_lazy_frame_says_what_to_give(tmp_path: Path) -> None:
    """A lazy frame of polars is a question: its error names `.collect()`, and nothing is kept."""
    with closing(hl.connect(tmp_path / "home")) as session:
        lazy = pl.LazyFrame({"a": [1]})
        with pytest.raises(hl.errors.CodecError, match=r"polars\.LazyFrame .* Give \.collect\(\)"):
            session.publish(lazy, "lazy")
        assert session.publish(lazy.collect(), "lazy").format == "polars"
