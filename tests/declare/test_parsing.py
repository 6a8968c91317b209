"""Source is parsed in whatever thread asks."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from heirloom.declare.code.canonical import canonical


def test_what_another_thread_disturbed_is_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPython's complaint that threads parse at once is no property of the code."""
    parse, tries = ast.parse, []

    def disturbed(*args: Any, **kwargs: Any) -> Any:
        tries.append(args)
        if len(tries) < 3:
            raise SystemError("AST constructor recursion depth mismatch (before=63, after=66)")
        return parse(*args, **kwargs)

    monkeypatch.setattr(ast, "parse", disturbed)
    assert canonical("x = 1  # one") == canonical("x=1")
    assert len(tries) == 4
