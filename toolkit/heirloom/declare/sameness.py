"""Questions about a promise that Python answers itself: ``is``, ``isinstance``, ``match``.

Everything else asks the promise, which refuses; these are told from the text of the body.
"""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import pairwise
from types import FunctionType
from typing import Any

from heirloom.declare.code.bound import Bound
from heirloom.declare.code.seen import Enclosed
from heirloom.declare.code.source import of_function
from heirloom.declare.coded import Coded
from heirloom.errors import DeclarationError

__all__ = ["check_sameness"]

_BY_TYPE = frozenset({"isinstance", "issubclass", "type"})


def check_sameness(function: Callable[..., Any], inputs: Iterable[str], owner: str) -> None:
    """Refuse a body that takes one of two ways by what a promise is.

    Args:
        function: The body.
        inputs: Those of its inputs that are promises.
        owner: What it is the body of.

    Raises:
        DeclarationError: It asks that; the line is given.
    """
    function = inspect.unwrap(function)
    if not isinstance(function, FunctionType):
        return
    with suppress(Bound):  # without a text nobody can tell
        body = of_function(function).node
        found = next(_Asked(function, inputs).of(body), None)
        if found is not None:
            msg = (
                f"{owner!r} asks in line {found.lineno} what {ast.unparse(found)!r} says of a "
                "value that is known only in a run. Do that inside a task, or give it to a "
                "@dynamic workflow, which sees its inputs."
            )
            raise DeclarationError(msg)


class _Asked:
    """Where a body asks what a promise is."""

    def __init__(self, function: FunctionType, inputs: Iterable[str]) -> None:
        self._around = {**function.__globals__, **Enclosed(function)}
        self._promised = set(inputs)

    def of(self, body: ast.AST) -> Iterator[ast.expr]:
        """The expressions that ask, in order."""
        nodes = list(_own(body))
        self._bind(nodes)
        for node in nodes:
            match node:
                case ast.Compare(ops=ops):
                    sides = [node.left, *node.comparators]
                    for op, pair in zip(ops, pairwise(sides), strict=True):
                        if isinstance(op, ast.Is | ast.IsNot) and any(map(self._is_one, pair)):
                            yield node
                case ast.Call(func=ast.Name(id=name), args=[first, *_]):
                    if name in _BY_TYPE and self._is_one(first):
                        yield node
                case ast.Match(subject=subject):
                    if self._is_one(subject):
                        yield subject

    def _bind(self, nodes: list[ast.AST]) -> None:
        """Take note of which names stand for calls, and which for something else at times."""
        others = Counter[str]()
        for node in nodes:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if self._is_one(value):
                    self._promised.add(name)
                    others[name] -= 1
                case ast.Name(id=name, ctx=ast.Store()):
                    others[name] += 1
        self._promised -= {name for name, count in others.items() if count > 0}

    def _is_one(self, node: ast.AST) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self._promised
            case ast.Call(func=ast.Name(id=name)):
                return isinstance(self._around.get(name), Coded)
        return False


def _own(body: ast.AST) -> Iterator[ast.AST]:
    """What a body does itself; what it defines is asked when it is called."""
    for node in ast.iter_child_nodes(body):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from _own(node)
