"""The notebook's face: parse, call, return. The only room that imports IPython."""

from __future__ import annotations

from typing import Any

__all__ = ["load", "unload"]

_KEPT = "_heirloom_shell"


def load(shell: Any) -> None:
    """Register the magics, hooks and completions with a shell, once."""
    from heirloom import waiting, watching
    from heirloom.magics.progress import Under
    from heirloom.magics.shell import Shell

    waiting.show()
    watching.show_on(Under if getattr(shell, "kernel", None) is not None else None)
    if getattr(shell, _KEPT, None) is None:
        setattr(shell, _KEPT, Shell(shell))


def unload(shell: Any) -> None:
    """Take away what `load` registered."""
    from heirloom import waiting, watching

    waiting.hide()
    watching.show_on(None)
    kept = getattr(shell, _KEPT, None)
    if kept is not None:
        kept.remove()
        setattr(shell, _KEPT, None)
