"""Verbs that only look: search, show, lineage, log."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from heirloom import render
from heirloom.cli.answer import Answer
from heirloom.cli.documents import document
from heirloom.cli.text import block, facts, label, line, table, when
from heirloom.errors import StoreError
from heirloom.records.executions import Execution
from heirloom.records.versions import ArtifactVersion, Value
from heirloom.session import Session

__all__ = ["lineage", "log", "search", "show"]


def search(session: Session, args: Namespace) -> Answer:
    """The versions that a search line finds."""
    page = session.search(" ".join(args.query), limit=args.limit)
    rows = [(label(v), v.kind, v.type_name, v.size, when(v.created_at), v.created_by) for v in page]
    text = table(rows, ("version", "kind", "type", "bytes", "created", "by"), "nothing found")
    if page.cursor is not None:
        text += f"\n… {page.total - len(page)} more; --limit shows them"
    return Answer({"total": page.total, "versions": [document(v) for v in page]}, text)


def show(session: Session, args: Namespace) -> Answer:
    """One version, for the terminal or as a page."""
    version = session.get(args.ref)
    told = document(version)
    if args.html is None:
        card = f"\n\n{block(version.card)}" if version.card else ""
        return Answer(told, facts(_facts(version)) + card)
    try:
        Path(args.html).write_text(_page(session, version), "utf-8")
    except OSError as error:
        msg = f"Cannot write {args.html!r}: {error.strerror}."
        raise StoreError(msg, uri=args.html) from error
    return Answer(told | {"html": args.html}, line(args.html))


def _facts(version: ArtifactVersion) -> dict[str, object]:
    return {
        "version": version.ref,
        "partitions": ", ".join(f"{key}={text}" for key, text in version.conditions.items()),
        "state": version.state,
        "aliases": ", ".join(version.aliases),
        "kind": version.kind,
        "type": version.type_name,
        "format": version.format,
        "size": render.size_text(version.size),
        "digest": version.digest,
        "link": version.payload.link,
        "created": when(version.created_at),
        "by": version.created_by,
        "execution": version.execution_id,
        "notes": "; ".join(version.notes),
        "pull": version.snippet,
    }


def _page(session: Session, version: ArtifactVersion) -> str:
    around = session.lineage(version)
    names = {node.id: node.label for node in around.nodes}
    edges = [(names[e.source], e.how, names[e.target]) for e in around.edges]
    told = {
        "title": label(version),
        "kind": version.kind,
        "state": version.state,
        "aliases": version.aliases,
        "facts": _facts(version),
        "snippet": version.snippet,
        "card": version.card and version.card.text,
    }
    lineage = render.section("Lineage", render.table(edges, ("from", "how", "to")))
    return render.page(label(version), render.version_html(told), lineage)


def lineage(session: Session, args: Namespace) -> Answer:
    """The lineage around a version."""
    found = session.lineage(args.ref, args.up, args.down)
    if args.mermaid:
        text = found.to_mermaid()
    else:
        text = found.to_text()
        if after := found.to_text(down=True).splitlines()[1:]:
            text = "\n".join([text, "", "what came of it", *after])
    cut = f"\n… {found.cut} nodes cut" if found.cut else ""
    return Answer(document(found), block(text + cut))


def log(session: Session, args: Namespace) -> Answer:
    """One execution: what it read and made, its steps, and how it failed."""
    execution = session.execution(args.id)
    steps = session.executions(root=execution.root_id)
    inside = [e for e in reversed(steps) if e.parent_id == execution.id]
    parts = [facts(_run_facts(session, execution))]
    if inside:
        rows = [(e.kind, e.name, e.id, e.state, when(e.started_at)) for e in inside]
        parts.append(table(rows, ("step", "name", "id", "state", "started"), ""))
    if execution.error:
        parts.append(block(execution.error))
    told = document(execution) | {"steps": [document(step) for step in inside]}
    return Answer(told, "\n\n".join(parts))


def _run_facts(session: Session, execution: Execution) -> dict[str, object]:
    kept = session.payloads.store.url(execution.log) if execution.log else ""
    return {
        "execution": execution.id,
        "what": f"{execution.kind} {execution.name}",
        "state": execution.state,
        "plan": execution.plan,
        "triggered by": ", ".join(execution.triggered_by),
        "part of": execution.parent_id,
        "attempt": execution.attempt,
        "started": when(execution.started_at),
        "ended": when(execution.ended_at),
        "by": execution.created_by,
        **{f"in  {name}": _bound(value) for name, value in execution.inputs.items()},
        **{f"out {name}": _bound(value) for name, value in execution.outputs.items()},
        "kept": kept,
    }


def _bound(value: Any) -> str:
    if isinstance(value, ArtifactVersion):
        return label(value)
    if isinstance(value, Value):
        return f"a {value.payload.type_name}"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
