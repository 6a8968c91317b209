"""What a magic's line says, as values."""

from __future__ import annotations

import argparse
import keyword
from collections.abc import Sequence
from typing import Any

from IPython.display import display

from heirloom.errors import DeclarationError
from heirloom.magics.command import split
from heirloom.magics.options import ALL
from heirloom.records.refs import Ref

__all__ = ["Help", "inputs_of", "said_on", "show"]


class Help:
    """A magic's help, shown as plain text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def said_on(magic: str, line: str, namespace: dict[str, Any]) -> argparse.Namespace | None:
    """The options of a line, ``{expr}`` filled in; `None` after it asked for help.

    Raises:
        DeclarationError: An option is unknown or missing, or a field has no value.
        RefError: A quote or brace is not closed.
    """
    words = split(line, namespace)
    if "--help" in words:
        show(Help(ALL[magic].help()))
        return None
    return ALL[magic].read(words)


def inputs_of(given: Sequence[str]) -> dict[str, Ref]:
    """What ``--from REF`` and ``--from x=REF`` bind, by name.

    Raises:
        DeclarationError: A name is bound twice, or the ref's last word is no identifier.
    """
    inputs: dict[str, Ref] = {}
    for text in given:
        name, equals, rest = text.partition("=")
        if not (equals and name.isidentifier()):
            name, rest = "", text
        ref = Ref.parse(rest)
        name = name or ref.word
        if not name.isidentifier() or keyword.iskeyword(name):
            msg = f"{name!r} cannot be a name: write --from x={rest}."
            raise DeclarationError(msg)
        if name in inputs:
            msg = f"--from binds {name!r} twice; write --from other={rest}."
            raise DeclarationError(msg)
        inputs[name] = ref
    return inputs


def show(value: Any) -> None:
    """Display a value under the cell."""
    display(value)  # type: ignore[no-untyped-call]  # IPython's has no types
