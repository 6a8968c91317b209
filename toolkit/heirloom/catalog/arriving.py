"""What a document of an export must be, and what becomes of it when it arrives."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from heirloom.catalog.tables import OWN, natural_key
from heirloom.catalog.tail import emission_key
from heirloom.errors import HeirloomError
from heirloom.records.clock import now, stamp
from heirloom.records.declarations import Declaration
from heirloom.records.executions import FINAL, KINDS, Execution
from heirloom.records.ledger import LEDGER_STATES, WAITS, LedgerRow
from heirloom.records.marks import MARKS, Mark
from heirloom.records.names import check_key, check_name, check_project, is_word
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.stores import StoreRecord
from heirloom.records.versions import ArtifactVersion

__all__ = ["Unfit", "arrived", "keys_of"]

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_WAS = "{} when it was exported; what is imported does not run"

_Doc = dict[str, Any]


class Unfit(Exception):
    """A document that no catalog can have written."""


def arrived(table: str, doc: _Doc, *, carried: bool = False) -> _Doc | None:
    """The document as another home keeps it, or `None` where it stays behind.

    Nothing that arrives is an event or runs: executions that were queued or running are
    cancelled, rows that waited are skipped, and the switches of plans stay behind, so that
    each plan here is one that was never active.

    Args:
        table: What the document belongs to.
        doc: The document.
        carried: The payloads came along, into the store of the home: wherever they were, they
            are there now. Else each is where it was, and the records of the stores come.

    Raises:
        Unfit: It is not what the table holds.
    """
    if table not in OWN:
        return doc
    try:
        _CHECKS[table](doc)
    except (HeirloomError, LookupError, TypeError, ValueError, AttributeError) as error:
        said = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise Unfit(said.rstrip(".")) from error
    if table == "switches" or (table == "stores" and carried):
        return None
    if carried:
        doc = _at_home(doc)
    if table == "executions" and doc["state"] not in FINAL:
        was = _WAS.format(doc["state"])
        return _without(doc, "claimant") | {"state": "cancelled", "error": was, "ended_at": _now()}
    if table == "ledger" and doc["state"] in {"waiting", "paused"}:
        was = _WAS.format(doc["state"])
        skipped = {"state": "skipped", "reason": was, "due": None, "at": _now()}
        return _without(_without(doc, "waits"), "lane") | skipped
    return _without(doc, "claimant") if table == "executions" else doc


def keys_of(table: str, doc: _Doc) -> list[Hashable]:
    """The keys of which each belongs to one document."""
    keys = [natural_key(table, doc)]
    if table == "versions":
        keys.append(emission_key(doc))
    return [key for key in keys if key is not None]


def _now() -> str:
    return stamp(now())


def _without(doc: _Doc, name: str) -> _Doc:
    return {key: value for key, value in doc.items() if key != name}


def _at_home(value: Any) -> Any:
    """A document whose payloads are in the home's own store."""
    if isinstance(value, Mapping):
        is_payload = "format" in value and "store" in value
        return {k: _at_home(v) for k, v in value.items() if not (is_payload and k == "store")}
    return [_at_home(each) for each in value] if isinstance(value, list) else value


# ------------------------------------------------------------------ each table


def _version(doc: _Doc) -> None:
    version = ArtifactVersion.from_doc(doc)
    _named(doc)
    _texts(doc, "created_by", "path", "output")
    _id(version.execution_id)
    _id(version.root_id)
    for key, value in version.conditions.items():
        if key != "time":
            check_key(key)
        _is(isinstance(value, str), "a partition's value is no text")
    _payload(doc["payload"])
    _is(version.card is None or isinstance(version.card.text, str), "its card is no text")
    _pairs(version.attachments)


def _execution(doc: _Doc) -> None:
    execution = Execution.from_doc(doc)
    _id(execution.id)
    _id(execution.root_id)
    _texts(doc, "name", "by", "state")
    check_project(doc["project"])
    _is(execution.kind in KINDS, f"an execution is no {execution.kind!r:.40}")
    _is(execution.is_final or execution.state in {"queued", "running"}, "it has no such state")
    for name in ("parent", "chain", "cached_from", "rerun_of"):
        _is(doc.get(name) is None or _ID.fullmatch(doc[name]) is not None, f"{name} is no id")
    for name in ("plan", "path", "error", "log", "code", "bound"):
        _is(doc.get(name) is None or isinstance(doc[name], str), f"{name} is no text")
    for bound in (*doc.get("inputs", {}).values(), *doc.get("outputs", {}).values()):
        if "item" in bound:
            _texts(bound, "item", "how")
        else:
            _payload(bound["value"])
    for read in execution.reads:
        _is(all(isinstance(each, str) for each in (read.item, read.input, read.how)), "a read")
    _is(all(isinstance(ref, str) for ref in execution.triggered_by), "triggered_by is no refs")
    _is(type(execution.attempt) is int and type(execution.depth) is int, "attempt is no number")
    _is(doc.get("log") is None or _DIGEST.fullmatch(doc["log"]) is not None, "log is no digest")


