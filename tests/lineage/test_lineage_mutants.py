"""The table of rules against a tracer that has lost one of them: every loss is found."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields, replace
from typing import Any

import pytest
from cases import CASES, Case
from marked import marks_in
from plain_notebook import PlainNotebook

from heirloom.declare import effects as tracer
from heirloom.declare.code import changes
from heirloom.declare.code.changes import HOLDS, Changes
from heirloom.declare.effects import Effects

Mutant = Callable[[], AbstractContextManager[None]]

_CONSTRUCTS = {
    type(node)
    for case in CASES
    for cell in case.cells
    for node in ast.walk(ast.parse(cell))
    if isinstance(node, ast.stmt | ast.expr | ast.pattern | ast.withitem | ast.excepthandler)
}
_NOTHING_TO_LOSE = {
    ast.Constant: "names nothing",
    ast.Pass: "names nothing",
    ast.Global: "is seen by the scope around it",
    ast.Import: "binds a module, which has no source and is never unknown",
    ast.MatchValue: "is compared, and nothing of it is bound",
}
"""Constructs that may be passed over."""
_JUST_AS_WELL = {
    ast.Import: _NOTHING_TO_LOSE[ast.Import],
}
"""Constructs of which it is enough to visit the parts."""


@contextmanager
def _ignoring(construct: type[ast.AST]) -> Iterator[None]:
    visit = Changes.visit

    def without(self: Changes, node: ast.AST) -> None:
        if type(node) is not construct:
            visit(self, node)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Changes, "visit", without)
        yield


@contextmanager
def _visiting_parts(construct: type[ast.AST]) -> Iterator[None]:
    visit = Changes.visit

    def plainly(self: Changes, node: ast.AST) -> None:
        (ast.NodeVisitor.generic_visit if type(node) is construct else visit)(self, node)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Changes, "visit", plainly)
        yield


@contextmanager
def _holding_nothing(construct: type[ast.AST]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "HOLDS", {key: HOLDS[key] for key in HOLDS if key is not construct})
        yield


@contextmanager
def _without(field: str) -> Iterator[None]:
    found = tracer._found

    def less(*args: Any, **kwargs: Any) -> Effects:
        return replace(found(*args, **kwargs), **{field: getattr(Effects(), field)})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracer, "_found", less)
        yield


def _mutants() -> Iterator[Any]:
    def named(how: str, of: Any, name: str) -> Any:
        return pytest.param(lambda: of, id=f"{how} {name}")

    for construct in sorted(_CONSTRUCTS, key=lambda each: each.__name__):
        if construct not in _NOTHING_TO_LOSE:
            yield named("ignoring", _ignoring(construct), construct.__name__)
        if _is_visited(construct) and construct not in _JUST_AS_WELL:
            yield named("visiting the parts of", _visiting_parts(construct), construct.__name__)
    for binding in HOLDS:
        yield named("what is bound by", _holding_nothing(binding), binding.__name__)
    for field in fields(Effects):
        if field.name != "words":  # of magics: the shell's own test has them
            yield named("without", _without(field.name), field.name)


def _is_visited(construct: type[ast.AST]) -> bool:
    method = f"visit_{construct.__name__}"
    return getattr(Changes, method, None) is not getattr(ast.NodeVisitor, method, None)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """The tracer remembers texts: a mutant remembers none, and leaves none."""
    tracer.effects.cache_clear()
    tracer.effects_of.cache_clear()
    yield
    tracer.effects.cache_clear()
    tracer.effects_of.cache_clear()


@pytest.mark.parametrize("mutant", list(_mutants()))
def test_what_is_dropped_is_found(mutant: Mutant) -> None:
    """Some rule does not hold without it."""
    with mutant():
        assert any(map(_is_broken, CASES))


def _is_broken(case: Case) -> bool:
    notebook = PlainNotebook()
    for cell in case.cells:
        notebook.run(cell)
    value, traced = notebook.value(case.result)
    true = marks_in(value) <= traced.items.keys() == case.sources
    return not true or bool(traced.unknown)
