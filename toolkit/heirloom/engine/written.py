"""Inputs as a person writes them on a line: the words after ``-p`` and ``--from``."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from heirloom.declare.interface import Interface
from heirloom.declare.types import members_of_union, plain_type
from heirloom.errors import InputError
from heirloom.records.files import Directory, File
from heirloom.records.versions import ArtifactVersion

__all__ = ["inputs_of", "named_in", "reads"]

_READERS: Mapping[type, Callable[[str], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    File: File,
    Directory: Directory,
}
"""By class; ``File["csv"]`` is a file, too, and takes one that says no format."""


def inputs_of(
    find: Callable[[str], ArtifactVersion],
    interface: Interface,
    plain: Sequence[str],
    versions: Sequence[str],
) -> dict[str, Any]:
    """Inputs by name: ``k=v`` read by the input's type, ``x=REF`` as the version it means.

    Args:
        find: Gives the version that a ref means.
        interface: What takes them.
        plain: Words such as ``k=v``; the value is JSON, else a text.
        versions: Words such as ``x=REF``.

    Raises:
        InputError: A word has no ``=``, or a name is given twice.
    """
    inputs: dict[str, Any] = {}
    for word in plain:
        name, text = named_in(word, "-p", "name=value", inputs)
        spec = interface.inputs.get(name)
        inputs[name] = reads(text, spec.type if spec else Any)
    for word in versions:
        name, text = named_in(word, "--from", "name=REF", inputs)
        inputs[name] = find(text)
    return inputs


def named_in(word: str, option: str, form: str, given: Container[str]) -> tuple[str, str]:
    """An input's name and its text, from the word after an option.

    Args:
        word: ``k=v``.
        option: How that is written.
        form: How its word is.
        given: The names that stand before it.

    Raises:
        InputError: The word has no ``=``, or the name is given twice.
    """
    name, equals, text = word.partition("=")
    if not equals or not name:
        msg = f"{option} takes {form}; got {word!r}."
        raise InputError(msg, name=word)
    if name in given:
        msg = f"Input {name!r} is given twice."
        raise InputError(msg, name=name)
    return name, text


def reads(text: str, hint: Any) -> Any:
    """What a text means for an input of that annotation.

    JSON where it parses, else the text; what is to be a string is never another thing.
    """
    kinds = _kinds(hint)
    classes = [kind for kind in kinds if isinstance(kind, type)]
    for known, read in _READERS.items():
        if any(issubclass(kind, known) for kind in classes):
            return _tried(read, text)
    value = _tried(json.loads, text)
    return text if kinds == [str] and not isinstance(value, str) else value


def _kinds(hint: Any) -> list[Any]:
    """What an annotation takes, beside `None`."""
    hint = plain_type(hint)
    each = map(plain_type, members_of_union(hint) or (hint,))
    return [kind for kind in each if kind is not type(None)]


def _tried(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except ValueError:
        return text