def _payload(doc: Mapping[str, Any]) -> None:
    _texts(doc, "format", "type", "kind")
    _is(type(doc["size"]) is int, "a payload's size is no number")
    digest = doc.get("digest")
    _is(digest is None or _DIGEST.fullmatch(digest) is not None, "a payload's digest is none")
    _is(isinstance(doc.get("store", ""), str), "a payload's store is no id")
    _is(doc.get("link") is None or isinstance(doc["link"], str), "a link is no text")


def _declaration(doc: _Doc) -> None:
    declaration = Declaration.from_doc(doc)
    _named(doc)
    for key in declaration.keys:
        check_key(key)
    _texts(doc, "declared_by", "owner", "description", "where")
    _pairs(declaration.types)


def _plan(doc: _Doc) -> None:
    plan = LaunchPlanRecord.from_doc(doc)
    check_project(plan.project)
    _texts(doc, "name", "workflow", "kind", "code", "digest")
    _count(plan.version)
    for spec in (*plan.defaults.values(), *plan.fixed.values()):
        if "value" in spec:
            _payload(spec["value"])


def _row(doc: _Doc) -> None:
    row = LedgerRow.from_doc(doc)
    check_project(row.project)
    _texts(doc, "plan", "state", "reason")
    _count(row.plan_version)
    _is(row.state in LEDGER_STATES, "it has no such state")
    _is(row.waits in (None, *WAITS), "nothing is waited for so")
    _is(row.execution_id is None or _ID.fullmatch(row.execution_id) is not None, "no id")
    _is(all(isinstance(ref, str) for ref in row.refs), "its refs are none")


def _mark(doc: _Doc) -> None:
    mark = Mark.from_doc(doc)
    _named(doc)
    _is(mark.kind in MARKS, f"a mark is no {mark.kind!r:.40}")
    if mark.kind == "alias":
        alias = mark.data["alias"]
        _is(isinstance(alias, str) and is_word(alias) and alias != "latest", "it is no alias")
    if mark.kind in {"card", "note"}:
        _texts(mark.data, "text")


def _switch(doc: _Doc) -> None:
    check_project(doc["project"])
    _texts(doc, "plan")


def _store(doc: _Doc) -> None:
    StoreRecord.from_doc(doc)
    _id(doc["id"])
    _texts(doc, "url", "by")


def _code(doc: _Doc) -> None:
    _is(_DIGEST.fullmatch(doc["digest"]) is not None, "its digest is none")
    _texts(doc, "kind", "name")


_CHECKS: Mapping[str, Callable[[_Doc], None]] = {
    "versions": _version,
    "executions": _execution,
    "declarations": _declaration,
    "plans": _plan,
    "ledger": _row,
    "marks": _mark,
    "switches": _switch,
    "code": _code,
    "stores": _store,
}


# ------------------------------------------------------------------ each field


def _named(doc: _Doc) -> None:
    check_project(doc["project"])
    _is(check_name(doc["name"]) == doc["name"], f"{doc['name']!r:.80} is no name")
    _count(doc["version"])


def _count(number: Any) -> None:
    _is(type(number) is int and 0 < number < 1 << 53, f"{number!r:.40} is no version")


def _id(text: Any) -> None:
    _is(isinstance(text, str) and _ID.fullmatch(text) is not None, f"{text!r:.80} is no id")


def _texts(doc: Mapping[str, Any], *names: str) -> None:
    for name in names:
        _is(isinstance(doc[name], str), f"{name} is no text")


def _pairs(pairs: Any) -> None:
    both = (*pairs.keys(), *pairs.values())
    _is(all(isinstance(each, str) for each in both), "names and values are no texts")


def _is(fits: bool, otherwise: str) -> None:
    if not fits:
        raise Unfit(otherwise)
