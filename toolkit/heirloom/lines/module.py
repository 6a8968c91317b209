"""A notebook as a plain module: its cells in their order, magics as the calls they stand for."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from heirloom.declare.artifact import Artifact
from heirloom.declare.cell import declaration
from heirloom.declare.code.indentation import indented
from heirloom.declare.code.lines import lines_of
from heirloom.declare.trace import Names, names
from heirloom.engine.cell_text import CellText, magic_lines
from heirloom.engine.ipynb import Notebook, tags
from heirloom.errors import DeclarationError, HeirloomError
from heirloom.lines.emitting import emitting_cell, only_shows
from heirloom.lines.fields import source_of
from heirloom.lines.line_calls import IsBound, call_of

__all__ = ["MARK", "Module", "module_of"]

MARK = "written by heirloom export-module"
_LOADS = re.compile(r"%(load_ext|reload_ext)\s+heirloom\s*$")
_NEEDS_A_SHELL = frozenset({"get_ipython", "In", "Out"})
Declared: TypeAlias = Callable[[str], Artifact | None]


@dataclass(frozen=True, slots=True)
class Module:
    """What a notebook is as a module.

    Attributes:
        text: Python that needs Heirloom, what the cells import, and no IPython.
        left_out: What only a notebook can do, by its cell; it stands in the text as comments.
    """

    text: str
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Cell:
    number: int
    text: CellText
    above: int
    """How many lines stand above its body."""
    tags: list[str]
    python: str = ""
    """Its body without magics of lines."""
    found: Names = field(default_factory=Names)

    @property
    def acts(self) -> bool:
        """Whether its body is Python that is run, or declares what will be."""
        if self.text.magic == "artifact":
            return not only_shows(self.text.line)
        return self.text.magic in {"", "task", "workflow"}


def module_of(notebook: Notebook, declared: Declared) -> Module:
    """The module; nothing of the notebook is run.

    Args:
        notebook: Its text.
        declared: The artifact that is declared under a name, or `None`.

    Raises:
        DeclarationError: A cell is no Python, or cannot be a module's; it is named.
    """
    if not notebook.in_python:
        msg = f"{notebook.path!r} is written in {notebook.language}; a module is Python."
        raise DeclarationError(msg)
    writer = _Writer(notebook, declared)
    parts = [*writer.parts()]
    text = "\n\n\n".join([writer.head(), *parts]) + "\n"
    try:
        compile(text, notebook.path, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = lines_of(text)[(error.lineno or 1) - 1].strip()
        msg = f"{notebook.path!r} cannot be a module: {error.msg} ({line!r})."
        raise DeclarationError(msg) from error
    left_out = sorted(writer.left_out.items())
    return Module(text, tuple(f"cell {number}: {what}" for (number, _), what in left_out))


class _Writer:
    """Writes one cell after the other."""

    def __init__(self, notebook: Notebook, declared: Declared) -> None:
        self._file = Path(notebook.path).name
        self._declared = declared
        self._made: dict[str, Artifact] = {}
        self._card = ""
        self._bound: set[str] = set()
        self._cell: _Cell
        self.left_out: dict[tuple[int, int], str] = {}  # by cell and line
        self._cells = [*self._read(notebook)]
        used = frozenset().union(*(cell.found.reads for cell in self._cells))
        if used & _NEEDS_A_SHELL:
            raise self._refused(f"{min(used & _NEEDS_A_SHELL)} is a notebook's alone", None)
        self._displays = "display" in used

    def _read(self, notebook: Notebook) -> Iterator[_Cell]:
        for number, cell in enumerate(notebook.cells, start=1):
            if cell["cell_type"] != "code" or "skip-execution" in tags(cell):
                continue
            text = CellText.of(cell["source"])
            above = cell["source"].count("\n") - text.body.count("\n")
            self._cell = _Cell(number, text, above, tags(cell))
            if self._cell.acts:
                try:
                    self._cell.python = self._python(str.isidentifier)
                    self._cell.found = names(self._cell.python)
                except SyntaxError as error:
                    raise self._refused(self._no_python(error), error) from error
                except HeirloomError as error:
                    raise self._refused(str(error), error) from error
            yield self._cell

    def head(self) -> str:
        """What stands before the first cell."""
        lines = [f'"""{self._file} as a module, {MARK}."""', "", "import heirloom"]
        return "\n".join([*lines, "", "display = print"] if self._displays else lines)

    def parts(self) -> Iterator[str]:
        """Each cell's text, under its number."""
        for cell in self._cells:
            self._cell = cell
            bound = {*self._bound, *cell.found.writes}
            cell.python = cell.python and self._python(bound.__contains__)
            try:
                text = self._part(cell)
            except HeirloomError as error:
                raise self._refused(str(error), error) from error
            self._bound |= cell.found.writes
            if text.strip():
                text = _tolerated(text) if "raises-exception" in cell.tags else text
                yield f"# cell {cell.number}\n{text.strip()}"

    def _part(self, cell: _Cell) -> str:
        match cell.text.magic:
            case "":
                return cell.python
            case "artifact" if cell.acts:
                return self._emitting(cell)
            case "task" | "workflow" as kind:
                return self._declaring(kind, cell)
            case "card":
                return self._held(cell.text)
        also = " --preview" if cell.text.magic == "artifact" else ""
        self.left_out[cell.number, 0] = f"%%{cell.text.magic}{also}"
        return _comment(f"%%{cell.text.magic} {cell.text.line}\n{cell.text.body}")

    def _emitting(self, cell: _Cell) -> str:
        others = (each.found.reads for each in self._cells if each is not cell)
        written = emitting_cell(
            cell.text.line,
            cell.python,
            cell.found,
            artifact=self._artifact,
            used=frozenset().union(*others),
            held=self._card,
            bound=self._bound,
        )
        self._made[written.artifact.name] = written.artifact
        self._card = "" if written.takes_held else self._card
        return written.text

    def _declaring(self, kind: str, cell: _Cell) -> str:
        written = declaration(
            kind, cell.text.line, cell.python, artifacts=self._artifact, around=self._bound
        )
        self._bound.add(written.name)
        for artifact in _promised(written.text):
            self._made.setdefault(artifact.name, artifact)
        return written.text

    def _held(self, text: CellText) -> str:
        """A card for the next emission, or the revision of one."""
        card = source_of(text.body)
        if text.line:
            return f"heirloom.annotate({source_of(text.line)}, card={card})"
        self._card = f"heirloom.Card({card})"
        return ""

    def _artifact(self, name: str) -> Artifact | None:
        return self._made.get(name) or self._declared(name)

    def _python(self, is_bound: IsBound) -> str:
        """A body with magics of lines as calls, or as comments where only a notebook has them."""
        body = self._cell.text.body
        with suppress(SyntaxError):
            ast.parse(body)
            return body
        lines, magics = body.split("\n"), magic_lines(body)
        return "\n".join(
            self._line(at, line, is_bound) if at in magics else line
            for at, line in enumerate(lines)
        )

    def _line(self, at: int, line: str, is_bound: IsBound) -> str:
        magic = line.strip()
        indent = line[: len(line) - len(line.lstrip())]
        try:
            call = call_of(magic, is_bound)
        except HeirloomError as error:
            msg = f"line {self._cell.above + at + 1} ({magic!r}): {error}"
            raise DeclarationError(msg) from error
        if call is not None:
            return f"{indent}{call}"
        if not _LOADS.match(magic):
            self.left_out[self._cell.number, at] = magic.split()[0]
        return f"{indent}pass  # {magic}" if indent else f"# {line}"

    def _no_python(self, error: SyntaxError) -> str:
        at, text = error.lineno or 1, (error.text or "").strip()
        return f"is no Python: {error.msg} (line {self._cell.above + at}: {text!r})"

    def _refused(self, why: str, error: BaseException | None) -> DeclarationError:
        where = f"cell {self._cell.number} of " if error is not None else ""
        msg = f"{where}{self._file!r} cannot be a module's: {why}"
        return DeclarationError(msg if msg.endswith((".", "?")) else f"{msg}.")


def _promised(text: str) -> Iterator[Artifact]:
    """The artifacts that a written function promises: they may be new, and are known from here."""
    (definition,) = ast.parse(text).body
    for node in ast.walk(getattr(definition, "returns", None) or ast.Constant(None)):
        match node:
            case ast.Call(func=ast.Attribute(attr="Artifact"), args=args, keywords=keywords):
                options = {str(each.arg): ast.literal_eval(each.value) for each in keywords}
                yield Artifact(*map(ast.literal_eval, args), **options)


def _tolerated(text: str) -> str:
    """A cell that may raise."""
    return (
        f"try:\n{indented(text.strip())}\nexcept Exception:\n"
        "    __import__('traceback').print_exc()  # as its tag raises-exception says"
    )


def _comment(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.rstrip().split("\n"))
