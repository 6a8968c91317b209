"""Documents of one project as those of another, every ref and id with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heirloom.records.ids import new_id
from heirloom.records.items import made_value, value_item
from heirloom.records.refs import SCHEME

__all__ = ["Renaming"]

_Doc = dict[str, Any]


@dataclass(slots=True)
class Renaming:
    """Gives projects other names and executions other ids, each always the same.

    Attributes:
        projects: New names by old; any other project stays what it is.
    """

    projects: Mapping[str, str]
    _ids: dict[str, str] = field(default_factory=dict)

    def doc(self, table: str, doc: _Doc) -> _Doc:
        """The document in its new project; text in cards, errors and code stays as it is."""
        doc = dict(doc)
        if table in {"code", "stores"}:
            return doc
        doc["project"] = self._project(doc["project"])
        match table:
            case "versions":
                doc |= {name: self._id(doc[name]) for name in ("execution", "root")}
            case "executions":
                self._execution(doc)
            case "ledger":
                doc["refs"] = list(map(self._item, doc["refs"]))
                doc["execution"] = self._id(doc["execution"])
            case "plans":
                self._plan(doc)
        return doc

    def _execution(self, doc: _Doc) -> None:
        for name in ("id", "root", "parent", "chain", "cached_from", "rerun_of"):
            if doc.get(name):
                doc[name] = self._id(doc[name])
        for name in ("inputs", "outputs"):
            if name in doc:
                doc[name] = {key: self._bound(bound) for key, bound in doc[name].items()}
        if "reads" in doc:
            doc["reads"] = [[self._item(item), *rest] for item, *rest in doc["reads"]]
        if "triggered_by" in doc:
            doc["triggered_by"] = list(map(self._item, doc["triggered_by"]))

    def _plan(self, doc: _Doc) -> None:
        for name in ("defaults", "fixed"):
            doc[name] = self._specs(doc[name])
        doc["emits"] = list(map(self._item, doc["emits"]))
        if doc["trigger"]:
            trigger = dict(doc["trigger"])
            trigger["on"] = list(map(self._query, trigger["on"]))
            trigger["inputs"] = self._specs(trigger["inputs"])
            doc["trigger"] = trigger

    def _specs(self, specs: Mapping[str, _Doc]) -> dict[str, _Doc]:
        return {
            name: {**spec, "query": self._query(spec["query"])} if "query" in spec else spec
            for name, spec in specs.items()
        }

    def _query(self, query: _Doc) -> _Doc:
        return {**query, "project": self._project(query["project"])}

    def _bound(self, bound: _Doc) -> _Doc:
        return {**bound, "item": self._item(bound["item"])} if "item" in bound else bound

    def _item(self, item: str) -> str:
        if (value := made_value(item)) is not None:
            return value_item(self._id(value[0]), value[1])
        if item.startswith(SCHEME):
            project, slash, rest = item.removeprefix(SCHEME).partition("/")
            return f"{SCHEME}{self._project(project)}{slash}{rest}"
        return item

    def _project(self, name: str | None) -> Any:
        return self.projects.get(name, name) if name is not None else None

    def _id(self, id: str | None) -> Any:
        if id is None:
            return None
        found = self._ids.get(id)
        if found is None:
            self._ids[id] = found = new_id()
        return found
