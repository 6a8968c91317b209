"""What can be launched: the project's plans, and what the notebook has declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heirloom.errors import UserFault
from heirloom_widgets.pull import notebook

__all__ = ["offered", "target_of"]

_KINDS = {"task", "workflow", "map", "notebook"}


def offered(session: Any) -> list[str]:
    """Names to choose from: workflows of this notebook, then plans."""
    declared = [name for name, value in _names().items() if _runs(value) and value.kind != "task"]
    return list(dict.fromkeys([*sorted(declared), *(plan.name for plan in session.plans())]))


def target_of(text: str) -> Any:
    """What the notebook calls by that name; else the text, a plan's name or a path."""
    value = _names().get(text)
    return value if _runs(value) else text


def _names() -> Mapping[str, Any]:
    """The names of the notebook; outside of one, none."""
    try:
        return {name: value for name, value in notebook().items() if not name.startswith("_")}
    except UserFault:
        return {}


def _runs(value: Any) -> bool:
    is_ours = type(value).__module__.partition(".")[0] == "heirloom"
    return is_ours and hasattr(value, "interface") and getattr(value, "kind", "") in _KINDS
