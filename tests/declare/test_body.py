"""A cell's body and the value of its last statement."""

from __future__ import annotations

import asyncio
from inspect import CO_COROUTINE
from typing import Any

import pytest

from heirloom.declare.body import split
from heirloom.errors import DeclarationError


def run(text: str) -> tuple[Any, dict[str, Any]]:
    """Execute a body as its callers do; its value, and the names that it bound."""
    body, names = split(text), dict[str, Any]()
    statements, result = body.compiled("<body>")
    exec(statements, names)
    value = eval(result, names)
    return value, {name: held for name, held in names.items() if not name.startswith("__")}


@pytest.mark.parametrize(
    ("text", "value", "bound"),
    [
        ("1 + 1", 2, {}),
        ("x = 2", 2, {"x": 2}),
        ("x: int = 2", 2, {"x": 2}),
        ("x = 1\nx += 2", 3, {"x": 3}),
        ("(x := 4)", 4, {"x": 4}),
        ("x = 1\n\nx  # said\n", 1, {"x": 1}),
        ("x = 1; x * 5", 5, {"x": 1}),
        ("x = 3;", 3, {"x": 3}),
        ("None", None, {}),
    ],
)
def test_the_last_value(text: str, value: Any, bound: dict[str, Any]) -> None:
    """It is the last expression's, or the one name's last assigned; nothing more is bound."""
    assert run(text) == (value, bound)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "it is empty"),
        ("# nothing", "it is empty"),
        ("for i in []: i", "line 1 is a loop"),
        ("1\n\ndef f(): return 1", "line 3 is a function definition"),
        ("class C: pass", "line 1 is a class definition"),
        ("import os", "line 1 is an import"),
        ("if 1: 2", "line 1 is an if block"),
        ("with a: b", "line 1 is a with block"),
        ("try: a\nfinally: b", "line 1 is a try block"),
        ("x: int", "line 1 is an annotation alone"),
        ("x = y = 1", "line 1 assigns more or other than a single name"),
        ("x, y = 1, 2", "line 1 assigns more or other than a single name"),
        ("x.a = 1", "line 1 assigns more or other than a single name"),
        ("x['a'] += 1", "line 1 assigns more or other than a single name"),
        ("del x", "line 1 is a del statement"),
        ("assert x", "line 1 is an assert statement"),
    ],
)
def test_a_body_without_a_value(text: str, what: str) -> None:
    """One line says what stands last, and how to end a cell instead."""
    with pytest.raises(DeclarationError) as error:
        split(text)

    assert str(error.value) == (
        f"The cell gives no value: {what}. End it with an expression, "
        "or with an assignment to one name."
    )


def test_a_syntax_error_is_the_users_own() -> None:
    """Text that is no Python raises as Python would."""
    with pytest.raises(SyntaxError):
        split("x = ")


@pytest.mark.parametrize(
    ("text", "silenced"),
    [("x;", True), ("x ; # said", True), ("x", False), ("x # ;", False), ("';'", False)],
)
def test_a_semicolon_at_the_end_silences(text: str, silenced: bool) -> None:
    """Only a semicolon that ends the code asks to show nothing."""
    assert split(text).silenced is silenced


def test_the_name_is_that_of_the_assignment() -> None:
    """`name` tells an assignment from an expression."""
    assert (split("x = 1").name, split("x").name) == ("x", None)


def test_lines_are_those_of_the_cell() -> None:
    """An error in the last expression shows the line where it stands."""
    with pytest.raises(ZeroDivisionError) as error:
        run("x = 1\n\n\nx / 0")

    assert error.traceback[-1].frame.code.path == "<body>"
    assert error.traceback[-1].lineno + 1 == 4


def test_a_body_may_await() -> None:
    """Top-level ``await`` compiles to code that gives a coroutine."""
    _, result = split("import asyncio\nawait asyncio.sleep(0, 7)").compiled("<body>")
    assert result.co_flags & CO_COROUTINE

    assert asyncio.run(eval(result, {"asyncio": asyncio})) == 7
