"""Libraries that are imported when a value needs them."""

from __future__ import annotations

import importlib
from typing import Any

from heirloom.errors import MissingExtra

__all__ = ["need"]


def need(module: str, extra: str) -> Any:
    """The module, imported now.

    Raises:
        MissingExtra: It is not installed; the message says which extra brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as exc:
        library = module.partition(".")[0]
        raise MissingExtra(
            f"This value needs {library}, which cannot be imported ({exc}). "
            f'Next: pip install "jupyter-heirloom[{extra}]"',
            extra=extra,
        ) from exc
