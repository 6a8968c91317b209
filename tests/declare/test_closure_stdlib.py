"""Real code, run as the cells of a notebook: whatever is called portable is rebuilt."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from heirloom.declare.closure import capture
from heirloom.declare.rebuild import rebuild, release

STDLIB = Path(sysconfig.get_paths()["stdlib"])


@pytest.mark.parametrize(
    ("module", "at_least"),
    [("argparse", 25), ("fractions", 1), ("shlex", 3), ("functools", 15), ("contextlib", 15)],
)
def test_definitions_of_the_standard_library(notebook: Any, module: str, at_least: int) -> None:
    """Each is rebuilt, and captured again from there it has the digest that it had."""
    text = (STDLIB / f"{module}.py").read_text(encoding="utf-8")
    notebook.cell(
        text.replace('__name__ == "__main__"', "False").replace("__name__ == '__main__'", "False")
    )
    rebuilt = 0
    for name, value in list(notebook.names.items()):
        if not isinstance(value, FunctionType | type) or value.__module__ != "__main__":
            continue
        closure = capture(value, kind="function", name=name, namespace=notebook.names)
        if not closure.portable:
            continue
        copy = rebuild(closure)
        again = capture(getattr(copy, name), kind="function", name=name)
        assert again.digest == closure.digest, name
        release(copy)
        rebuilt += 1

    assert rebuilt >= at_least
