"""Text into a syntax tree, whatever other threads are at."""

from __future__ import annotations

import ast
from typing import Any

__all__ = ["parse"]


def parse(text: str, mode: str = "exec") -> Any:
    """`ast.parse`, which CPython 3.11 counts the depth of in one place for all threads.

    Where another thread parses in between, the count is off and it raises `SystemError`: nothing
    is wrong with the text.
    """
    while True:
        try:
            return ast.parse(text, mode=mode)
        except SystemError:
            continue
