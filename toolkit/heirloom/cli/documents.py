"""Records as JSON documents: the fields that the front promises, and no others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from heirloom.ancestry import Change, Diff, Edge, Lineage, Node, Why
from heirloom.engine.plan import Plan
from heirloom.engine.preview import Preview, PreviewRow
from heirloom.engine.review import Review
from heirloom.engine.status import Process
from heirloom.records.clock import stamp
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.marks import Mark
from heirloom.records.plans import Trigger
from heirloom.records.versions import ArtifactVersion, Card, Value

__all__ = ["document"]

_FIELDS: Mapping[type, str] = {
    ArtifactVersion: (
        "project name version ref uri partitions time_partition kind type_name format size digest "
        "schema created_at created_by execution_id root_id card attachments notes aliases state "
        "partial snippet"
    ),
    Execution: (
        "id kind name code_version plan state inputs outputs started_at ended_at parent_id root_id "
        "attempt depth triggered_by cached_from rerun_of error log not_before held_by"
    ),
    LedgerRow: "plan plan_version refs state reason waits due execution_id at",
    Plan: (
        "name version workflow trigger is_active activated_by registered_by approved newest note"
    ),
    Preview: "of rows note",
    PreviewRow: "plan plan_version refs event state reason then",
    Review: "plan version registered_by approved source diff",
    Lineage: "centre nodes edges cut",
    Node: "id kind label",
    Edge: "source target how",
    Diff: "a b record schema inputs packages card code",
    Change: "name before after",
    Why: "version before producer given reasons diff",
    Process: ("kind pid host user since reactor stopped execution_id plan refs attempt seconds"),
    Card: "text kind",
    Mark: "project name version kind at by data",
}


def document(record: Any) -> dict[str, Any]:
    """A record as JSON values; a version or value that it names is its ref or item."""
    fields = next(fields for kind, fields in _FIELDS.items() if isinstance(record, kind))
    return {name: _plain(getattr(record, name)) for name in fields.split()}


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case datetime():
            return stamp(value)
        case ArtifactVersion() | Value():
            return value.item
        case Card() | Node() | Edge() | Diff() | Change() | Execution() | PreviewRow():
            return document(value)
        case Trigger():
            return value.to_doc() | {"on": [str(query) for query in value.on]}
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    return repr(value)
