"""The inputs of a notebook, read from its cell tagged ``parameters``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from heirloom.declare.artifact import Artifact
from heirloom.declare.interface import Interface
from heirloom.declare.specs import MISSING, InputSpec, as_query
from heirloom.engine.cell_text import CellText
from heirloom.engine.ipynb import PARAMETERS, tags
from heirloom.engine.meanings import Meanings, Unknown
from heirloom.errors import DeclarationError
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion

__all__ = ["Parameter", "Parameters"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input as the notebook writes it.

    Attributes:
        hint: The text of an annotation that names a class; else empty.
        value: The expression of its default, or `None`.
        lines: The first and last line of its assignment, where these hold nothing else.
    """

    spec: InputSpec
    hint: str
    value: ast.expr | None
    lines: tuple[int, int] | None


@dataclass(slots=True)
class Parameters:
    """The first cell tagged ``parameters``: its plain assignments to names are the inputs.

    A name with a leading underscore is none, nor is one whose default only running the
    notebook would tell, nor an artifact that is declared there.

    Attributes:
        at: Where the cell stands among all cells, or `None`.
    """

    meanings: Meanings
    at: int | None = None
    found: dict[str, Parameter] = field(default_factory=dict)

    @classmethod
    def read(cls, cells: list[dict[str, Any]], owner: str) -> Parameters:
        """Read the cells up to it.

        Raises:
            DeclarationError: The cell is no Python, or declares what cannot stand.
            InputError: A default does not fit its annotation.
        """
        parameters = cls(Meanings())
        for at, cell in enumerate(cells):
            if cell["cell_type"] != "code":
                continue
            wanted, text = PARAMETERS in tags(cell), CellText.of(cell["source"])
            try:
                tree = ast.parse("") if text.magic else text.tree
            except SyntaxError as error:
                if wanted:
                    msg = f"The parameters of {owner!r} are no Python: {error.msg}, {error.text!r}."
                    raise DeclarationError(msg) from error
                continue
            parameters.meanings.take(tree)
            if wanted:
                parameters.at = at
                parameters._take(tree)
                break
        for parameter in parameters.found.values():
            _check(parameter.spec, owner)
        return parameters

    @property
    def defaults(self) -> dict[str, Any]:
        """Defaults by input: constants and queries."""
        specs = [parameter.spec for parameter in self.found.values()]
        return {spec.name: spec.default for spec in specs if spec.default is not MISSING}

    def interface(self, owner: str) -> Interface:
        """The inputs; `packed`, since a notebook emits any number of versions."""
        inputs = {name: parameter.spec for name, parameter in self.found.items()}
        return Interface(owner, inputs, (), packed=tuple)

    def _take(self, tree: ast.Module) -> None:
        for node in tree.body:
            for name, annotation, value in _assignments(node):
                parameter = self._parameter(name, annotation, value)
                if parameter is None:
                    self.found.pop(name, None)
                else:
                    self.found[name] = replace(parameter, lines=_lines(node, tree))

    def _parameter(
        self, name: str, annotation: ast.expr | None, value: ast.expr | None
    ) -> Parameter | None:
        default = MISSING
        if value is not None:
            try:
                default = self.meanings.value(value)
            except Unknown:
                return None
        if isinstance(default, Artifact) and annotation is None:
            return None
        kind = self.meanings.type(annotation) if annotation else self._type_of(default, value)
        named = isinstance(annotation, ast.Name | ast.Attribute) and _is_class(kind)
        if default is None and kind is not Any:
            kind = kind | None
        hint = ast.unparse(annotation) if annotation is not None and named else ""
        return Parameter(InputSpec(name, kind, as_query(default)), hint, value, None)

    def _type_of(self, default: Any, value: ast.expr | None) -> Any:
        """The type of a default; of a query, what the notebook's own line binds."""
        if default is None or default is MISSING or value is None:
            return Any
        if self.meanings.repeated(value, ""):
            return Any
        if isinstance(value, ast.Call) and self.meanings.path(value.func) == "heirloom.get":
            return ArtifactVersion
        if isinstance(default, Query):
            return list if default.each else Ref
        return type(default)


def _assignments(node: ast.stmt) -> Iterator[tuple[str, ast.expr | None, ast.expr | None]]:
    """Names that a statement assigns plainly, with annotation and value."""
    found: list[tuple[str, ast.expr | None, ast.expr | None]]
    match node:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
            found = [(name, annotation, value)]
        case ast.Assign(targets=targets, value=value):
            found = [(each.id, None, value) for each in targets if isinstance(each, ast.Name)]
        case _:
            found = []
    yield from (each for each in found if not each[0].startswith("_"))


def _lines(node: ast.stmt, tree: ast.Module) -> tuple[int, int] | None:
    first, last = node.lineno, node.end_lineno or node.lineno
    shared = any(
        other is not node and other.lineno <= last and (other.end_lineno or 0) >= first
        for other in tree.body
    )
    return None if shared else (first, last)


def _check(spec: InputSpec, owner: str) -> None:
    if spec.default is not MISSING and not isinstance(spec.default, Query):
        spec.check(spec.default, owner)


def _is_class(kind: Any) -> bool:
    return isinstance(kind, type) and kind is not Any
