"""What makes a version of code, and what does not."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import heirloom
from heirloom.declare.closure import Closure, capture, capture_cell
from heirloom.declare.code.canonical import canonical

CELLS = '''
import math
RATE = 0.5
WORDS = {"c", "a", "b"}

def helper(x):
    """Doubles."""
    return x * 2  # reached

def idle(x):
    return x * 3  # not reached

class Box:
    def area(self):
        return helper(RATE) + len(WORDS)

def use(x, *, y=RATE):
    return Box().area() + math.floor(x + y)
'''


@pytest.fixture
def digest(notebook: Any) -> Callable[[str], str]:
    """The digest of `use` in a notebook of one cell."""

    def taken(text: str) -> str:
        notebook.names = {"__name__": "__main__"}
        return capture(notebook.cell(text)["use"], kind="function").digest

    return taken


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return x * 2", "return x * 2.0"),
        ("RATE = 0.5", "RATE = 0.25"),
        ('{"c", "a", "b"}', '{"c", "a", "d"}'),
        ('"""Doubles."""', '"""Doubles it."""'),
        ("def use(x, *, y=RATE)", "def use(x, *, y=1)"),
        ("math.floor", "math.ceil"),
        ("import math", "import cmath as math\nmath.floor = int"),
        ("def area(self):", "@property\n    def area(self):"),
    ],
)
def test_an_edit_of_what_is_reached_changes_the_digest(
    digest: Callable[[str], str], old: str, new: str
) -> None:
    """Helpers, constants, docstrings, defaults, imports and methods are part of the code."""
    assert old in CELLS

    assert digest(CELLS.replace(old, new)) != digest(CELLS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return x * 3", "return x * 4"),
        ("  # reached", "  # reached, and more"),
        ("return x * 2  # reached", "return (\n        x\n        * 2\n    )"),
        ('"a", "b"}', '"b", "a"}'),
        ("import math", "import math\nimport json\nOTHER = 1"),
        ('"""Doubles."""', "'''\n    Doubles.\n    '''"),
        ("RATE = 0.5", "RATE = .5"),
        ("\n\n", "\n\n\n\n"),
    ],
)
def test_an_edit_of_nothing_that_is_reached_does_not(
    digest: Callable[[str], str], old: str, new: str
) -> None:
    """Comments, blank lines, formatting, and code that nothing calls are no part of it."""
    assert old in CELLS

    assert digest(CELLS.replace(old, new)) == digest(CELLS)


def test_the_same_cell_run_again_is_the_same_code(digest: Callable[[str], str]) -> None:
    """Running a cell anew, from another file even, makes no new version."""
    assert digest(CELLS) == digest(CELLS)


_SCRIPT = f"""
import sys
sys.path.insert(0, {str(Path(heirloom.__file__).parents[1])!r})
import enum
from heirloom.declare.closure import capture
class Flag(enum.Flag):
    A = 1
    B = 2
WORDS = {{"one", "two", "three", frozenset({{"x", "y", "z"}}), 4, None, Flag.A | Flag.B}}
def first(): return WORDS
def second(): return first, {{"p", "q"}}
TABLE = {{len, first, second}}
def use(): return second(), TABLE
if __name__ == "__main__":
    print(capture(use, kind="function").digest)
"""


def test_digests_are_equal_over_hash_seeds(tmp_path: Path) -> None:
    """Sets are written in an order of their own, whatever the seed of their hashes."""
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT)

    digests = {
        subprocess.run(
            [sys.executable, str(script)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2", "3")
    }

    assert len(digests) == 1
    assert digests.pop().startswith("sha256:")


def test_versions_of_distributions_are_told_but_not_digested(notebook: Any) -> None:
    """Another release of a library is another environment, not another code."""
    closure = capture(
        notebook.cell("import pytest\ndef use(): return pytest.fail")["use"], kind="function"
    )
    older = Closure.from_doc(closure.to_doc() | {"distributions": {"pytest": "1.0"}})

    assert closure.distributions == {"pytest": pytest.__version__}
    assert older.digest == closure.digest


def test_names_and_kinds_are_digested(notebook: Any) -> None:
    """The same text under another name is another code."""
    notebook.cell("def use(): return 1")

    one, other = (capture_cell("1", {}, name=name) for name in ("a", "b"))

    assert one.digest != other.digest


def test_cells_digest_what_they_reach(notebook: Any) -> None:
    """A cell's digest changes with a helper, not with a comment or with what it binds itself."""
    body = "x = helper(1)\nx"
    taken = []
    for text in ("return x", "return x  # same", "return -x"):
        notebook.cell(f"def helper(x): {text}")
        taken.append(capture_cell(body, notebook.names, name="c").digest)
        notebook.names["x"] = object()

    assert taken[0] == taken[1] != taken[2]
    assert capture_cell("x = helper(1)  # said\n\nx", notebook.names, name="c").digest == taken[2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 'a'", 'x = "a"'),
        ("x = ('a' 'b')", "x = 'ab'"),
        ("x = 1_000", "x = 1000"),
        ("x = f'{a!r:>{n}}'", 'x = f"{a!r:>{n}}"'),
        ("x = f'a{b}' 'c' f'd{e}' ''", "x = f'a{b}cd{e}'"),
        ("if a: b\nelse:\n  if c: d", "if a:\n    b\nelif c:\n    d"),
    ],
)
def test_ways_to_write_the_same(one: str, other: str) -> None:
    """Spelling is not code."""
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = b'a'", "x = 'a'"),
        ("x = 0.0", "x = -0.0"),
        ("async def f(): pass", "def f(): pass"),
        ("f(*a)", "f(a)"),
        ("x = [a]", "x = (a,)"),
        ("def f(a, /): pass", "def f(a): pass"),
        ("def f():\n    'a'\n    b", "def f():\n    b"),
    ],
)
def test_things_that_are_not_the_same(one: str, other: str) -> None:
    """What runs differently is written differently."""
    assert canonical(dedent(one)) != canonical(dedent(other))


def test_parsers_cut_f_strings_in_different_ways() -> None:
    """Text that adjoins in an f-string is one, and empty text is none."""
    parts: list[ast.expr] = [
        ast.Constant("a"),
        ast.Constant(""),
        ast.Constant("b"),
        ast.Constant(""),
    ]

    assert canonical(ast.JoinedStr(parts)) == canonical(ast.JoinedStr([ast.Constant("ab")]))


def test_text_that_is_no_python_stands_for_itself() -> None:
    """A notebook's own text is digested as it is."""
    assert canonical("{not python") == "{not python"
