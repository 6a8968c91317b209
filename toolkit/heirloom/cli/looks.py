"""Verbs that only look: search, show, lineage, why, diff, executions, log."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from heirloom import render
from heirloom.cli.answer import Answer
from heirloom.cli.documents import document
from heirloom.cli.text import block, facts, last_line, line, table, when
from heirloom.errors import StoreError
from heirloom.records.executions import Execution
from heirloom.records.versions import ArtifactVersion, Value
from heirloom.session import Session

__all__ = ["diff", "executions", "lineage", "log", "search", "show", "why"]


def search(session: Session, args: Namespace) -> Answer:
    """The versions that a search line finds."""
    page = session.search(" ".join(args.query), limit=args.limit)
    rows = [(v.label, v.kind, v.type_name, v.size, when(v.created_at), v.created_by) for v in page]
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
        return Answer(told, facts(_facts(version) | {"pull": version.snippet}) + card)
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
        "uri": version.uri,
        "created": when(version.created_at),
        "by": version.created_by,
        "execution": version.execution_id,
        "provenance": render.partial_text(version.partial),
        "notes": "; ".join(version.notes),
    }


def _page(session: Session, version: ArtifactVersion) -> str:
    around = session.lineage(version)
    names = {node.id: node.label for node in around.nodes}
    edges = [(names[e.source], e.how, names[e.target]) for e in around.edges]
    told = {
        "title": version.label,
        "kind": version.kind,
        "state": version.state,
        "aliases": version.aliases,
        "partial": version.partial,
        "facts": _facts(version),
        "snippet": version.snippet,
        "card": version.card and version.card.text,
    }
    lineage = render.section("Lineage", render.table(edges, ("from", "how", "to")))
    return render.page(version.label, render.version_html(told), lineage)


def lineage(session: Session, args: Namespace) -> Answer:
    """The lineage around a version."""
    found = session.lineage(args.ref, args.up, args.down)
    return Answer(document(found), block(found.to_mermaid() if args.mermaid else str(found)))


def why(session: Session, args: Namespace) -> Answer:
    """What made a version, beside the one before it."""
    found = session.why(args.ref)
    return Answer(document(found), block(found.to_text()))


def diff(session: Session, args: Namespace) -> Answer:
    """How two versions differ."""
    found = session.diff(args.a, args.b)
    return Answer(document(found), block(found.to_text()))


def executions(session: Session, args: Namespace) -> Answer:
    """What ran and what is queued, newest first."""
    found = session.executions(
        name=args.name,
        state=args.state,
        plan=args.plan,
        root=args.root and session.execution(args.root).root_id,
        limit=args.limit,
    )
    rows = [
        (when(e.started_at), e.state, e.kind, e.name, e.plan or "", e.id, last_line(e.error))
        for e in found
    ]
    headers = ("started", "state", "kind", "name", "plan", "id", "reason")
    return Answer([document(e) for e in found], table(rows, headers, "no executions"))


def log(session: Session, args: Namespace) -> Answer:
    """One execution: what it read and made, its steps, what they printed, and how it failed."""
    execution = session.execution(args.id)
    if args.notebook:
        session.executed(execution, args.notebook)
    found = session.log(execution)
    parts = [facts(_run_facts(session, execution))]
    if len(found.steps) > 1:
        parts.append(table(found.table(), ("step", "state", "seconds", "tries", "id"), ""))
    if found.printed:
        parts.append(block(found.printed).rstrip())
    if execution.error:
        parts.append(block(execution.error))
    if args.notebook:
        parts.append(f"the notebook as it ran: {args.notebook}")
    inside = [session.launching.shown(s.execution) for s in found.steps if s.depth == 1]
    told = document(execution) | {
        "steps": [document(step) for step in inside],
        "printed": found.printed,
    }
    return Answer(told, "\n\n".join(parts))


def _run_facts(session: Session, execution: Execution) -> dict[str, object]:
    log = execution.log
    kept = session.payloads.stores.with_digest(log).url(log) if log else ""
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
        return value.label
    if isinstance(value, Value):
        return f"a {value.payload.type_name}"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
