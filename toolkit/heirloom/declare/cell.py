"""Cells as functions: the text of a reactive cell, of ``%%task`` and of ``%%workflow``.

Everything here is text, made of text; `define` alone runs what was made.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import linecache
import re
from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass
from typing import Any

from heirloom.declare.artifact import Artifact
from heirloom.declare.body import split
from heirloom.declare.cell_output import CellOutput
from heirloom.declare.code.indentation import indented
from heirloom.declare.code.lines import lines_of
from heirloom.declare.trace import names
from heirloom.errors import DeclarationError
from heirloom.records.refs import Ref

__all__ = ["Written", "declaration", "define", "reactive"]

_SERIAL = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Written:
    """The text of one decorated function, and the name that it binds."""

    name: str
    text: str
    heading: int
    """How many lines stand before the cell's own first line."""


def reactive(
    output: CellOutput,
    body: str,
    *,
    inputs: Mapping[str, Ref],
    cache: bool = False,
    keep: Collection[str] = (),
    module: str = "heirloom",
) -> Written:
    """A cell as a task that emits: its ``--from`` inputs are the parameters.

    Args:
        output: What it emits.
        body: The cell's Python text, which has a value.
        inputs: What ``--from`` binds, by name.
        cache: Whether what an equal run made is reused.
        keep: Names that it leaves to the text around, as a cell does to its notebook.
        module: The name that the module `heirloom` has around the text.

    Raises:
        DeclarationError: The body cannot be a function's.
    """
    found = names(body, loops_run=True)
    early = sorted((found.now & found.sure & found.writes) - found.mutated - {*inputs, *keep})
    if early:
        msg = (
            f"A cell that runs again has a namespace of its own, and this one reads {early[0]!r} "
            "before it assigns it. Give the new value another name, or bring the old one with "
            f"--from {early[0]}=REF."
        )
        raise DeclarationError(msg)
    name = _free(f"cell_{output.artifact.name}", found.reads | found.writes | found.hints)
    options = f"name={output.artifact.name!r}, kind='cell'{_asked(inputs)}"
    heading = (
        f"@{module}.task({options}{', cache=True' if cache else ''})\n"
        f"def {name}({', '.join(inputs)}) -> {output.promise(module)}:"
    )
    returned = _returning(body, *output.around(module))
    if keep:
        heading = f"{heading}\n    global {', '.join(sorted(keep))}"
    return _checked(Written(name, f"{heading}\n{indented(returned)}\n", 3 if keep else 2))


def declaration(
    kind: str,
    line: str,
    body: str,
    *,
    artifacts: Callable[[str], Artifact | None],
    around: Container[str],
    module: str = "heirloom",
) -> Written:
    """The text of ``%%task NAME(signature) -> artifact``, or of ``%%workflow``.

    Args:
        kind: ``task`` or ``workflow``.
        line: The signature as the user wrote it.
        body: The cell's Python text; its last value is returned.
        artifacts: The declared artifact of a name, or `None`.
        around: The names of the notebook.
        module: The name that the module `heirloom` has around the text.

    Raises:
        DeclarationError: The line is no signature, or the body has no value to return.
        SyntaxError: The body is no Python.
    """
    definition = _signature(kind, line)
    looked = _Artifacts(artifacts, around, module)
    arguments = definition.args
    arguments.defaults = [looked.visit(each) for each in arguments.defaults]
    arguments.kw_defaults = [each and looked.visit(each) for each in arguments.kw_defaults]
    promised = definition.returns
    if promised is not None:
        definition.returns = looked.result(promised)
    definition.body = [ast.Pass()]
    heading = ast.unparse(ast.fix_missing_locations(definition)).rpartition("\n")[0]
    returned = body if promised is None and not _has_value(body) else _returning(body)
    text = f"@{module}.{kind}\n{heading}\n{indented(returned)}\n"
    return _checked(Written(definition.name, text, 2))


def define(written: Written, namespace: dict[str, Any], label: str) -> Any:
    """Run the text in `namespace`, and return what it bound there.

    `inspect` and tracebacks find the text under a name made of `label`.
    """
    file = f"<heirloom {label} {next(_SERIAL)}>"
    linecache.cache[file] = (len(written.text), None, lines_of(written.text), file)
    exec(compile(written.text, file, "exec", dont_inherit=True), namespace)
    return namespace[written.name]


