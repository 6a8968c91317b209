"""docs/settings.md: the table is what the code reads."""

from __future__ import annotations

import re
from inspect import signature
from pathlib import Path

import heirloom as hl

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "settings.md").read_text("utf-8")
_ROWS = re.findall(r"^\| `(HEIRLOOM_\w+)` \| `?([\w=]*)", _PAGE, re.M)


def test_every_variable_has_its_row() -> None:
    """What toolkit and panels read from the environment stands there, and nothing else."""
    code = [path.read_text("utf-8") for path in _ROOT.glob("toolkit/**/*.py")]
    code += [path.read_text("utf-8") for path in _ROOT.glob("widgets/**/*.py")]
    assert {name for name, _ in _ROWS} == set(re.findall(r"HEIRLOOM_[A-Z]+", "".join(code)))


def test_every_argument_of_connect_is_said() -> None:
    """The column beside names arguments that there are."""
    arguments = {argument.partition("=")[0] for _, argument in _ROWS} - {""}
    assert arguments == {"home", "store", "project", "allow_network"}
    assert arguments <= set(signature(hl.connect).parameters)
