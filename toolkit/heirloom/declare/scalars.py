"""One value as a number, a text, a member of an enum, a file."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any

from heirloom.codecs import class_name, loaded
from heirloom.declare.misfit import Misfit, held, refused
from heirloom.errors import did_you_mean
from heirloom.records.files import Directory, File

__all__ = ["NUMBERS", "file_of", "literal", "member", "text_of", "unboxed"]


def unboxed(value: Any) -> Any:
    """A scalar of NumPy as Python's, where Python has one that is equal."""
    scalar: Any = loaded("numpy.generic")
    return value.item() if scalar is not None and isinstance(value, scalar) else value


def _bool(value: Any) -> Any:
    value = unboxed(value)
    return held(value, isinstance(value, bool))


def _int(value: Any) -> Any:
    value = unboxed(value)
    return held(value, isinstance(value, int) and not isinstance(value, bool))


def _float(value: Any) -> Any:
    plain = unboxed(value)
    if isinstance(plain, float):
        return plain
    long: Any = loaded("numpy.longdouble")
    is_long = long is not None and isinstance(plain, long)
    if not (is_long or isinstance(plain, int)) or isinstance(plain, bool):
        raise Misfit(value)
    try:
        made = float(plain)
    except OverflowError:
        made = None
    return made if made == plain or plain != plain else refused(value, "no float is that number")


def _complex(value: Any) -> Any:
    value = unboxed(value)
    return value if isinstance(value, complex) else complex(_float(value))


NUMBERS: Mapping[type, Callable[[Any], Any]] = {
    bool: _bool,
    int: _int,
    float: _float,
    complex: _complex,
}
"""How each is had of what is another; a bool is no number, a float no whole one."""


def text_of(value: Any) -> str:
    """A text, or the text that a member of an enum stands for."""
    text = value.value if isinstance(value, enum.Enum) else value
    return text if isinstance(text, str) else refused(value)


def member(value: Any, kind: type[enum.Enum]) -> enum.Enum:
    """The member that a text is the value of, else the name; of the class before an edit, its own.

    Raises:
        Misfit: There is none.
    """
    if isinstance(value, kind):
        return value
    if isinstance(value, enum.Enum) and class_name(type(value)) == class_name(kind):
        value = value.name
    if not isinstance(value, str):
        raise Misfit(value)
    for each in kind:
        if each.value == value:
            return each
    if value not in kind.__members__:
        near = did_you_mean(value, kind.__members__).rstrip(".?")
        raise Misfit(value, f"it has {', '.join(kind.__members__)}.{near}".rstrip("."))
    return kind[value]


def literal(value: Any, options: tuple[Any, ...]) -> Any:
    """The option that a value, or what a member stands for, is equal to and of one type with."""
    forms = (unboxed(value), value.value if isinstance(value, enum.Enum) else value)
    for option in options:
        if any(type(form) is type(option) and form == option for form in forms):
            return option
    raise Misfit(value)


def file_of(value: Any, kind: type[File | Directory]) -> Any:
    """A file or a directory, of the format that is asked for or of none."""
    bare = File if issubclass(kind, File) else Directory
    if not isinstance(value, bare):
        is_path = isinstance(value, str) or hasattr(value, "__fspath__")
        is_ours = isinstance(value, File | Directory)
        raise Misfit(value, f"write {bare.__name__}(…)" if is_path and not is_ours else "")
    wanted = kind.format_of_class()
    fits = not wanted or not value.format or value.format == wanted
    return held(value, fits, f"its format is {value.format!r}")
