"""A reader of format 1 written from docs/format.md alone; it knows nothing of our code."""

from __future__ import annotations

import json
import unicodedata
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any


class Damage(Exception):
    """The journal is not what was written."""


class Journal:
    """The tables as the lines leave them, the next id of each, and the position."""

    def __init__(self, path: Path) -> None:
        self.tables: dict[str, dict[int, Any]] = {}
        self.next: dict[str, int] = defaultdict(lambda: 1)
        self.position = 0
        self.header: dict[str, Any] = {}
        pending: list[dict[str, Any]] = []
        chain = ""
        lines = path.read_bytes().split(b"\n")
        for raw in lines[:-1]:
            line = self._checked(raw)
            first = not self.header and not pending
            if first:
                self.position, chain = line["n"], line["p"]
            if (line["n"], line["p"]) != (self.position, chain) or (line["o"] == "h") != first:
                raise Damage(raw)
            if line["y"] != len(pending) or (pending and line["x"] != pending[-1]["x"] - 1):
                raise Damage(raw)
            pending.append(line)
            self.position, chain = line["n"] + 1, line["c"]
            if line["x"] == 0:
                for each in pending:
                    self._apply(each)
                pending = []
        self.position -= len(pending)

    @staticmethod
    def _checked(raw: bytes) -> dict[str, Any]:
        if raw[:6] != b'{"c":"' or raw[6:14] != f"{zlib.crc32(raw[14:]):08x}".encode():
            raise Damage(raw)
        line: dict[str, Any] = json.loads(raw)
        if line["s"] > 1:
            msg = "a later schema"
            raise NotImplementedError(msg)
        return line

    def _apply(self, line: dict[str, Any]) -> None:
        op, table = line["o"], line["t"]
        if op == "h":
            self.header = line["d"]
            self.next.update(self.header.get("next", {}))
            return
        rows = self.tables.setdefault(table, {})
        if op in "iu":
            rows[line["k"]] = line["d"]
            self.next[table] = max(self.next[table], line["k"] + 1)
        elif op == "r":
            rows.pop(line["k"], None)
        elif op in "cx":
            rows.clear()
        if op == "x":
            del self.tables[table]

    def versions(self) -> dict[str, dict[str, Any]]:
        """What stands of each version, by its ref."""
        found: dict[str, dict[str, Any]] = {}
        names: dict[tuple[str, str], str] = {}
        aliases: dict[tuple[str, str, str], str] = {}
        made: dict[str, str] = {}
        for doc in self.tables["versions"].values():
            ref = f"heirloom://{doc['project']}/{doc['name']}@{doc['version']}"
            names[doc["project"], _folded(doc["name"])] = doc["name"]
            card = doc.get("card")
            made[ref] = "draft" if doc.get("draft") else "live"
            found[ref] = {
                "state": made[ref],
                "aliases": [],
                "card": card and [card["text"], card["kind"]],
                "notes": [],
                "payload": doc["payload"],
                "producer": doc["execution"],
                "readers": [],
            }
        for doc in self.tables["marks"].values():
            name = names.get((doc["project"], _folded(doc["name"])), "")
            ref, data = f"heirloom://{doc['project']}/{name}@{doc['version']}", doc["data"]
            if ref not in found:
                continue
            if doc["kind"] == "alias":
                aliases[doc["project"], name, data["alias"]] = ref
            elif doc["kind"] == "card":
                found[ref]["card"] = [data["text"], data["kind"]]
            elif doc["kind"] == "note":
                found[ref]["notes"].append(data["text"])
            elif doc["kind"] in ("yank", "purge"):
                found[ref]["state"] = {"yank": "yanked", "purge": "purged"}[doc["kind"]]
            elif doc["kind"] == "restore" and found[ref]["state"] == "yanked":
                found[ref]["state"] = made[ref]
        for (_, _, alias), ref in sorted(aliases.items()):
            found[ref]["aliases"].append(alias)
        for run in sorted(self.tables["executions"].values(), key=lambda doc: doc["id"]):
            for item, how in _read(run):
                if item in found:
                    found[item]["readers"].append([run["id"], how])
        return found


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _read(run: dict[str, Any]) -> list[tuple[str, str]]:
    bound = [
        (each["item"], each["how"]) for each in run.get("inputs", {}).values() if "item" in each
    ]
    return bound + [(item, how) for item, _, how, _ in run.get("reads", [])]
