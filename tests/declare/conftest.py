"""Notebooks without IPython, and interpreters that know nothing of them."""

from __future__ import annotations

import itertools
import json
import linecache
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import heirloom
from heirloom.declare.closure import Closure

TOOLKIT = Path(heirloom.__file__).parents[1]

_CELLS = itertools.count(1)

_FRESH = f"""
import json, sys
sys.path.insert(0, {str(TOOLKIT)!r})
from heirloom.declare.closure import Closure
from heirloom.declare.rebuild import rebuild_entry
order = json.load(sys.stdin)
closure = Closure.from_doc(order["closure"])
entry = rebuild_entry(closure)
print(repr(eval(order["expression"], {{"entry": entry, "closure": closure}})))
assert "cloudpickle" not in sys.modules
"""


class Notebook:
    """A namespace in which cells run as a kernel runs them: from text that `linecache` holds."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def cell(self, text: str, flags: int = 0) -> Notebook:
        text = dedent(text)
        file = f"<cell {next(_CELLS)}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        exec(compile(text, file, "exec", flags, dont_inherit=True), self.names)
        return self

    def __getitem__(self, name: str) -> Any:
        return self.names[name]


@pytest.fixture
def notebook() -> Notebook:
    """An empty notebook."""
    return Notebook()


@pytest.fixture
def fresh() -> Callable[[Closure, str], str]:
    """Rebuilds a closure in another interpreter and gives the `repr` of an expression there.

    That interpreter is isolated, has only the closure's JSON, and calls what it was captured from
    `entry`.
    """

    def evaluate(closure: Closure, expression: str) -> str:
        order = json.dumps({"closure": closure.to_doc(), "expression": expression})
        run = subprocess.run(
            [sys.executable, "-I", "-c", _FRESH], input=order, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
        return run.stdout.strip()

    return evaluate


@pytest.fixture
def own_modules(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Writes modules of the user's own where this process finds them; they are gone afterwards."""
    folder = tmp_path / "own"
    before = set(sys.modules)

    def write(texts: Mapping[str, str]) -> Path:
        for name, text in texts.items():
            path = folder / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
        return folder

    yield write
    if str(folder) in sys.path:
        sys.path.remove(str(folder))
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.startswith(str(folder)):
            del sys.modules[name]
