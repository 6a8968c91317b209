"""The inputs of a launch form as the page draws them."""

from __future__ import annotations

from typing import Any

from heirloom_widgets.launch_offers import offer_row
from heirloom_widgets.launch_values import choice_text, default_text

__all__ = ["field_row"]


def field_row(field: Any) -> dict[str, Any]:
    """One input: how it is asked for, and what it is where nothing is given."""
    return {
        "name": field.name,
        "type": field.type,
        "widget": field.widget,
        "required": field.required,
        "fixed": field.fixed,
        "text": default_text(field),
        "choices": [choice_text(choice) for choice in field.choices],
        "now": offer_row(field.resolved) if field.resolved is not None else {},
        "hint": _hint(field),
    }


def _hint(field: Any) -> str:
    """What stands there by itself, in words; what its control shows already is not said again."""
    fixed = f"Fixed by the plan{f': {field.query}' if field.query else ''}." if field.fixed else ""
    if field.query is None:
        return fixed or ("None where nothing is given." if _is_none(field) else "")
    if field.resolved is not None:
        return fixed or f"What {field.query} means now."
    return str(field.reason or "")


def _is_none(field: Any) -> bool:
    return not field.required and field.default is None and field.widget != "json"
