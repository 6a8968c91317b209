"""What a wheel of this tree holds."""

from __future__ import annotations

import configparser
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import heirloom

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """The built wheel, as a path to walk."""
    folder = tmp_path_factory.mktemp("dist")
    built = next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))
    return zipfile.Path(built)


def _names(wheel: zipfile.Path) -> set[str]:
    return {name for name in wheel.root.namelist() if not name.endswith("/")}


def _metadata(wheel: zipfile.Path, name: str) -> str:
    info = next(entry for entry in wheel.iterdir() if entry.name.endswith(".dist-info"))
    return (info / name).read_text(encoding="utf-8")


def test_its_top_level_is_two_packages(wheel: zipfile.Path) -> None:
    """Whoever installs it gets `heirloom`, `heirloom_widgets` and the record of the install."""
    info = f"jupyter_heirloom-{heirloom.__version__}.dist-info"
    assert {entry.name for entry in wheel.iterdir()} == {"heirloom", "heirloom_widgets", info}


def test_it_holds_every_source_file_of_both_packages(wheel: zipfile.Path) -> None:
    """Python, JavaScript, styles and the mark of typed code are all in it."""
    sources = {
        path.relative_to(root).as_posix()
        for root in (ROOT / "toolkit", ROOT / "widgets")
        for path in root.rglob("*")
        if path.suffix in {".py", ".js", ".css"} or path.name == "py.typed"
    }
    assert {"heirloom/py.typed", "heirloom_widgets/py.typed"} <= sources
    assert any(name.endswith(".js") for name in sources)
    assert sources - _names(wheel) == set()


def test_it_holds_nothing_that_a_run_left_behind(wheel: zipfile.Path) -> None:
    """No cache, checkpoint or compiled file is packed."""
    left = [name for name in _names(wheel) if name.endswith(".pyc") or "/." in name]
    assert left == []


def test_built_again_it_is_the_same_bytes(wheel: zipfile.Path, tmp_path: Path) -> None:
    """From a copy with other times and rights, on another day."""
    tree = tmp_path / "tree"
    for name in ("toolkit", "widgets", "pyproject.toml", "README.md", "LICENSE"):
        source = ROOT / name
        if source.is_dir():
            litter = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
            shutil.copytree(source, tree / name, copy_function=shutil.copyfile, ignore=litter)
        else:
            shutil.copyfile(source, tree / name)
    for path in tree.rglob("*.py"):
        os.utime(path, (0, 1_000_000_000))
        path.chmod(0o600)
    again = next(WheelBuilder(str(tree)).build(directory=str(tmp_path), versions=["standard"]))
    assert Path(again).read_bytes() == Path(str(wheel.root.filename)).read_bytes()


def test_it_offers_the_command_and_the_panels(wheel: zipfile.Path) -> None:
    """The `heirloom` command and the panels are found through entry points."""
    points = configparser.ConfigParser()
    points.read_string(_metadata(wheel, "entry_points.txt"))
    assert dict(points["console_scripts"]) == {"heirloom": "heirloom.cli:main"}
    assert dict(points["heirloom.panels"]) == {
        "explorer": "heirloom_widgets:Explorer",
        "graph": "heirloom_widgets:Graph",
        "launch": "heirloom_widgets:Launch",
    }


def test_what_its_entry_points_name_exists() -> None:
    """Each entry point of the installed project loads."""
    from importlib.metadata import distribution

    for point in distribution("jupyter-heirloom").entry_points:
        assert callable(point.load()), point
