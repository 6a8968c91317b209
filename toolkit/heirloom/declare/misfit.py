"""Why a value is not what its annotation says, and what to call it."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any, NoReturn

from heirloom.codecs import class_name

__all__ = ["Misfit", "held", "refused", "told"]


class Misfit(TypeError):
    """The value, or the part of it that stands `at`, cannot be had as its annotation says."""

    def __init__(self, value: Any, why: str = "", at: str = "") -> None:
        super().__init__(why)
        self.value = value
        self.why = why
        self.at = at

    def inside(self, at: str) -> Misfit:
        """The same, seen from what has the part."""
        return Misfit(self.value, self.why, at + self.at)

    @property
    def reason(self) -> str:
        """What is to be said beside the whole value's type; empty where that says it all."""
        if not self.at:
            return self.why
        return f"{self.at.removeprefix('.')} is {told(self.value)}" + (self.why and f", {self.why}")


def refused(value: Any, why: str = "") -> NoReturn:
    """Raise `Misfit`."""
    raise Misfit(value, why)


def held(value: Any, holds: bool, why: str = "") -> Any:
    """`value`, if that holds; else `Misfit`."""
    return value if holds else refused(value, why)


def told(value: Any) -> str:
    """The type of a value, and the value itself where that is short."""
    kind = class_name(type(value)).removeprefix("__main__.")
    if isinstance(value, enum.Enum):
        return f"{kind}.{value.name}"
    if not isinstance(value, str | int | float | bool | date):
        return kind
    text = repr(value) if not isinstance(value, date) else str(value)
    return f"{kind} {text if len(text) <= 40 else text[:37] + '…'}"
