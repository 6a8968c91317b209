"""The words after ``-p`` and ``--from``, as inputs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from heirloom.declare.interface import Interface
from heirloom.declare.types import plain_type
from heirloom.errors import InputError
from heirloom.records.files import Directory, File
from heirloom.session import Session

__all__ = ["inputs_of"]

_READERS: Mapping[Any, Callable[[str], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    File: File,
    Directory: Directory,
}


def inputs_of(
    session: Session, interface: Interface, plain: Sequence[str], versions: Sequence[str]
) -> dict[str, Any]:
    """Inputs by name: ``k=v`` read by the input's type, ``x=REF`` as the version it means.

    Raises:
        InputError: A word has no ``=``, or a name is given twice.
    """
    inputs: dict[str, Any] = {}
    for word in plain:
        name, text = _split(word, "-p", "name=value", inputs)
        spec = interface.inputs.get(name)
        inputs[name] = _read(text, plain_type(spec.type) if spec else Any)
    for word in versions:
        name, text = _split(word, "--from", "name=REF", inputs)
        inputs[name] = session.get(text)
    return inputs


def _split(word: str, option: str, form: str, given: Mapping[str, Any]) -> tuple[str, str]:
    name, equals, text = word.partition("=")
    if not equals or not name:
        msg = f"{option} takes {form}; got {word!r}."
        raise InputError(msg, name=word)
    if name in given:
        msg = f"Input {name!r} is given twice."
        raise InputError(msg, name=name)
    return name, text


def _read(text: str, kind: Any) -> Any:
    """JSON where it parses, else text; what is to be a string is never another thing."""
    try:
        if kind in _READERS:
            return _READERS[kind](text)
        value = json.loads(text)
    except ValueError:
        return text
    return text if kind is str and not isinstance(value, str) else value
