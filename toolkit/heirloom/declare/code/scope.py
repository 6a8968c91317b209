"""The scopes of Python text: which names a function, class or comprehension holds for itself."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["Function", "Scope", "bindings", "parameters"]

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass
class Scope:
    """One scope while its text is read; names that it does not hold belong further out."""

    kind: str
    """``module``, ``class``, ``function``, ``comprehension``, or ``type`` for type parameters."""
    local: set[str] = field(default_factory=set)
    """What a function or comprehension holds, wherever in it the binding stands."""
    outer: set[str] = field(default_factory=set)
    """What is declared ``global``."""
    sure: set[str] = field(default_factory=set)
    """What has surely been bound or deleted up to here."""

    @classmethod
    def of_function(cls, node: Function) -> Scope:
        """The scope of a function's or lambda's body."""
        body = node.body if isinstance(node.body, list) else [node.body]
        outer, elsewhere = set[str](), set[str]()
        for part in _own_nodes(body):
            if isinstance(part, ast.Global):
                outer |= set(part.names)
            elif isinstance(part, ast.Nonlocal):
                elsewhere |= set(part.names)
        local = {argument.arg for argument in parameters(node.args)} | set(bindings(body))
        return cls("function", local - outer - elsewhere, outer)

    @classmethod
    def of_class(cls, node: ast.ClassDef) -> Scope:
        """The scope of a class's body."""
        parts = _own_nodes(node.body)
        outer = {name for part in parts if isinstance(part, ast.Global) for name in part.names}
        return cls("class", outer=outer)

    @classmethod
    def of_comprehension(cls, generators: Iterable[ast.comprehension]) -> Scope:
        """The scope of a comprehension: what its ``for`` clauses bind."""
        targets = [generator.target for generator in generators]
        return cls("comprehension", set(bindings(targets)))

    @classmethod
    def of_type_parameters(cls, node: ast.AST) -> Scope:
        """The scope around a generic's annotations and body: its type parameters."""
        return cls("type", {each.name for each in getattr(node, "type_params", ())})


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter, in no matter what form it is passed."""
    starred = [each for each in (arguments.vararg, arguments.kwarg) if each]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *starred]


def _own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a body without those of the functions and classes in it."""
    for node in body:
        yield node
        nested = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        if not isinstance(node, nested):
            yield from _own_nodes(ast.iter_child_nodes(node))


def bindings(body: Iterable[ast.AST], *, targets: bool = True) -> Iterator[str]:
    """The names that a body binds; in a comprehension only the walrus binds further out."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.NamedExpr):
            yield node.target.id
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and targets:
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        inner = targets and not isinstance(node, _COMPREHENSIONS)
        yield from bindings(ast.iter_child_nodes(node), targets=inner)
