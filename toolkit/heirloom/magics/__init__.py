"""The notebook's face: parse, call, return. The only room that imports IPython."""

from __future__ import annotations

from typing import Any

__all__ = ["load", "unload"]

_KEPT = "_heirloom_shell"


def load(shell: Any) -> None:
    """Register the magics, hooks and completions with a shell, once."""
    from heirloom.magics.shell import Shell

    if getattr(shell, _KEPT, None) is None:
        setattr(shell, _KEPT, Shell(shell))


def unload(shell: Any) -> None:
    """Take away what `load` registered."""
    kept = getattr(shell, _KEPT, None)
    if kept is not None:
        kept.remove()
        setattr(shell, _KEPT, None)
