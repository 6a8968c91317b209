"""One run of something: a leaf, which reads and emits, or an envelope around leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from heirloom import render
from heirloom.records.clock import stamp, unstamp
from heirloom.records.payloads import Payload
from heirloom.records.versions import Value

__all__ = [
    "ENVELOPES",
    "EXECUTION_STATES",
    "FINAL",
    "HOWS",
    "KINDS",
    "Execution",
    "Item",
    "Read",
    "bound_doc",
    "bound_from_doc",
]

KINDS = ("task", "cell", "publish", "session", "workflow", "notebook", "map")
ENVELOPES = frozenset({"workflow", "notebook", "map"})
EXECUTION_STATES = ("queued", "running", "succeeded", "failed", "dead", "cancelled")
FINAL = frozenset(EXECUTION_STATES[2:])
HOWS = ("declared", "query", "trigger", "read", "free-variable", "derived", "manual")


@dataclass(frozen=True, slots=True)
class Item:
    """A version (by full ref) or a nameless value (``value:EXECUTION/OUTPUT``) in an execution."""

    id: str
    how: str = "declared"


@dataclass(frozen=True, slots=True)
class Read:
    """An edge: this execution read `item`; `input` is empty for what is no input.

    `via` are the cells between, for ``derived``.
    """

    item: str
    input: str
    how: str
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution as it stands now.

    Attributes:
        kind: One of `KINDS`; workflows, notebooks and maps are envelopes.
        code_version: Digest of the source closure; empty where there is none.
        state: One of `EXECUTION_STATES`.
        inputs: By name, an `Item`, or a `Payload` (a value given as it is).
        outputs: By name, an `Item` (a version), or a `Payload` (a nameless value).
        reads: What it read beside its inputs.
        path: Its place in its root's run; empty for a root.
        attempt: From 1; 0 while queued.
        tries: How often the body was run in this attempt.
        depth: Triggered executions before it in its chain, itself included.
        chain: The execution that began the chain; its own root where nothing triggered it.
        triggered_by: Full refs of the versions that started it.
        cache_key: What an equal call has, too, of a task with a cache; else `None`.
        cached_from: The execution whose outputs it reused instead of running its body.
        claimant: Id of the process that runs it; that process holds the lock of that name.
        printed: What the body printed and logged, where that is short.
        log: Digest of what it printed where that is long, or of the executed notebook.
        bound: The name that ties its code to one kernel, or `None`.
        not_before: Of a queued one: it starts then or later, as its plan counts down; else `None`.
        held_by: Of a queued one: who holds it until somebody starts it; else `None`.
        partial: Names that it, or what it came from, read and that no recorded cell had bound;
            where there are any, its edges may not be all.
    """

    id: str
    kind: str
    name: str
    state: str
    root_id: str
    project: str
    created_by: str
    started_at: datetime
    code_version: str = ""
    plan: str | None = None
    plan_version: int | None = None
    inputs: Mapping[str, Item | Payload] = field(default_factory=dict)
    outputs: Mapping[str, Item | Payload] = field(default_factory=dict)
    reads: tuple[Read, ...] = ()
    ended_at: datetime | None = None
    parent_id: str | None = None
    path: str = ""
    attempt: int = 1
    tries: int = 1
    depth: int = 0
    chain: str = ""
    triggered_by: tuple[str, ...] = ()
    cache_key: str | None = None
    cached_from: str | None = None
    rerun_of: str | None = None
    error: str | None = None
    printed: str = ""
    log: str | None = None
    claimant: str | None = None
    bound: str | None = None
    anchor: Mapping[str, Any] = field(default_factory=dict)
    partial: tuple[str, ...] = ()
    not_before: datetime | None = None
    held_by: str | None = None

    @property
    def is_envelope(self) -> bool:
        """Whether it stands around others."""
        return self.kind in ENVELOPES

    @property
    def is_final(self) -> bool:
        """Whether it has ended; of what did not succeed, another attempt may still be made."""
        return self.state in FINAL

    def all_reads(self) -> Iterator[Read]:
        """Every edge into it: inputs first, then what it read beside them."""
        for name, value in self.inputs.items():
            if isinstance(value, Item):
                yield Read(value.id, name, value.how)
        yield from self.reads

    def values(self) -> Iterator[Value]:
        """Its nameless outputs."""
        for name, output in self.outputs.items():
            if isinstance(output, Payload):
                yield Value(execution_id=self.id, output=name, payload=output)

    def to_doc(self) -> dict[str, Any]:
        """The JSON form; what is empty is left out."""
        doc: dict[str, Any] = {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "state": self.state,
            "root": self.root_id,
            "project": self.project,
            "by": self.created_by,
            "started_at": stamp(self.started_at),
            "attempt": self.attempt,
        }
        optional: dict[str, Any] = {
            "code": self.code_version,
            "plan": self.plan,
            "plan_version": self.plan_version,
            "inputs": {name: bound_doc(value) for name, value in self.inputs.items()},
            "outputs": {name: bound_doc(value) for name, value in self.outputs.items()},
            "reads": [[r.item, r.input, r.how, list(r.via)] for r in self.reads],
            "ended_at": stamp(self.ended_at) if self.ended_at else None,
            "parent": self.parent_id,
            "path": self.path,
            "depth": self.depth,
            "chain": self.chain,
            "triggered_by": list(self.triggered_by),
            "cache": self.cache_key,
            "cached_from": self.cached_from,
            "rerun_of": self.rerun_of,
            "tries": self.tries if self.tries > 1 else None,
            "error": self.error,
            "printed": self.printed,
            "log": self.log,
            "claimant": self.claimant,
            "bound": self.bound,
            "anchor": dict(self.anchor),
            "partial": list(self.partial),
            "not_before": stamp(self.not_before) if self.not_before else None,
            "held_by": self.held_by,
        }
        return doc | {key: value for key, value in optional.items() if value not in _EMPTY}

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> Execution:
        """What `to_doc` wrote."""
        ended = doc.get("ended_at")
        return cls(
            id=doc["id"],
            kind=doc["kind"],
            name=doc["name"],
            state=doc["state"],
            root_id=doc["root"],
            project=doc["project"],
            created_by=doc["by"],
            started_at=unstamp(doc["started_at"]),
            attempt=doc["attempt"],
            code_version=doc.get("code", ""),
            plan=doc.get("plan"),
            plan_version=doc.get("plan_version"),
            inputs={name: bound_from_doc(value) for name, value in doc.get("inputs", {}).items()},
            outputs={name: bound_from_doc(value) for name, value in doc.get("outputs", {}).items()},
            reads=tuple(Read(i, n, how, tuple(via)) for i, n, how, via in doc.get("reads", ())),
            ended_at=unstamp(ended) if ended else None,
            parent_id=doc.get("parent"),
            path=doc.get("path", ""),
            depth=doc.get("depth", 0),
            chain=doc.get("chain", ""),
            triggered_by=tuple(doc.get("triggered_by", ())),
            cache_key=doc.get("cache"),
            cached_from=doc.get("cached_from"),
            rerun_of=doc.get("rerun_of"),
            tries=doc.get("tries", 1),
            error=doc.get("error"),
            printed=doc.get("printed", ""),
            log=doc.get("log"),
            claimant=doc.get("claimant"),
            bound=doc.get("bound"),
            anchor=doc.get("anchor", {}),
            partial=tuple(doc.get("partial", ())),
            not_before=unstamp(doc["not_before"]) if doc.get("not_before") else None,
            held_by=doc.get("held_by"),
        )

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name} {self.id} {self.state}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        took = (
            f" in {(self.ended_at - self.started_at).total_seconds():.2f} s"
            if self.ended_at
            else ""
        )
        words = {
            "title": f"{self.kind} {self.name}",
            "state": self.state,
            "facts": {
                "id": self.id,
                "started": f"{render.time_text(self.started_at)} by {self.created_by}{took}",
                "cached from": self.cached_from or "",
                "tries": self.tries if self.tries > 1 else "",
                "plan": f"{self.plan} v{self.plan_version}" if self.plan else "",
                "triggered by": ", ".join(self.triggered_by),
            },
            "inputs": {name: repr(value) for name, value in self.inputs.items()},
            "outputs": {name: repr(value) for name, value in self.outputs.items()},
            "printed": self.printed,
            "error": self.error,
        }
        return {"text/plain": repr(self), "text/html": render.execution_html(words)}


_EMPTY: tuple[Any, ...] = (None, "", [], {}, 0)


def bound_doc(bound: Item | Payload) -> dict[str, Any]:
    """An input or output as JSON."""
    if isinstance(bound, Item):
        return {"item": bound.id, "how": bound.how}
    return {"value": bound.to_doc()}


def bound_from_doc(doc: Mapping[str, Any]) -> Item | Payload:
    """What `bound_doc` wrote."""
    if "item" in doc:
        return Item(doc["item"], doc["how"])
    return Payload.from_doc(doc["value"])
