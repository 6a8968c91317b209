"""Inputs as text, and text as inputs: what stands between a launch form and who fills it in."""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import heirloom as hl
from heirloom.errors import HeirloomError, UserFault

__all__ = ["choice_text", "default_text", "read"]

_TRUTHS = {"true": True, "false": False}
_LISTS: tuple[type, ...] = (tuple, set, frozenset)


def default_text(field: Any) -> str:
    """The constant that stands where nothing is given, as its control shows it."""
    value = field.default
    match field.widget:
        case "choice":
            return str(field.choices.index(value)) if value in field.choices else ""
        case "json":
            return "" if field.required else json.dumps(value, default=_listed, ensure_ascii=False)
    if value is None or field.query is not None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return str(getattr(value, "path", value))


def choice_text(choice: Any) -> str:
    """A choice by the name that its author gave it."""
    return choice.name if isinstance(choice, enum.Enum) else str(choice)


def read(field: Any, text: str) -> Any:
    """What the text says for the input, checked as a run would check it.

    Raises:
        HeirloomError: It says nothing that the input takes; the message is one line.
    """
    value = _READERS.get(field.widget, _itself)(field, text)
    field.check(value)
    return value


def _itself(_field: Any, text: str) -> Any:
    return text


def _number(kind: Callable[[str], Any]) -> Callable[[Any, str], Any]:
    def number(_field: Any, text: str) -> Any:
        try:
            return kind(text)
        except ValueError:
            return text  # the input's own check says what it takes

    return number


def _moment(kind: Any) -> Callable[[Any, str], Any]:
    def moment(field: Any, text: str) -> Any:
        try:
            return kind.fromisoformat(text.strip())
        except ValueError:
            example = "2026-01-31" if kind is date else "2026-01-31T12:00:00+00:00"
            msg = f"{field.name!r} is a {kind.__name__} such as {example}; got {text!r}."
            raise UserFault(msg) from None

    return moment


def _choice(field: Any, text: str) -> Any:
    return field.choices[int(text)]


def _path(field: Any, text: str) -> Any:
    """A file or a directory, as it is on disk; a URL is looked at when it runs."""
    if "://" in text:
        return hl.Directory(text) if text.endswith("/") else hl.File(text)
    if not Path(text).exists():
        msg = f"Nothing is at {text!r}, seen from {str(Path.cwd())!r}. Give {field.name!r} a path."
        raise UserFault(msg)
    return hl.Directory(text) if Path(text).is_dir() else hl.File(text)


def _json(field: Any, text: str) -> Any:
    """The value that the JSON says; a list also as the tuple or set that is asked for."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        msg = f"{field.name!r} takes {field.type} as JSON; at character {error.pos + 1}: "
        raise UserFault(f'{msg}{error.msg}. A text stands in quotes: "emea".') from None
    made = [value, *(kind(value) for kind in _LISTS if _can(kind, value))]
    return next((each for each in made if _fits(field, each)), value)


def _can(kind: type, value: Any) -> bool:
    if not isinstance(value, list):
        return False
    return kind is tuple or not any(isinstance(each, list | dict) for each in value)


def _fits(field: Any, value: Any) -> bool:
    try:
        field.check(value)
    except HeirloomError:
        return False
    return True


def _listed(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return list(value) if isinstance(value, Iterable) else str(value)


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "bool": lambda _field, text: _TRUTHS[text],
    "int": _number(int),
    "float": _number(float),
    "date": _moment(date),
    "datetime": _moment(datetime),
    "choice": _choice,
    "file": _path,
    "json": _json,
}
