"""Libraries that are imported when a value, or something else, needs them."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from heirloom.errors import MissingExtra

__all__ = ["FLOORS", "need"]

FLOORS: Mapping[str, str] = MappingProxyType(
    {
        "pyarrow": "22",  # before it, a frame's attrs were lost; before 14.0.1: CVE-2023-47248
        "skops": "0.13",  # before it, reading could run code: CVE-2025-54412, -54413, -54886
    }
)
"""The first version that is safe to keep values with; an older one is never used."""


def need(module: str, extra: str, what: str = "This value") -> Any:
    """The module, imported now; `what` needs it.

    Raises:
        MissingExtra: It is not installed, or too old to be safe; the message says which extra
            brings it.
    """
    library = module.partition(".")[0]
    try:
        found = importlib.import_module(module)
        version = str(getattr(importlib.import_module(library), "__version__", ""))
    except ImportError as exc:
        library = (exc.name or library).partition(".")[0]  # perhaps one that it needs itself
        why = f"which cannot be imported ({exc})"
        raise MissingExtra(_told(what, library, why, extra), extra=extra) from exc
    floor = FLOORS.get(library, "")
    if _numbers(version) < _numbers(floor):
        why = f"and {version} is older than {floor}, the first that is safe to keep values with"
        raise MissingExtra(_told(what, library, why, extra), extra=extra)
    return found


def _told(what: str, library: str, why: str, extra: str) -> str:
    return f'{what} needs {library}, {why}. Next: pip install "jupyter-heirloom[{extra}]"'


def _numbers(version: str) -> list[int]:
    """The release of a version, to be compared: ``14.0.1.dev3`` is 14, 0, 1."""
    release = re.match(r"\d+(\.\d+)*", version)
    return [int(part) for part in release[0].split(".")] if release else []
