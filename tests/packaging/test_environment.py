"""pyproject.toml, environment.yml and requirements.lock say the same."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()

CONDA_NAMES = {
    "jupyter-client": "jupyter_client",
    "matplotlib": "matplotlib-base",  # conda's "matplotlib" brings Qt with it
}


def _extra(name: str) -> dict[str, SpecifierSet]:
    """What an extra asks for, extras of our own opened."""
    found: dict[str, SpecifierSet] = {}
    for text in PROJECT["optional-dependencies"][name]:
        wish = Requirement(text)
        if wish.name == PROJECT["name"]:
            for inner in wish.extras:
                found |= _extra(inner)
        else:
            found[canonicalize_name(wish.name)] = wish.specifier
    return found


def _core() -> dict[str, SpecifierSet]:
    wishes = map(Requirement, PROJECT["dependencies"])
    return {canonicalize_name(wish.name): wish.specifier for wish in wishes}


def _conda() -> dict[str, SpecifierSet]:
    wishes = (Requirement(line) for line in CONDA["dependencies"] if isinstance(line, str))
    return {wish.name: wish.specifier for wish in wishes}


def _pins() -> dict[str, str]:
    lines = (line.partition("==") for line in LOCK if not line.startswith("#"))
    return {canonicalize_name(name): version for name, _, version in lines}


def test_conda_has_the_dependencies_and_bounds_of_the_core_and_of_all() -> None:
    """Every dependency of the core and of `all` stands in environment.yml, and nothing else."""
    pip = _core() | _extra("all")
    wanted = {CONDA_NAMES.get(name, name): bounds for name, bounds in pip.items()}
    wanted |= {"python": SpecifierSet(PROJECT["requires-python"]), "pip": SpecifierSet()}
    assert _conda() == wanted


def test_conda_takes_from_pip_this_project_alone() -> None:
    """Beside conda's packages, pip installs the project itself, editable."""
    by_pip = [line["pip"] for line in CONDA["dependencies"] if isinstance(line, dict)]
    assert by_pip == [["-e .[all]"]]
    assert CONDA["channels"] == ["conda-forge"]


def test_the_lock_pins_what_is_tested_within_its_bounds() -> None:
    """Each dependency of the core, of `all` and of `dev` has a pin that its bounds admit."""
    pins = _pins()
    wanted = _core() | _extra("all") | _extra("dev")
    unmet = {
        name: pins.get(name)
        for name, bounds in wanted.items()
        if name not in pins or pins[name] not in bounds
    }
    assert unmet == {}


def test_the_lock_holds_sorted_pins_and_nothing_else() -> None:
    """A line is a comment or a name and its version: no index, no address, no option."""
    lines = [line for line in LOCK if not line.startswith("#")]
    assert [line for line in lines if not Requirement(line).specifier] == []
    assert [line for line in lines if Requirement(line).url] == []
    names = [line.partition("==")[0].lower() for line in lines]
    assert names == sorted(names)
    assert PROJECT["name"] not in names
