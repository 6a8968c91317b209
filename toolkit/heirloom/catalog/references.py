"""Whether what documents speak of is there."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import NamedTuple

from heirloom.catalog.edges import items_of
from heirloom.catalog.line import Line
from heirloom.catalog.tables import Doc
from heirloom.records.executions import Execution
from heirloom.records.items import made_value, made_version, version_item
from heirloom.records.names import fold
from heirloom.records.refs import SCHEME

__all__ = ["References"]


class _Target(NamedTuple):
    """What is spoken of: its table, its key there, and its name for people."""

    table: str
    key: Hashable
    label: str


class References:
    """Learns lines in commit order; what is spoken of before it is written is waited for."""

    def __init__(self) -> None:
        """Know nothing."""
        self._there: dict[str, set[Hashable]] = {"versions": set(), "executions": set()}
        self._there["plans"] = set()
        self._waiting: dict[_Target, str] = {}

    def learn(self, line: Line) -> None:
        """Take in an inserted or updated document of one of Heirloom's tables."""
        doc = line.doc
        if line.table == "versions":
            self._found("versions", _numbered(doc))
            self._speaks(f"{doc['name']}@{doc['version']}", _run(doc["execution"]))
        elif line.table == "executions":
            self._found("executions", doc["id"])
            for target in _of_run(Execution.from_doc(doc)):
                self._speaks(f"execution {doc['id']}", target)
        elif line.table == "plans":
            self._found("plans", (doc["project"], doc["name"], doc["version"]))
        elif line.table == "marks":
            label = version_item(doc["project"], doc["name"], doc["version"])
            target = _Target("versions", _numbered(doc), label)
            self._speaks(f"a mark ({doc['kind']})", target)
        elif line.table == "ledger":
            self._speaks_of_row(doc)

    def _speaks_of_row(self, doc: Doc) -> None:
        who = f"a row of plan {doc['plan']}"
        plan = (doc["project"], doc["plan"], doc["plan_version"])
        self._speaks(who, _Target("plans", plan, f"plan {doc['plan']} v{doc['plan_version']}"))
        for ref in doc["refs"]:
            self._speaks(who, _item(ref))
        if doc["execution"]:
            self._speaks(who, _run(doc["execution"]))

    def _found(self, table: str, key: Hashable) -> None:
        self._there[table].add(key)

    def _speaks(self, who: str, target: _Target | None) -> None:
        if target is not None and target.key not in self._there[target.table]:
            self._waiting.setdefault(target, who)

    def missing(self) -> Iterator[str]:
        """What is spoken of and was never written, and by whom first; a line each."""
        for target, who in self._waiting.items():
            if target.key not in self._there[target.table]:
                yield f"{who} speaks of {target.label}, which is not there."


def _numbered(doc: Doc) -> Hashable:
    return doc["project"], fold(doc["name"]), doc["version"]


def _run(id: str) -> _Target:
    return _Target("executions", id, f"execution {id}")


def _of_run(run: Execution) -> Iterator[_Target | None]:
    if run.parent_id is not None:
        yield _run(run.parent_id)
    yield from map(_item, items_of(run))


def _item(item: str) -> _Target | None:
    if (value := made_value(item)) is not None:
        return _run(value[0])
    if not item.startswith(SCHEME):
        return None
    project, name, number = made_version(item)
    return _Target("versions", (project, fold(name), number), item)
