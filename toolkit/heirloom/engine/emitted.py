"""What a notebook emits, told from the text of its cells; nothing of it is run."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from heirloom.declare.artifact import Artifact
from heirloom.engine.cell_text import CellText
from heirloom.engine.ipynb import tags
from heirloom.engine.meanings import Meanings, Unknown
from heirloom.errors import HeirloomError, RefError
from heirloom.records.refs import Ref

__all__ = ["emitted"]

_DECLARING = frozenset({"task", "workflow"})
_DECORATORS = frozenset(f"heirloom.{name}" for name in ("task", "workflow", "dynamic"))
_LATER = ("heirloom.LaunchPlan", "heirloom.OnArtifact")
_NAME = re.compile(r"[^\s\[\]{}@'\"]+")
_RUN = re.compile(r"%run_workflow\s+(\w+)")


def emitted(cells: Sequence[Mapping[str, Any]]) -> tuple[Ref, ...]:
    """The artifacts that the cells are known to emit, each once, sorted; no values of keys.

    Those of ``%%artifact``, of `publish` whose name stands in the text, and of the tasks and
    workflows that some cell uses. What a function of another module emits is not seen, nor a
    name that only running would tell.
    """
    reader = _Reader()
    texts = [
        CellText.of(cell["source"])
        for cell in cells
        if cell["cell_type"] == "code" and "skip-execution" not in tags(cell)
    ]
    for text in texts:
        reader.learn(text)
    for text in texts:
        reader.read(text)
    return tuple(sorted(reader.reached(), key=str))


@dataclass(slots=True)
class _Part:
    """What a piece of the notebook emits itself, and the names that it uses."""

    emits: set[Ref] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Reader:
    """Reads all cells: what runs with them, and what their functions would do when called."""

    meanings: Meanings = field(default_factory=Meanings)
    known: set[str] = field(default_factory=set)
    now: _Part = field(default_factory=_Part)
    functions: dict[str, _Part] = field(default_factory=dict)

    def learn(self, text: CellText) -> None:
        """Take note of the names that a cell binds, before any is read."""
        if text.magic not in {"", "artifact"}:
            return
        try:
            tree = text.tree
        except SyntaxError:
            return
        self.meanings.take(tree)
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=name, ctx=ast.Store()):
                    self.known.add(name)
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    self.known.add(name)
                case ast.alias(name=name, asname=own):
                    self.known.add(own or name.partition(".")[0])

    def read(self, text: CellText) -> None:
        """Take note of what a cell emits when it runs, and of the functions that it defines."""
        try:
            if text.magic in _DECLARING:
                self._declaration(text)
                return
            if text.magic == "artifact" and (name := _NAME.match(text.line)):
                self.now.emits |= _named(name.group())
            if text.magic in {"", "artifact"}:
                self.now.uses.update(_RUN.findall(text.body))
                for statement in text.tree.body:
                    self._statement(statement)
        except SyntaxError:
            return

    def reached(self) -> set[Ref]:
        """What the cells emit, themselves and by the functions that they use."""
        found, seen, ahead = set(self.now.emits), set[str](), [*self.now.uses]
        while ahead:
            name = ahead.pop()
            if name in self.functions and name not in seen:
                seen.add(name)
                found |= self.functions[name].emits
                ahead += self.functions[name].uses
        return found

    def _declaration(self, text: CellText) -> None:
        """``%%task NAME(signature) -> artifact``."""
        (definition,) = ast.parse(f"def {text.line.removesuffix(':')}: pass").body
        if not isinstance(definition, ast.FunctionDef):
            return
        part = self.functions.setdefault(definition.name, _Part())
        for node in _promised(definition.returns):
            if isinstance(node, ast.Name) and self._is_new(node.id):
                part.emits.add(Ref(node.id))
            part.emits |= self._artifact(node)
        for statement in text.tree.body:
            _Uses(self, part).visit(statement)

    def _is_new(self, name: str) -> bool:
        """Whether a name that stands for a result declares an artifact."""
        return name not in self.known and not hasattr(builtins, name) and name != "Inputs"

    def _statement(self, statement: ast.stmt) -> None:
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            _Uses(self, self.now).visit(statement)
            return
        part = self.functions.setdefault(statement.name, _Part())
        if any(self._declares(each) for each in statement.decorator_list) and statement.returns:
            for node in ast.walk(statement.returns):
                part.emits |= self._artifact(node)
        for inner in statement.body:
            _Uses(self, part).visit(inner)

    def _declares(self, decorator: ast.expr) -> bool:
        made = decorator.func if isinstance(decorator, ast.Call) else decorator
        return self.meanings.called(made) in _DECORATORS

    def _artifact(self, node: ast.AST) -> set[Ref]:
        """The artifact that an expression is, if it is one."""
        if not isinstance(node, ast.expr):
            return set()
        try:
            found = self.meanings.value(node)
        except (Unknown, HeirloomError):
            return set()
        return {Ref(found.name, found.project)} if isinstance(found, Artifact) else set()

    def emitted_by(self, call: ast.Call) -> set[Ref]:
        """What a call emits itself: ``publish(value, name)``, ``artifact.create_from(value)``."""
        if isinstance(call.func, ast.Attribute) and call.func.attr == "create_from":
            return self._artifact(call.func.value)
        if self.meanings.called(call.func) != "heirloom.publish":
            return set()
        given = [each.value for each in call.keywords if each.arg == "ref"]
        name = next(iter([*call.args[1:2], *given]), None)
        begin = name.values[0] if isinstance(name, ast.JoinedStr) else name
        match begin:
            case ast.Constant(value=str(text)) if begin is name or "[" in text:
                return _named(text.partition("[")[0])
        return set()


class _Uses(ast.NodeVisitor):
    """Walks through what runs together, and notes what it emits and uses in its part."""

    def __init__(self, reader: _Reader, part: _Part) -> None:
        self._reader = reader
        self._part = part

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._part.uses.add(node.id)

    def visit_Call(self, node: ast.Call) -> None:
        if self._reader.meanings.called(node.func).startswith(_LATER):
            return  # it says what runs another time
        self._part.emits |= self._reader.emitted_by(node)
        self.generic_visit(node)


def _promised(returns: ast.expr | None) -> Iterator[ast.expr]:
    """What stands for the results in a signature, without the keys that a call binds."""
    match returns:
        case ast.Subscript(slice=ast.Tuple(elts=parts)):
            for part in parts:
                yield from _promised(part)
        case ast.Call(func=function):
            yield function
        case ast.expr():
            yield returns


def _named(text: str) -> set[Ref]:
    """The artifact of a written ref; its version and its keys aside."""
    try:
        ref = Ref.parse(text)
    except RefError:
        return set()
    return {Ref(ref.name, ref.project)}
