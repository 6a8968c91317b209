"""What a magic's line says, as values."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from IPython.display import display

from heirloom.declare.cards import of_file
from heirloom.lines.options import ALL
from heirloom.lines.words import split
from heirloom.records.versions import Card

__all__ = ["Help", "card_of", "said_on", "show", "text_on"]


class Help:
    """A magic's help, shown as plain text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def said_on(magic: str, line: str, namespace: dict[str, Any]) -> argparse.Namespace | None:
    """The options of a line, ``{expr}`` filled in; `None` after it asked for help.

    Args:
        magic: As it is written: ``%%artifact``.
        line: What stands after it.
        namespace: The notebook's names.

    Raises:
        DeclarationError: An option is unknown or missing, or a field has no value.
        RefError: A quote or brace is not closed.
    """
    words = split(line, namespace)
    if "--help" in words:
        show(Help(ALL[magic].help()))
        return None
    return ALL[magic].read(words)


def text_on(magic: str, line: str) -> str | None:
    """The line of a magic that reads it by a grammar of its own; `None` after it asked for help."""
    if line.strip() != "--help":
        return line.strip()
    show(Help(ALL[magic].help()))
    return None


def card_of(text: str | None, namespace: Mapping[str, Any]) -> Card | None:
    """What ``--card`` gives: the name of a card or a text, a Markdown file, or the text itself.

    Raises:
        InputError: The file cannot be read.
    """
    if text is None:
        return None
    held = namespace.get(text)
    if isinstance(held, str | Card):
        return Card.of(held)
    if text.endswith(".md") and "\n" not in text:
        return Card(of_file(Path(text)))
    return Card(text)


def show(value: Any) -> None:
    """Display a value under the cell."""
    display(value)  # type: ignore[no-untyped-call]  # IPython's has no types