def _free(wanted: str, taken: Container[str]) -> str:
    """An identifier made of `wanted` that is not among the names of the body."""
    name = re.sub(r"\W", "_", wanted)
    while name in taken:
        name += "_"
    return name


def _asked(inputs: Mapping[str, Ref]) -> str:
    """The option that says what is asked for anew: what ``--from`` names without a version."""
    asks = {name: str(ref) for name, ref in inputs.items() if ref.at in (None, "latest")}
    return f", asks={asks!r}" if asks else ""


def _has_value(body: str) -> bool:
    try:
        split(body)
    except DeclarationError:
        return False
    return True


def _returning(body: str, before: str = "", after: str = "") -> str:
    """The body's text, its last value returned, with `before` and `after` around it.

    Raises:
        DeclarationError: It has no value.
        SyntaxError: It is no Python.
    """
    name = split(body).name
    if name is not None:
        return f"{body.rstrip()}\nreturn {before}{name}{after}"
    last = ast.parse(body).body[-1]
    lines = [line.encode() for line in lines_of(body)]
    end = (last.end_lineno or last.lineno) - 1
    stop = last.end_col_offset or 0
    lines[end] = lines[end][:stop] + after.encode() + lines[end][stop:]
    start = last.lineno - 1
    begin = lines[start][: last.col_offset] + f"return {before}".encode()
    lines[start] = begin + lines[start][last.col_offset :]
    return b"".join(lines).decode().rstrip()


def _checked(written: Written) -> Written:
    try:
        compile(written.text, written.name, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = (error.lineno or 0) - written.heading
        what = f"{error.msg} (line {max(line, 1)} of the cell)"
        hint = " Only a plain %%artifact cell may await: one without --on and --cache."
        msg = f"This cell cannot be a function: {what}.{hint if 'async' in what else ''}"
        raise DeclarationError(msg) from None
    return written


def _signature(kind: str, line: str) -> ast.FunctionDef:
    written = line.strip().removesuffix(":")
    try:
        tree = ast.parse(f"def {written}: pass")
    except SyntaxError as error:
        at = min(max((error.offset or 1) - len("def ") - 1, 0), len(written))
        msg = (
            f"%%{kind} takes a name with a signature: %%{kind} clean(raw: int) -> cleaned; "
            f"{error.msg} (at {at + 1}: {written[:at]}▸{written[at:]})"
        )
        raise DeclarationError(msg) from None
    match tree.body:
        case [ast.FunctionDef(body=[ast.Pass()]) as definition]:
            return definition
    msg = f"%%{kind} takes one signature on its line; the body is the cell. Got {written!r}."
    raise DeclarationError(msg)


class _Artifacts(ast.NodeTransformer):
    """Puts artifacts in the place of names that are theirs."""

    def __init__(
        self, declared: Callable[[str], Artifact | None], around: Container[str], module: str
    ) -> None:
        self._declared = declared
        self._around = around
        self._module = module

    def visit_Name(self, node: ast.Name) -> ast.expr:
        found = self._declared(node.id)
        if found is not None:
            return self._expression(found)
        if node.id == "Inputs" and node.id not in self._around:
            return ast.parse(f"{self._module}.Inputs", mode="eval").body
        return node

    def result(self, node: ast.expr) -> ast.expr:
        """What stands after ``->``, where a name that is not known declares an artifact."""
        match node:
            case ast.Name(id=name) if self._is_new(name):
                return self._expression(Artifact(name, []))
            case ast.Call(func=ast.Name(id=name), keywords=keywords) if self._is_new(name):
                given = [each.arg for each in keywords if each.arg]
                keys = [key for key in given if key != "time_partition"]
                new = Artifact(name, keys, time_partitioned=len(keys) != len(given))
                node.func = self._expression(new)
                node.keywords = [self.visit(each) for each in keywords]
                return node
            case ast.Subscript(slice=ast.Tuple(elts=parts) as several):
                several.elts = [self.result(each) for each in parts]
                return node
        changed: ast.expr = self.visit(node)
        return changed

    def _is_new(self, name: str) -> bool:
        known = name in self._around or hasattr(builtins, name) or name == "Inputs"
        return not known and self._declared(name) is None

    def _expression(self, artifact: Artifact) -> ast.expr:
        return ast.parse(CellOutput(artifact=artifact).promise(self._module), mode="eval").body
