"""Records in plain words: what the panels and their static twins say of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from heirloom.render import (
    counted,
    events_of,
    partial_text,
    size_text,
    time_text,
    within_project,
)

__all__ = [
    "about",
    "card_line",
    "execution_words",
    "label",
    "listens",
    "partitions_text",
    "place",
    "producer_text",
    "schema_text",
    "shortened",
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
    of = counted(len(shown), "column")
    head = f"{counted(rows, 'row')} of {of}: " if rows is not None else ""
    return head + ", ".join(shown[:40]) + more


def version_words(version: Any, producer: str = "") -> dict[str, Any]:
    """A version as `heirloom.render.version_html` takes it."""
    return {
        "title": label(version),
        "kind": version.kind,
        "state": version.state,
        "aliases": version.aliases,
        "partial": version.partial,
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
            "provenance": partial_text(version.partial),
            "notes": " · ".join(version.notes),
            "place": version.uri,
            "digest": version.digest,
            "ref": version.ref,
        },
    }


def producer_text(makers: Sequence[Any]) -> str:
    """``task train in workflow research``."""
    return " in ".join(f"{run.kind} {run.name}" for run in makers)


def about(
    version: Any,
    declared: Any,
    makers: Sequence[Any],
    cell: Sequence[Any],
    readers: Sequence[Any],
    most: int,
) -> list[Any]:
    """The facts of a version as ``about.js`` takes them: names, each with its pieces.

    Args:
        version: The version.
        declared: The newest declaration of its name, or `None`.
        makers: What emitted it, then the run around that.
        cell: Of `place`; empty where no cell made it.
        readers: What read it, the newest first.
        most: So many readers are named; of more, that there are.
    """
    digest, told = version.digest or "", partial_text(version.partial)
    rows: dict[str, list[Any]] = {
        "partitions": [partitions_text(version)],
        "size": [size_text(version.size)],
        "created": [f"{time_text(version.created_at)} by {version.created_by}"],
        "owner": [getattr(declared, "owner", "") or getattr(declared, "declared_by", "")],
        "about": [getattr(declared, "description", "")],
        "made by": _between([_run(run, version.name) for run in makers], " in "),
        "cell": list(cell),
        "provenance": [{"text": told, "class": "hl-amber"}] if told else [],
        "read by": _between([_run(run) for run in readers[:most]], ", "),
        "notes": [" · ".join(version.notes)],
        "place": [version.uri],
        "digest": [{"text": f"{digest[:19]}…", "title": digest}] if digest else [],
    }
    if len(readers) > most:
        rows["read by"].append(" and more")
    return [[name, pieces] for name, pieces in rows.items() if any(pieces)]


def _run(run: Any, made: str = "") -> dict[str, Any]:
    """An execution as a link; what is named as what it made, or as its kind, by its kind alone."""
    title = f"{run.state}, {time_text(run.started_at)}, {run.id}"
    text = run.kind if run.name in {run.kind, made} else f"{run.kind} {run.name}"
    return {"text": text, "title": title, "open": {"to": ["execution", run.id]}}


def place(cell: Any, here: str) -> list[Any]:
    """The pieces that lead to a cell.

    Args:
        cell: What ``hl.anchor`` gives.
        here: The path of the notebook that the kernel belongs to; empty where that is unknown.
    """
    notebook, id = cell.notebook or "", cell.cell or ""
    name = notebook.replace("\\", "/").rpartition("/")[2] or "this notebook"
    text = f"{name}, cell {id[:8]}" if id else name
    link = {"text": text, "notebook": notebook, "cell": id, "here": here}
    changed = {"text": " · changed since", "class": "hl-amber", "title": "It has another text now."}
    behind = {
        "text": f" · behind it {', '.join(cell.behind)} edited and not run",
        "class": "hl-amber",
        "title": "What it read came from cells that have another text now.",
    }
    return [link, *([changed] if cell.changed else []), *([behind] if cell.behind else [])]


def _between(pieces: list[Any], sign: str) -> list[Any]:
    return [each for piece in pieces for each in (sign, piece)][1:]


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
            "started by": ", ".join(map(within_project, execution.triggered_by)),
            "attempt": execution.attempt if execution.attempt > 1 else "",
            "cached from": execution.cached_from,
            "code": execution.code_version[:19],
            "id": execution.id,
        },
    }


def listens(plan: Any) -> str:
    """``listens to sales[region=emea] · starts refresh``."""
    on = events_of(map(str, plan.trigger.on), plan.trigger.condition) if plan.trigger else ""
    return f"listens to {on} · starts {plan.workflow}" if on else f"starts {plan.workflow}"


def _value(value: Any) -> str:
    """An input or output: a version's ref, a plain value, or the type of a nameless one."""
    if hasattr(value, "ref"):
        return str(value.ref)
    if hasattr(value, "how"):
        return within_project(value.id)
    payload = getattr(value, "payload", value)
    if hasattr(payload, "type_name"):
        return f"{payload.type_name}, {size_text(payload.size)}"
    return value if isinstance(value, str) else json.dumps(value, default=str)


def shortened(text: str, most: int = 24) -> str:
    """The text, cut in the middle where it is longer; its end, with a version, stays."""
    return text if len(text) <= most else f"{text[: most - 8]}…{text[-7:]}"
