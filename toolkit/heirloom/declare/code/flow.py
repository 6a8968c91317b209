"""The order in which text runs: what has surely been bound when a statement is reached."""

# ruff: noqa: D102 - a visitor's method is named after what it visits
from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from heirloom.declare.code.scope import Scope

__all__ = ["Flow"]


class Flow(ast.NodeVisitor, ABC):
    """Visits a tree in running order and keeps, for each scope, what is surely bound.

    What a branch, a loop or a handler binds is sure afterwards only where no path goes round it.
    A deleted name counts as bound: nothing from before can be read through it.
    """

    def __init__(self, *, loops_run: bool = False) -> None:
        """Start at the top of a module.

        Args:
            loops_run: Take it that the body of a loop runs at least once.
        """
        self.scopes = [Scope("module")]
        self.loops_run = loops_run

    @abstractmethod
    def write(self, name: str) -> None:
        """`name` is bound here; what is made of a visit says what that means."""

    def block(self, statements: list[ast.stmt]) -> None:
        """Visit statements that run one after the other."""
        for statement in statements:
            self.visit(statement)

    @contextmanager
    def maybe(self, *, certain: bool = False) -> Iterator[None]:
        """What is bound inside may not have been bound, unless `certain`."""
        before = set(self.scopes[-1].sure)
        yield
        if not certain:
            self.scopes[-1].sure = before

    @contextmanager
    def _alternatives(self) -> Iterator[_Paths]:
        """Paths of which one is taken; sure afterwards is what all that go on make sure."""
        paths = _Paths(self.scopes[-1])
        yield paths
        paths.join()

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        with self._alternatives() as paths:
            for body in (node.body, node.orelse):
                paths.start()
                self.block(body)
                paths.end(body)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        with self.maybe(certain=self.loops_run):
            self.visit(node.target)
            self.block(node.body)
        with self.maybe():
            self.block(node.orelse)

    visit_AsyncFor = visit_For

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        with self.maybe(certain=self.loops_run):
            self.block(node.body)
        with self.maybe():
            self.block(node.orelse)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item)
        with self.maybe(certain=not any(_swallows(item) for item in node.items)):
            self.block(node.body)

    visit_AsyncWith = visit_With

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        with self._alternatives() as paths:
            body = node.body + node.orelse
            paths.start()
            self.block(body)
            paths.end(body)
            for handler in node.handlers:
                paths.start()
                self.visit(handler)
                paths.end(handler.body)
        reached = self.scopes[-1].sure
        self.scopes[-1].sure = set(paths.before)
        self.block(node.finalbody)
        self.scopes[-1].sure |= reached

    visit_TryStar = visit_Try

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type:
            self.visit(node.type)
        if node.name:
            self.write(node.name)
        self.block(node.body)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        with self._alternatives() as paths:
            for case in node.cases:
                paths.start()
                self.visit(case)
                paths.end(case.body)
            last = node.cases[-1]
            wild = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
            if last.guard or not wild:
                paths.start()
                paths.end([])

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        with self.maybe():
            for value in node.values[1:]:
                self.visit(value)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        for value in (node.body, node.orelse):
            with self.maybe():
                self.visit(value)


class _Paths:
    """What is sure at the end of each of several ways through a scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.before = frozenset(scope.sure)
        self.ends: list[set[str]] = []

    def start(self) -> None:
        self.scope.sure = set(self.before)

    def end(self, body: list[ast.stmt]) -> None:
        """Keep this path's end, unless the path leaves by ``raise``, ``return`` or the like."""
        leaves = ast.Raise | ast.Return | ast.Continue | ast.Break
        if not body or not isinstance(body[-1], leaves):
            self.ends.append(self.scope.sure)

    def join(self) -> None:
        self.scope.sure = set.intersection(*self.ends) if self.ends else set(self.before)


def _swallows(item: ast.withitem) -> bool:
    """Whether a ``with`` may end its body early and carry on after it, as ``suppress`` does."""
    call = item.context_expr
    function = call.func if isinstance(call, ast.Call) else call
    name = getattr(function, "attr", None) or getattr(function, "id", "")
    return name in ("suppress", "raises", "assertRaises")
