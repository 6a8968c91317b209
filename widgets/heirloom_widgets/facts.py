"""Records in plain words: what the panels and their static twins say of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from heirloom.render import size_text, time_text

__all__ = [
    "card_line",
    "execution_words",
    "label",
    "listens",
    "partitions_text",
    "schema_text",
    "short",
    "version_words",
]


def label(version: Any) -> str:
    """``sales@7``."""
    return f"{version.name}@{version.version}"


def partitions_text(version: Any, between: str = ", ") -> str:
    """``region=emea, time=2026-01-31``; empty where there are none."""
    return between.join(f"{key}={value}" for key, value in version.conditions.items())


def card_line(version: Any) -> str:
    """The first line of the card that says something, without its marks."""
    lines = version.card.text.splitlines() if version.card else ()
    return next((text for line in lines if (text := line.strip(" #*_>-|"))), "")


def schema_text(schema: Mapping[str, Any] | None) -> str:
    """A frame's columns with their types, or the schema as JSON."""
    columns = (schema or {}).get("columns")
    if isinstance(columns, Mapping):
        shown = [f"{name}: {kind}" for name, kind in columns.items()]
    elif isinstance(columns, list):
        shown = [": ".join(map(str, c)) if isinstance(c, list | tuple) else str(c) for c in columns]
    else:
        return json.dumps(dict(schema), default=str) if schema else ""
    more = f", and {len(shown) - 40} more" if len(shown) > 40 else ""
    rows = (schema or {}).get("rows")
    head = f"{rows} rows of {len(shown)} columns: " if rows is not None else ""
    return head + ", ".join(shown[:40]) + more


def version_words(version: Any, producer: str = "") -> dict[str, Any]:
    """A version as `heirloom.render.version_html` takes it."""
    return {
        "title": label(version),
        "kind": version.kind,
        "state": version.state,
        "aliases": version.aliases,
        "snippet": version.snippet,
        "card": version.card.text if version.card else "",
        "facts": {
            "version": version.version,
            "partitions": partitions_text(version),
            "type": f"{version.type_name} · {version.format}",
            "size": size_text(version.size),
            "schema": schema_text(version.schema),
            "created": time_text(version.created_at),
            "by": version.created_by,
            "produced by": producer,
            "notes": " · ".join(version.notes),
            "place": version.uri,
            "digest": version.digest,
            "ref": version.ref,
        },
    }


def execution_words(execution: Any) -> dict[str, Any]:
    """An execution as `heirloom.render.execution_html` takes it."""
    ended = execution.ended_at
    seconds = (ended - execution.started_at).total_seconds() if ended else None
    plan = f"{execution.plan} v{execution.plan_version}" if execution.plan else ""
    return {
        "title": execution.name,
        "kind": execution.kind,
        "state": execution.state,
        "error": execution.error,
        "inputs": {name: _value(value) for name, value in execution.inputs.items()},
        "outputs": {name: _value(value) for name, value in execution.outputs.items()},
        "facts": {
            "started": time_text(execution.started_at),
            "took": "" if seconds is None else f"{seconds:.2f} s",
            "by": execution.created_by,
            "plan": plan,
            "started by": ", ".join(map(short, execution.triggered_by)),
            "attempt": execution.attempt if execution.attempt > 1 else "",
            "cached from": execution.cached_from,
            "code": execution.code_version,
            "id": execution.id,
        },
    }


def listens(plan: Any) -> str:
    """``listens to sales[region=emea] · starts refresh``."""
    on = " and ".join(map(str, plan.trigger.on)) if plan.trigger else ""
    return f"listens to {on} · starts {plan.workflow}" if on else f"starts {plan.workflow}"


def _value(value: Any) -> str:
    """An input or output: a version's ref, a plain value, or the type of a nameless one."""
    if hasattr(value, "ref"):
        return str(value.ref)
    if hasattr(value, "how"):
        return short(value.id)
    if hasattr(value, "type_name"):
        return f"{value.type_name}, {size_text(value.size)}"
    return value if isinstance(value, str) else json.dumps(value, default=str)


def short(ref: str) -> str:
    """A ref's text without its scheme and project."""
    return ref.partition("://")[2].partition("/")[2] or ref
