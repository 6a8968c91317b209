"""Characters that `str.splitlines` cuts at and Python does not: they may stand anywhere in code."""

from __future__ import annotations

import linecache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heirloom.declare.body import split
from heirloom.declare.cell import declaration
from heirloom.declare.closure import capture
from heirloom.declare.code.indentation import indented
from heirloom.declare.code.lines import lines_of
from heirloom.declare.rebuild import rebuild_entry

ODD = "\f\v\x1c\x1d\x1e\x85\u2028\u2029"
_TEXT = st.text(f"{ODD}é#", max_size=4)
_PAGE = st.sampled_from(["", "\f", "\f\f", "  \f", "\f  \f"])
_END = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def _statements(draw: st.DrawFn) -> str:
    """A statement that changes `x`, with odd characters wherever Python lets them stand."""
    page, text, number = draw(_PAGE), draw(_TEXT), draw(st.integers(0, 9))
    forms = (
        f"{page}x = x * 3 + {number}",
        f"{page}x = x + len('{text}') # {text}",
        f"{page}x = (x +\n{page}  len('''{text}\n{page}   {text}'''))",
        f"{page}x += len('{text}\\\n{page}  {text}'); x += {number}",
        f"if x % 2:\n{page}    x += len(f'''{text}\n {{x}}{text}''')\n    \f    x += 1",
        f"{page}# {text}\n\n{page}\nx -= {number}",
    )
    return draw(st.sampled_from(forms))


@st.composite
def _cells(draw: st.DrawFn) -> str:
    lines = ["x = 1 # stays", *draw(st.lists(_statements(), max_size=5))]
    lines.append(draw(st.sampled_from(["x", "\fx", "x = x + 1", "(x,\n\f 2)[0]"])))
    lines.append(draw(st.sampled_from(["", f"# {draw(_TEXT)}"])))
    return "\n".join(lines).replace("\n", draw(_END))


def _value(cell: str) -> Any:
    """What the cell gives where it stands."""
    space = dict[str, Any]()
    statements, result = split(cell).compiled("<cell>")
    exec(statements, space)
    return eval(result, space)


def _function(cell: str) -> str:
    """The cell as `f`, without its decorator."""
    written = declaration("task", "f() -> int", cell, artifacts=lambda _: None, around={"int"})
    return written.text.partition("\n")[2]


@given(_cells())
def test_a_cell_gives_as_a_function_what_it_gives_as_a_cell(cell: str) -> None:
    """Its last value is the same, whatever stands in its strings, comments and blank lines."""
    space = dict[str, Any]()
    exec(_function(cell), space)
    assert space["f"]() == _value(cell)


@given(_cells(), _TEXT, st.integers(0, 2), _END)
def test_a_function_is_recorded_as_it_was_written(
    cell: str, text: str, depth: int, end: str
) -> None:
    """Neither what stands above it nor the blocks around it move what is taken for its text."""
    source = _function(cell)
    for _ in range(depth):
        source = f"\fif True: # {text}\n{indented(source)}\n"
    source = f"# {text}\n{source}".replace("\n", end)
    space: dict[str, Any] = {"__name__": "__main__"}
    linecache.cache["<odd>"] = (len(source), None, lines_of(source), "<odd>")
    exec(compile(source, "<odd>", "exec"), space)
    closure = capture(space["f"], kind="function", namespace=space)
    assert "# stays" in closure.text
    assert rebuild_entry(closure)() == _value(cell)


@pytest.mark.parametrize("odd", ODD)
def test_a_default_is_replaced_where_it_stands(odd: str) -> None:
    """Its place in the text is counted as Python counts."""
    source = f"N = 3\ndef f(a='é{odd}', # {odd}\n b=N):\n    return a * b\n"
    space: dict[str, Any] = {"__name__": "__main__"}
    linecache.cache["<odd>"] = (len(source), None, lines_of(source), "<odd>")
    exec(compile(source, "<odd>", "exec"), space)
    space["N"] = 4
    closure = capture(space["f"], kind="function", namespace=space)
    assert rebuild_entry(closure)() == f"é{odd}" * 3


def test_a_page_break_keeps_the_blocks_of_a_cell() -> None:
    """Python counts the indentation of a line anew behind a form feed."""
    assert indented("if x:\n  \f    y = 1\n\fz") == "    if x:\n  \f        y = 1\n\f    z"
