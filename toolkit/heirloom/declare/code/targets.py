"""The names in targets and expressions: what is named, what is bound, what stands at the root."""

from __future__ import annotations

import ast
from collections.abc import Iterator

__all__ = ["bound_by", "named", "places", "root_of"]


def named(node: ast.AST) -> Iterator[ast.Name]:
    """Every name in it, whatever is done with it."""
    return (part for part in ast.walk(node) if isinstance(part, ast.Name))


def root_of(node: ast.AST) -> ast.AST:
    """What stands before all attributes and subscripts."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node


def bound_by(target: ast.AST | None) -> Iterator[str]:
    """The names that a target or a pattern binds."""
    match target:
        case None | ast.Attribute() | ast.Subscript():
            return
        case ast.Name(id=name):
            yield name
        case ast.MatchAs() | ast.MatchStar():
            yield from filter(None, [target.name])
        case ast.MatchMapping(rest=str(name)):
            yield name
    for child in ast.iter_child_nodes(target):
        yield from bound_by(child)


def places(target: ast.AST | None) -> Iterator[ast.expr]:
    """The attributes and items that a target stores into, or that take in what they are given."""
    if isinstance(target, ast.Attribute | ast.Subscript):
        yield target
    elif isinstance(target, ast.Tuple | ast.List | ast.Starred):
        for child in ast.iter_child_nodes(target):
            yield from places(child)
