"""Inputs of a notebook that is not in Python: found in its text, written by papermill."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from heirloom.declare.specs import InputSpec, as_query
from heirloom.engine.injection import with_inputs
from heirloom.engine.ipynb import PARAMETERS, Notebook, tags
from heirloom.engine.meanings import Meanings
from heirloom.engine.parameters import Parameter, Parameters
from heirloom.engine.payloads import Payloads
from heirloom.engine.slots import Slot
from heirloom.errors import MissingExtra, NotSupported
from heirloom.records.payloads import ABSENT
from heirloom.records.refs import SCHEME, Ref

__all__ = ["OtherInjection", "plain_parameters"]

_LINE = re.compile(
    r"""^\s* (?:(?:export|local|const|let|var|val|my)\s+)? [$]?(?P<name>[A-Za-z]\w*)
    \s*(?:<-|:?=)\s* (?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s;\#"']+)
    \s*;?\s* (?:(?:\#|//).*)?$""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS = {"true": True, "TRUE": True, "false": False, "FALSE": False}
_SHELLS = frozenset({"bash", "sh", "zsh"})


def plain_parameters(notebook: Notebook) -> Parameters:
    """The inputs of a notebook that is not in Python.

    They are the lines of its first cell tagged ``parameters`` that give a name a number, a text
    or a truth. A text that is a full ref is asked for as a query's default is. Any other
    line stays the notebook's own.
    """
    parameters = Parameters(Meanings())
    for at, cell in enumerate(notebook.cells):
        if cell["cell_type"] == "code" and PARAMETERS in tags(cell):
            parameters.at = at
            found = _plain(cell["source"], notebook.language)
            specs = [_spec(name, value) for name, value in found]
            parameters.found = {spec.name: Parameter(spec, "", None, None) for spec in specs}
            break
    return parameters


def _plain(source: str, language: str) -> Iterator[tuple[str, Any]]:
    for line in source.splitlines():
        match = _LINE.match(line)
        value = _literal(match["value"], language) if match else ABSENT
        if match and value is not ABSENT:
            yield match["name"], value


def _literal(text: str, language: str) -> Any:
    if text[0] == "'":
        return text[1:-1]
    if text[0] == '"':
        try:
            return json.loads(text)
        except ValueError:
            return ABSENT
    if _NUMBER.fullmatch(text):
        return json.loads(text.lstrip("+"))
    plain = language in _SHELLS and re.fullmatch(r"[\w./:@-]+", text)
    return _WORDS.get(text, text if plain else ABSENT)


def _spec(name: str, value: Any) -> InputSpec:
    if isinstance(value, str) and value.startswith(SCHEME):
        return InputSpec(name, Ref, as_query(Ref.parse(value)))
    return InputSpec(name, type(value), value)


def _papermill() -> Any:
    try:
        return importlib.import_module("papermill.translators")
    except ImportError as error:
        msg = "Inputs in another language are written by papermill: pip install papermill"
        raise MissingExtra(msg, extra="papermill") from error


@dataclass(slots=True)
class OtherInjection:
    """Writes the inputs of one execution in the notebook's language."""

    notebook: Notebook
    parameters: Parameters
    payloads: Payloads

    def cells(self, cells: list[dict[str, Any]], slots: Mapping[str, Slot]) -> list[dict[str, Any]]:
        """The notebook's cells with the injected one; as they are, without inputs.

        Raises:
            NotSupported: Nobody knows how that language writes them.
            MissingExtra: papermill, which does, is not installed.
        """
        at = self.parameters.at
        if at is None or not slots:
            return cells
        ordered = [name for name in self.parameters.found if name in slots]
        values = {name: self._value(name, slots[name]) for name in ordered}
        return with_inputs(cells, at, self._written(values))

    def _written(self, values: Mapping[str, Any]) -> str:
        language = self.notebook.language
        library = _papermill()
        try:
            translator = library.papermill_translators.find_translator(
                self.notebook.kernel, language
            )
            text: str = translator.codify(values, "Injected by Heirloom")
        except library.PapermillException as error:
            msg = f"Nobody knows how {language} writes inputs: papermill has no translator for it."
            raise NotSupported(msg) from error
        return text.rstrip()

    def _value(self, name: str, slot: Slot) -> Any:
        """A version as its full ref, for ``heirloom pull``; a number, text or truth as it is."""
        if self.parameters.found[name].spec.type is Ref and slot.version is not None:
            return slot.version.ref
        return slot.take(self.payloads)
