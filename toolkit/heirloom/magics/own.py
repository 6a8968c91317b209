"""The names that IPython and Python keep in a notebook, whatever they hold at the moment."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["Own"]

_KEPT = re.compile(r"__\w+__|_{1,3}|_i{1,3}|_i?\d+")


class Own:
    """Says of a name whether it is one of theirs."""

    def __init__(self, shell: Any) -> None:
        self._hidden = shell.user_ns_hidden

    def __contains__(self, name: object) -> bool:
        return name in self._hidden or _KEPT.fullmatch(str(name)) is not None
