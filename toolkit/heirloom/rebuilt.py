"""Where the classes of a notebook are: in its kernel, or in the module that was rebuilt of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = [
    "REBUILT",
    "class_at",
    "current_world",
    "own_module",
    "rebuilt_world",
    "without_worlds",
    "world_of",
]

REBUILT = "_heirloom_"
"""What the names of rebuilt modules begin with."""

_PREFIX = re.compile(rf"\b{REBUILT}[0-9a-f]{{12}}(_\d+)?\.")
_WORLD: ContextVar[str] = ContextVar("heirloom_world", default="")


def own_module(module: str) -> str:
    """A module as the user's own code calls it: what was rebuilt of a notebook is its main."""
    return module.partition(".")[2] or "__main__" if module.startswith(REBUILT) else module


def without_worlds(text: str) -> str:
    """A text in which nothing is called by the module that it was rebuilt in."""
    return _PREFIX.sub("", text)


def rebuilt_world(module: str) -> str:
    """The rebuilt module that a module is, or is inside of; empty for the user's own."""
    return module.partition(".")[0] if module.startswith(REBUILT) else ""


def current_world() -> str:
    """The rebuilt module whose code is running; empty where the user's own is."""
    return _WORLD.get()


@contextmanager
def world_of(code: Any) -> Iterator[None]:
    """Until the block ends, classes are looked up where `code`, a function, is defined."""
    token = _WORLD.set(rebuilt_world(str(getattr(code, "__module__", ""))))
    try:
        yield
    finally:
        _WORLD.reset(token)


def class_at(module: str, qualname: str) -> Any:
    """The class if its module was imported by now, else `None`: nothing is imported for it."""
    found: Any = sys.modules.get(module)
    if world := _WORLD.get():
        there = world if module == "__main__" else f"{world}.{module}"
        found = sys.modules.get(there, found)
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found if isinstance(found, type) else None
