"""What of a document other documents name, and what it cannot be read without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from heirloom.catalog.edges import edges_of
from heirloom.catalog.tables import Doc, natural_key
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.marks import Mark
from heirloom.records.payloads import Payload
from heirloom.records.plans import LaunchPlanRecord, Switch
from heirloom.records.versions import ArtifactVersion

__all__ = ["identity"]


def identity(table: str, doc: Doc) -> Any:
    """All of it; two documents of equal identity are interchangeable for the rest of the catalog.

    `None` where the document cannot be read.
    """
    told = _TOLD.get(table)
    try:
        return natural_key(table, doc), told(doc) if told else None
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def _version(doc: Doc) -> Any:
    version = ArtifactVersion.from_doc(doc)
    made = (version.execution_id, version.root_id, version.path, version.output)
    times = (version.created_at, version.time_partition, version.created_by)
    return made, times, version.state, dict(version.attachments), _payload(version.payload)


def _payload(payload: Payload) -> Any:
    kept = () if payload.inline else (payload.digest, payload.size, payload.store)
    return payload.format, payload.type_name, payload.kind, payload.link, kept


def _execution(doc: Doc) -> Any:
    run = Execution.from_doc(doc)
    place = (run.root_id, run.parent_id, run.path, run.attempt, run.depth, run.chain)
    plan = (run.plan, run.plan_version, run.triggered_by, run.cached_from, run.rerun_of)
    payloads = [
        _payload(bound)
        for bound in (*run.inputs.values(), *run.outputs.values())
        if isinstance(bound, Payload)
    ]
    state = (run.kind, run.state, run.project, run.claimant, run.started_at, run.ended_at)
    code = (run.code_version, run.log, run.cache_key)
    return place, plan, payloads, state, code, list(run.inputs), list(edges_of(run))


def _mark(doc: Doc) -> Any:
    mark = Mark.from_doc(doc)
    alias = mark.data.get("alias")
    return mark.project, mark.name, mark.version, mark.kind, mark.at, mark.by, alias


def _plan(doc: Doc) -> Any:
    plan = LaunchPlanRecord.from_doc(doc)
    return plan.workflow, plan.kind, plan.code, plan.trigger, plan.registered_at


def _row(doc: Doc) -> Any:
    row = LedgerRow.from_doc(doc)
    return row.state, row.at, row.due, row.execution_id, row.waits, row.lane


def _declaration(doc: Doc) -> Any:
    declared = Declaration.from_doc(doc)
    return declared.keys, declared.declared_at


_TOLD: Mapping[str, Callable[[Doc], Any]] = {
    "versions": _version,
    "executions": _execution,
    "marks": _mark,
    "plans": _plan,
    "ledger": _row,
    "declarations": _declaration,
    "switches": Switch.from_doc,
}
