"""Why a version is as it is, and how two differ: gathered from what is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from heirloom.ancestry import Diff, Given, Made, Why, difference, outermost
from heirloom.declare.closure import Closure
from heirloom.engine.looks import Edges, Looks
from heirloom.engine.payloads import Payloads
from heirloom.engine.shown import Execution, shown
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion, Value

__all__ = ["Reasons"]

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Reasons:
    """Answers from the records; no payload but a value in its record is loaded."""

    looks: Looks
    payloads: Payloads

    def why(self, version: ArtifactVersion) -> Why:
        """What made a version, beside the one before it."""
        before, made = self._before(version), self._made(version)
        return Why(
            version=version,
            producer=self._producer(version),
            given=tuple((name, given.words) for name, given in made.given.items()),
            before=before,
            diff=None if before is None else difference(self._made(before), made),
        )

    def diff(self, a: ArtifactVersion, b: ArtifactVersion) -> Diff:
        """How two versions differ."""
        return difference(self._made(a), self._made(b))

    def _before(self, version: ArtifactVersion) -> ArtifactVersion | None:
        ref = Ref.parse(version.label)
        query = replace(Query.of(ref), project=version.project, at=None, below=version.version)
        found = self.looks.catalog.view().resolve(query)
        if found is None and version.time_partition is not None:
            other = tuple(clause for clause in query.clauses if clause.key != "time")
            found = self.looks.catalog.view().resolve(replace(query, clauses=other))
        return None if found is None else self.looks.shown(found)

    def _producer(self, version: ArtifactVersion) -> Execution | None:
        found = self.looks.catalog.view().producer(version.ref)
        return None if found is None else shown(self.looks, self.payloads, found)

    def _made(self, version: ArtifactVersion) -> Made:
        producer = self._producer(version)
        if producer is None:
            return Made(version=version)
        view = self.looks.catalog.view()
        around = outermost(Edges(view), producer)
        by, given = f"{producer.kind} {producer.name}", self._given(producer)
        if around.id != producer.id:
            by = f"{by} of {around.kind} {around.name}"
            inputs = shown(self.looks, self.payloads, around).inputs
            given |= {f"{around.name}.{name}": _given(value) for name, value in inputs.items()}
        doc = view.code(around.code_version)
        code = None if doc is None else Closure.from_doc(doc)
        return Made(
            version=version,
            by=by,
            given=given,
            code="" if code is None else code.whole,
            packages={} if code is None else code.distributions,
        )

    def _given(self, execution: Execution) -> dict[str, Given]:
        """Its inputs by name, and what it read beside them by the name of what was read."""
        given = {name: _given(value) for name, value in execution.inputs.items()}
        beside: dict[str, list[Given]] = {}
        for name, record in self._reads(execution):
            beside.setdefault(name, []).append(_given(record))
        return given | {name: _together(found) for name, found in beside.items()}

    def _reads(self, execution: Execution) -> Iterator[tuple[str, Any]]:
        edges = Edges(self.looks.catalog.view())
        for read in execution.reads:
            record = edges.record(read.item)
            name = record.name if isinstance(record, ArtifactVersion) else "a value"
            yield read.input or f"{name} ({read.how})", record


def _given(value: Any) -> Given:
    """An input as `Execution.inputs` gives it: a version, a nameless value, or the value itself."""
    if isinstance(value, ArtifactVersion):
        return Given(value.label, value.digest or value.ref)
    if isinstance(value, Value):
        payload = value.payload
        return Given(f"a {payload.type_name}", payload.digest or value.item)
    text = repr(value)
    return Given(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…", text)


def _together(found: list[Given]) -> Given:
    return Given(", ".join(g.words for g in found), ", ".join(g.content for g in found))
