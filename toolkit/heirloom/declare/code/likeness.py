"""Whether it makes no difference which of two values a name has."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from heirloom.declare.code.bound import Bound
from heirloom.declare.code.canonical import canonical
from heirloom.declare.code.classes import of_class
from heirloom.declare.code.expression import Expressions
from heirloom.declare.code.source import of_function

__all__ = ["alike"]


def alike(one: Any, other: Any) -> bool:
    """Whether two values are one, are written alike, or were defined by the same text.

    A cell that was run twice has made two functions; they are alike.
    """
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    try:
        return _told(one) == _told(other)
    except Bound:
        return False


def _told(value: Any) -> str:
    value = getattr(value, "__heirloom_function__", value)
    if isinstance(value, FunctionType) and value.__closure__ is None:
        return canonical(of_function(value).text)
    if isinstance(value, type):
        return canonical(of_class(value).text)
    return Expressions(_told).write(value)
