"""One pass over a tree that keeps which of the notebook's names it reads and writes."""

# ruff: noqa: D102 - a visitor's method is named after what it visits
from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from heirloom.declare.code.flow import Flow
from heirloom.declare.code.parsing import parse
from heirloom.declare.code.scope import Function, Scope, parameters

__all__ = ["Walk"]


class Walk(Flow):
    """What is read and written by the trees that it has visited."""

    def __init__(self, *, loops_run: bool = False, annotations_are_text: bool = False) -> None:
        """Start with nothing read and nothing written.

        Args:
            loops_run: As for `Flow`.
            annotations_are_text: Whether annotations are kept as text instead of being evaluated.
        """
        super().__init__(loops_run=loops_run)
        self.annotations_are_text = annotations_are_text
        self.reads = set[str]()
        self.now = set[str]()
        self.soon = set[str]()
        self.bound = set[str]()
        self.mutated = set[str]()
        self.hints = set[str]()
        self._nesting: list[str] = []
        self._classes: list[str] = []

    def _is_global(self, name: str) -> bool:
        """Whether `name`, where the walk stands, is a name of the notebook."""
        nearest = True
        for scope in reversed(self.scopes):
            if scope.kind == "module" or name in scope.outer:
                return True
            # A class's names are seen in its own body only, not in the functions inside it.
            held = scope.local if scope.kind != "class" else scope.sure if nearest else ()
            if name in held:
                return False
            nearest = nearest and scope.kind == "type"
        return True

    def read(self, name: str) -> None:
        """`name` is read here."""
        if not self._is_global(name) or name in self.scopes[0].sure:
            return
        if name in self._classes and "def" in self._nesting:
            return  # a method runs when its class has got its name
        self.reads.add(name)
        if not self._nesting:
            self.now.add(name)
        elif "def" not in self._nesting:
            self.soon.add(name)

    def write(self, name: str) -> None:
        scope = self.scopes[-1]
        if scope.kind == "module" or name in scope.outer:
            self.bound.add(name)
        if scope.kind in ("module", "class"):
            scope.sure.add(name)

    def _mutate(self, node: ast.expr) -> None:
        """What stands at the root of attributes and subscripts is changed in place."""
        while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
            node = node.value
        if isinstance(node, ast.Name) and self._is_global(node.id):
            self.mutated.add(node.id)

    @contextmanager
    def _inside(self, scope: Scope, nesting: str = "") -> Iterator[None]:
        self.scopes.append(scope)
        self._nesting += [nesting] if nesting else []
        yield
        if nesting:
            self._nesting.pop()
        self.scopes.pop()

    def visit_Name(self, node: ast.Name) -> None:
        (self.read if isinstance(node.ctx, ast.Load) else self.write)(node.id)

    def visit_Attribute(self, node: ast.Attribute | ast.Subscript) -> None:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            self._mutate(node)

    visit_Subscript = visit_Attribute

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute):
            self._mutate(node.func)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        inner = list[Scope]()
        while self.scopes[-1].kind == "comprehension":
            inner.insert(0, self.scopes.pop())
        with self.maybe(certain=not inner):
            self.write(node.target.id)
        self.scopes += inner

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.read(node.target.id)
        self.visit(node.value)
        self.visit(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)
        if self.scopes[-1].kind != "function":
            self._annotation(node.annotation)
        if node.value or not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self.generic_visit(node)
        if node.name:
            self.write(node.name)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self.write(node.rest)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.write(alias.asname or alias.name.partition(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.bound.add("*")
            elif node.module != "__future__":
                self.write(alias.asname or alias.name)

    def _annotation(self, node: ast.expr | None) -> None:
        """An annotation is read at once, except where it is kept as text."""
        if node is None:
            return
        if not self.annotations_are_text:
            self.visit(node)
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                self.hints.add(part.id)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                self.hints |= _names_in_text(part.value)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in [*node.decorator_list, *_defaults(node.args)]:
            self.visit(part)
        with self._inside(Scope.of_type_parameters(node)):
            for argument in parameters(node.args):
                self._annotation(argument.annotation)
            self._annotation(node.returns)
        self.write(node.name)
        with self._inside(Scope.of_type_parameters(node), "def"):
            self._type_parameters(node)
            self.body_of(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in _defaults(node.args):
            self.visit(part)
        self.body_of(node)

    def body_of(self, node: Function) -> None:
        """What a call of the function reads and writes."""
        is_lambda = isinstance(node, ast.Lambda)
        with self._inside(Scope.of_function(node), "lambda" if is_lambda else "def"):
            for part in [node.body] if isinstance(node, ast.Lambda) else node.body:
                self.visit(part)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        with self._inside(Scope.of_type_parameters(node)):
            self._type_parameters(node)
            for base in [*node.bases, *node.keywords]:
                self.visit(base)
            self._classes.append(node.name)
            with self._inside(Scope.of_class(node)):
                self.block(node.body)
            self._classes.pop()
        self.write(node.name)

    def _type_parameters(self, node: ast.AST) -> None:
        with self._inside(Scope("function"), "def"):
            for each in getattr(node, "type_params", ()):
                self.generic_visit(each)

    def visit_TypeAlias(self, node: ast.AST) -> None:
        name, value = node.name, node.value  # type: ignore[attr-defined]  # Python 3.12 and later
        self.visit(name)
        with self._inside(Scope.of_type_parameters(node), "def"):
            self._type_parameters(node)
            self.visit(value)

    def visit_ListComp(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        self.visit(node.generators[0].iter)
        with self._inside(Scope.of_comprehension(node.generators)):
            for position, generator in enumerate(node.generators):
                if position:
                    self.visit(generator.iter)
                self.visit(generator.target)
                for condition in generator.ifs:
                    self.visit(condition)
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, ast.comprehension):
                    self.visit(child)

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(each for each in arguments.kw_defaults if each)]


def _names_in_text(text: str) -> set[str]:
    """The names in an annotation that is a string; none if it is no expression."""
    try:
        tree = parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return set()
    return {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
