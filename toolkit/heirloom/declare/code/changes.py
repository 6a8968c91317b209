"""Which names a text may change in place: also through other names, locals and parameters.

Objects are not looked at. `HOLDS` says, construct by construct, which target may come to be (a
part of) what which expression names; a change of the one is a change of the other.
"""

# ruff: noqa: D102 - a visitor's method is named after what it visits
from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from heirloom.declare.code.magic_text import MagicText, magic_text
from heirloom.declare.code.scope import Function, parameters
from heirloom.declare.code.targets import bound_by, named, places, root_of
from heirloom.declare.code.walk import Walk

__all__ = ["HOLDS", "Changes"]

Bindings: TypeAlias = Iterable[tuple[ast.AST | None, list[ast.AST]]]
_ITSELF = frozenset(
    {
        *("add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "insert"),
        *("pop", "popitem", "popleft", "remove", "reverse", "setdefault", "sort", "update"),
    }
)
"""Methods by which containers change themselves, and nothing that they hold."""
_PUT = _ITSELF | {"put", "put_nowait", "push", "send"}
"""Methods by which something takes in what it is given."""
_ARGUMENTS = frozenset(
    {
        *("anext", "next", "setattr", "delattr", "setitem", "delitem", "shuffle"),
        *("heapify", "heappop", "heappush", "heappushpop", "heapreplace"),
        *("insort", "insort_left", "insort_right"),
        *("copyto", "fill_diagonal", "place", "put", "putmask"),
    }
)
"""Library functions that are known to change what they are given."""
_OWN = ("self", "cls")

HOLDS: Mapping[type[ast.AST], Callable[[Any], Bindings]] = {
    ast.Assign: lambda node: [(target, [node.value]) for target in node.targets],
    ast.AnnAssign: lambda node: [(node.target, [node.value])],
    ast.AugAssign: lambda node: [(node.target, [node.value])],
    ast.NamedExpr: lambda node: [(node.target, [node.value])],
    ast.For: lambda node: [(node.target, [node.iter])],
    ast.AsyncFor: lambda node: [(node.target, [node.iter])],
    ast.withitem: lambda node: [(node.optional_vars, [node.context_expr])],
    ast.Match: lambda node: [(case.pattern, [node.subject]) for case in node.cases],
    ast.Call: lambda node: [(_receiver(node.func), [*node.args, *node.keywords])],
}


class Changes(Walk):
    """What `Walk` keeps, and what may be changed in place.

    A name of a function or comprehension stands in the sets with a dot before it.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        super().__init__()
        self.stored = set[str]()
        self.handed = set[str]()
        self.given = set[str]()
        self.kept = set[str]()
        self._bindings, self._sourceless = Counter[str](), Counter[str]()
        self.magics: list[MagicText] = []
        self.touched = set[tuple[str, bool]]()
        self._loops = 0
        self._again = set[str]()
        self._same: dict[str, set[str]] = defaultdict(set)
        self._within: dict[str, set[str]] = defaultdict(set)

    def holds_on(self, name: str) -> bool:
        """Whether a name of the notebook holds to the end what it held when it was used."""
        return not name.startswith(".") and self._bindings[name] < 2 and name not in self._again

    def sourceless(self) -> set[str]:
        """Names that are bound to nothing but modules and plain functions."""
        return {name for name, n in self._sourceless.items() if n == self._bindings[name]}

    def write(self, name: str) -> None:
        self._bindings[name] += 1
        self._again |= {name} if self._loops else set()
        super().write(name)

    def behind(self, touched: Iterable[tuple[str, bool]]) -> set[str]:
        """The names, and those that hold the same; with what is inside where a change goes deep."""
        seen = set[tuple[str, bool]]()
        stack = list(touched)
        while stack:
            each = stack.pop()
            if each not in seen:
                seen.add(each)
                name, deep = each
                stack += [(other, True) for other in self._same[name]]
                stack += [(other, True) for other in self._within[name] if deep]
        return {name for name, _ in seen}

    def _key(self, name: str) -> str:
        return name if self._is_global(name) else f".{name}"

    def _keys(self, *nodes: ast.AST | None) -> set[str]:
        return {self._key(part.id) for node in nodes if node for part in named(node)}

    def function(self, node: Function) -> None:
        """What a call of a function does."""
        self._parameters(node.args)
        self.body_of(node)

    # ------------------------------------------------------------------ what holds what

    def visit(self, node: ast.AST) -> None:
        """Note what the construct binds to what, then visit it."""
        for target, values in HOLDS.get(type(node), _nothing)(node):
            self._hold(target, self._keys(*values))
        super().visit(node)

    def _hold(self, target: ast.AST | None, values: set[str]) -> None:
        for name in bound_by(target):
            self._same[self._key(name)] |= values
        for place in places(target):
            for root in self._keys(root_of(place)):
                self._within[root] |= values

    def visit_ListComp(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        for generator in node.generators:
            values = self._keys(generator.iter)
            values |= {f".{part.id}" for part in named(generator.iter)}
            for name in bound_by(generator.target):
                self._same[f".{name}"] |= values
        super().visit_ListComp(node)

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if not node.decorator_list and not self._parameters(node.args):
            self._sourceless[node.name] += 1
        self._result(node.name, node.body)
        super().visit_FunctionDef(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._parameters(node.args)
        super().visit_Lambda(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._result(node.name, node.body)
        super().visit_ClassDef(node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.kept |= {f".{name}" for name in node.names}
        self.touched |= {(f".{name}", False) for name in node.names}

    def _parameters(self, arguments: ast.arguments) -> set[str]:
        """Take in what a function is given; the names in its defaults."""
        defaults = self._keys(*arguments.defaults, *arguments.kw_defaults)
        for each in parameters(arguments):
            (self.kept if each.arg in _OWN else self.given).add(f".{each.arg}")
            self._same[f".{each.arg}"] |= defaults
        ordered = [*arguments.posonlyargs, *arguments.args][::-1]
        own = [each for each, _ in zip(ordered, arguments.defaults, strict=False)]
        pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        own += [each for each, default in pairs if default is not None]
        self.kept |= {f".{each.arg}" for each in own}
        return defaults

    def _result(self, name: str, body: list[ast.stmt]) -> None:
        """What a call gives may be any part of what the body names."""
        inside = {part.id for statement in body for part in named(statement)}
        self._same[self._key(name)] |= inside | {f".{each}" for each in inside}

    # ------------------------------------------------------------------ what is changed

    def _mutate(self, node: ast.expr) -> None:
        super()._mutate(node)
        is_store = not isinstance(getattr(node, "ctx", None), ast.Load)
        itself = is_store or getattr(node, "attr", "") in _ITSELF
        below = getattr(node, "value", node)
        deep = not itself or isinstance(below, ast.Attribute | ast.Subscript)
        roots = self._keys(root_of(node))
        self.touched |= {(root, deep) for root in roots}
        self.stored |= roots if is_store else set()

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        super().visit_AugAssign(node)
        if isinstance(node.target, ast.Name):
            self.touched.add((self._key(node.target.id), False))

    def visit_Call(self, node: ast.Call) -> None:
        super().visit_Call(node)
        self.handed |= self._keys(*node.args, *node.keywords)
        word = getattr(node.func, "attr", getattr(node.func, "id", ""))
        filled = node.args if word in _ARGUMENTS else []
        filled = filled + [each.value for each in node.keywords if each.arg == "out"]
        self.touched |= {(name, True) for name in self._keys(*filled)}
        if (found := magic_text(node)) is not None:
            self.magics.append(found)

    # ------------------------------------------------------------------ what is surely bound

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self._loops += 1
        super().visit_For(node)
        self._loops -= 1

    visit_AsyncFor = visit_For

    def visit_While(self, node: ast.While) -> None:
        self._loops += 1
        super().visit_While(node)
        self._loops -= 1

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        with self.maybe():  # any context manager may swallow what its body raises
            super().visit_With(node)

    visit_AsyncWith = visit_With

    def visit_Compare(self, node: ast.Compare) -> None:
        self.visit(node.left)
        self.visit(node.comparators[0])
        with self.maybe():
            for value in node.comparators[1:]:
                self.visit(value)

    def visit_Import(self, node: ast.Import) -> None:
        self._imported(node)
        with self.maybe():  # a module keeps what was put into it
            super().visit_Import(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._imported(node)
        with self.maybe():
            super().visit_ImportFrom(node)

    def _imported(self, node: ast.Import | ast.ImportFrom) -> None:
        self._sourceless.update(each.asname or each.name.partition(".")[0] for each in node.names)


def _nothing(_: ast.AST) -> Bindings:
    return ()


def _receiver(node: ast.expr) -> ast.expr | None:
    """What takes in what it is called with."""
    return node if isinstance(node, ast.Attribute) and node.attr in _PUT else None
