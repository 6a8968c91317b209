"""What names and expressions of a notebook mean, told from its text without running any of it."""

from __future__ import annotations

import ast
import builtins
import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from heirloom.declare import conditions
from heirloom.declare.artifact import Artifact
from heirloom.declare.emits import Inputs
from heirloom.declare.specs import as_query
from heirloom.engine.annotations import type_named
from heirloom.errors import HeirloomError
from heirloom.records.queries import Query
from heirloom.records.refs import Ref, parse_query_string

__all__ = ["Meanings", "Unknown"]

PULLS = frozenset({"heirloom.pull", "heirloom.pull_frame"})
_READERS = PULLS | {"heirloom.get"}
_OPTIONS = frozenset({"as_", "to", "allow_pickle"})
_MAKERS: Mapping[str, Callable[..., Any]] = {
    "heirloom.Artifact": Artifact,
    "heirloom.ref": Ref.parse,
    **{f"heirloom.{name}": getattr(conditions, name) for name in conditions.__all__},
    **{f"datetime.{kind.__name__}": kind for kind in (date, datetime, time, timedelta)},
    **{f"builtins.{kind.__name__}": kind for kind in (bool, bytes, float, frozenset, int, set)},
    "decimal.Decimal": Decimal,
    "pathlib.Path": Path,
}
_NUMERIC: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class Unknown(Exception):
    """Only running the notebook would tell."""


class Meanings:
    """What the names of a notebook mean, as far as its imports and declarations tell."""

    def __init__(self) -> None:
        self._paths: dict[str, str] = {}
        self._artifacts: dict[str, Artifact] = {}

    def take(self, tree: ast.Module) -> None:
        """Learn what a cell imports and which artifacts it declares."""
        for node in tree.body:
            match node:
                case ast.Import(names=imports):
                    for each in imports:
                        root = each.name.partition(".")[0]
                        self._paths[each.asname or root] = each.name if each.asname else root
                case ast.ImportFrom(module=str(module), names=imports, level=0):
                    for each in imports:
                        self._paths[each.asname or each.name] = f"{module}.{each.name}"
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._declare(name, value)

    def _declare(self, name: str, value: ast.expr) -> None:
        if isinstance(value, ast.Call) and self.called(value.func) == "heirloom.Artifact":
            try:
                self._artifacts[name] = self.value(value)
            except Unknown:
                self._artifacts.pop(name, None)

    @property
    def heirloom(self) -> str:
        """The name under which the notebook knows this package, or a free one."""
        known = [name for name, path in self._paths.items() if path == "heirloom"]
        return known[-1] if known else "heirloom" if "hl" in self._paths else "hl"

    def path(self, node: ast.expr) -> str:
        """The dotted path that a name or an attribute stands for; empty where none is known."""
        match node:
            case ast.Name(id=name) if name in self._paths:
                return self._paths[name]
            case ast.Name(id=name) if hasattr(builtins, name):
                return f"builtins.{name}"
            case ast.Attribute(value=value, attr=attr) if path := self.path(value):
                return f"{path}.{attr}"
        return ""

    def called(self, function: ast.expr) -> str:
        """The path of a function, Heirloom's own where the text has it from `heirloom.flyte`."""
        return self.path(function).replace("heirloom.flyte.", "heirloom.")

    def type(self, node: ast.expr) -> Any:
        """The type that an annotation names; `Any` where the text does not tell."""
        return type_named(node, self.path)

    def value(self, node: ast.expr) -> Any:
        """The value of an expression; of what asks for a version: the artifact, ref or query.

        Raises:
            Unknown: It is more than constants, arithmetic, declarations and queries.
            HeirloomError: It is a declaration or a ref that cannot stand.
        """
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name) if name in self._artifacts:
                return self._artifacts[name]
            case ast.List(elts=items):
                return [self.value(item) for item in items]
            case ast.Tuple(elts=items):
                return tuple(self.value(item) for item in items)
            case ast.Set(elts=items):
                return {self.value(item) for item in items}
            case ast.Dict(keys=keys, values=values):
                return self._dict(keys, values, self.value)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._number(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _NUMERIC:
                return _computed(_NUMERIC[type(op)], self._number(left), self._number(right))
            case ast.Attribute(value=base, attr=attr) if self.path(base) == "heirloom.Inputs":
                return getattr(Inputs, attr)
            case ast.Call():
                return self._called(node)
        raise Unknown

    def _dict(
        self,
        keys: list[ast.expr | None],
        values: list[ast.expr],
        meaning: Callable[[ast.expr], Any],
    ) -> dict[Any, Any]:
        if None in keys:
            raise Unknown
        named = [self.value(key) for key in keys if key is not None]
        return dict(zip(named, map(meaning, values), strict=True))

    def _number(self, node: ast.expr) -> Any:
        value = self.value(node)
        if not isinstance(value, int | float | complex | timedelta):
            raise Unknown
        return value

    def _called(self, node: ast.Call) -> Any:
        path = self.called(node.func)
        if path in _READERS:
            return self._asked(node)
        maker = _MAKERS.get(path)
        if maker is None and isinstance(node.func, ast.Attribute):
            maker = self._asking(node.func.attr, node.func.value)
        if maker is None or any(each.arg is None for each in node.keywords):
            raise Unknown
        given = [self._argument(each) for each in node.args]
        named = {str(each.arg): self._argument(each.value) for each in node.keywords}
        return _computed(maker, *given, **named)

    def _asking(self, name: str, on: ast.expr) -> Callable[..., Any] | None:
        """``artifact.query`` or ``query.per``; `None` for any other method."""
        if name == "query" and isinstance(artifact := self.value(on), Artifact):
            return artifact.query
        if name == "per" and isinstance(query := self.value(on), Query):
            return query.per
        return None

    def _argument(self, node: ast.expr) -> Any:
        """An argument's value; in a mapping, types may stand: ``{"day": date}``."""
        if isinstance(node, ast.Dict):
            return self._dict(node.keys, node.values, self._value_or_type)
        return self.value(node)

    def _value_or_type(self, node: ast.expr) -> Any:
        return self.type(node) if self.path(node) else self.value(node)

    def _asked(self, call: ast.Call) -> Query:
        """The query that ``hl.pull(ref, key=value)`` asks; its options are no part of that."""
        if len(call.args) != 1:
            raise Unknown
        ref = self.value(call.args[0])
        query = as_query(Ref.parse(parse_query_string(ref)) if isinstance(ref, str) else ref)
        if not isinstance(query, Query):
            raise Unknown
        wanted = {str(k.arg): self.value(k.value) for k in call.keywords if k.arg not in _OPTIONS}
        return replace(query, clauses=(*query.clauses, *conditions.clauses(wanted)))

    def repeated(self, node: ast.expr, ref: str) -> str:
        """The text of a call that pulls, with `ref` in place of what it asks; else empty."""
        if not isinstance(node, ast.Call) or self.path(node.func) not in PULLS:
            return ""
        options = [each for each in node.keywords if each.arg in _OPTIONS]
        return ast.unparse(ast.Call(node.func, [ast.Constant(ref)], options))


def _computed(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What a function gives; a mistake that is not ours is for the notebook's own run to show."""
    try:
        return function(*args, **kwargs)
    except HeirloomError:
        raise
    except (ArithmeticError, TypeError, ValueError) as error:
        raise Unknown from error
