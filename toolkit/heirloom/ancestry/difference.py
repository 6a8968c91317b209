"""How two versions differ: their records, cards, code, and what went into them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from heirloom import render
from heirloom.records.versions import ArtifactVersion

__all__ = ["Change", "Diff", "Given", "Made", "difference"]

_ABSENT = "(none)"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs, in words; what was not there, or is not, is empty."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name}: {self.before or _ABSENT} → {self.after or _ABSENT}"


@dataclass(frozen=True, slots=True)
class Given:
    """What an execution was given or read, in words, and what its content is told by."""

    words: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A version with how it was made, as far as that is recorded.

    Attributes:
        by: What made it: ``cell forecast``.
        given: Inputs and reads, by name.
        code: The text of its source closure; empty where there is none.
        packages: Installed distributions that the code names, with their versions.
    """

    version: ArtifactVersion
    by: str = ""
    given: Mapping[str, Given] = field(default_factory=dict)
    code: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Diff:
    """What differs from version `a` to version `b`; what is empty is the same.

    Attributes:
        record: Of the record: type, content, partitions, state, who made it and what.
        schema: Columns, rows, shape.
        inputs: What the executions were given or read. Two nameless values of equal content are
            the same.
        packages: Versions of installed distributions that the code of both names; what only one
            names is in `code`, as an import.
        card: A unified diff of the cards' texts.
        code: A unified diff of the source closures.
    """

    a: ArtifactVersion
    b: ArtifactVersion
    record: tuple[Change, ...] = ()
    schema: tuple[Change, ...] = ()
    inputs: tuple[Change, ...] = ()
    packages: tuple[Change, ...] = ()
    card: str = ""
    code: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """Which parts differ, by their names here."""
        names = ("record", "schema", "inputs", "packages", "card", "code")
        return tuple(name for name in names if getattr(self, name))

    @property
    def title(self) -> str:
        """Which two versions, in words."""
        return f"{self.a.label} → {self.b.label}"

    def __repr__(self) -> str:
        return f"<diff {self.title}: {', '.join(self.parts) or 'no difference'}>"

    def to_text(self) -> str:
        """All of it, one line a change, then the unified diffs."""
        return "\n".join([self.title, *self.lines()])

    def lines(self) -> Iterator[str]:
        """What `to_text` shows under its title."""
        if not self.parts:
            yield "no difference"
        for part in self.parts:
            found = getattr(self, part)
            yield part
            shown = found.splitlines() if isinstance(found, str) else map(str, found)
            yield from (f"  {line}" for line in shown)

    def to_html(self) -> render.Html:
        """All of it, without script."""
        return render.frame(self.title, *self.sections())

    def sections(self) -> Iterator[render.Html]:
        """What `to_html` shows under its title."""
        if not self.parts:
            yield render.escape("no difference")
        for part in self.parts:
            found = getattr(self, part)
            if isinstance(found, str):
                shown = render.unified(found)
            else:
                rows = [
                    (each.name, each.before or _ABSENT, each.after or _ABSENT) for each in found
                ]
                shown = render.table(rows, ("", self.a.label, self.b.label))
            yield render.section(part.capitalize(), shown)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.to_text(), "text/html": self.to_html()}


def difference(a: Made, b: Made) -> Diff:
    """What differs from `a` to `b`."""
    names = a.version.label, b.version.label
    return Diff(
        a=a.version,
        b=b.version,
        record=_changes(_record(a), _record(b)),
        schema=_changes(_schema(a.version), _schema(b.version)),
        inputs=_inputs(a.given, b.given),
        packages=_of_both(_changes(a.packages, b.packages)),
        card=_unified(str(a.version.card or ""), str(b.version.card or ""), *names),
        code=_unified(a.code, b.code, *names),
    )


def _record(made: Made) -> dict[str, str]:
    version = made.version
    facts = {
        "name": f"{version.project}/{version.name}",
        **version.conditions,
        "type": version.type_name,
        "format": version.format,
        "kind": version.kind,
        "content": (version.digest or version.uri).removeprefix("sha256:")[:12],
        "size": render.size_text(version.size),
        "state": version.state,
        "aliases": ", ".join(version.aliases),
        "notes": "; ".join(version.notes),
        "made by": made.by,
        "user": version.created_by,
    }
    return {name: text for name, text in facts.items() if text}


def _schema(version: ArtifactVersion) -> dict[str, str]:
    schema = dict(version.schema or {})
    columns = {f"column {name}": str(kind) for name, kind in schema.pop("columns", ())}
    return {name: str(value) for name, value in schema.items()} | columns


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    return _compared(before, after, lambda a, b: a == b, str)


def _of_both(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    return tuple(each for each in changes if each.before and each.after)


def _inputs(before: Mapping[str, Given], after: Mapping[str, Given]) -> tuple[Change, ...]:
    found = _compared(before, after, _same, lambda given: given.words)
    return tuple(
        Change(each.name, each.before, f"{each.after}, of equal content")
        if _equal(before.get(each.name), after.get(each.name))
        else each
        for each in found
    )


def _same(a: Given, b: Given) -> bool:
    return a.words == b.words and a.content == b.content


def _equal(a: Given | None, b: Given | None) -> bool:
    return a is not None and b is not None and a.content == b.content


def _compared(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    same: Callable[[Any, Any], bool],
    words: Callable[[Any], str],
) -> tuple[Change, ...]:
    """What is in one of two mappings alone, or not the same in both, in the order of the names."""
    return tuple(
        Change(
            name,
            words(before[name]) if name in before else "",
            words(after[name]) if name in after else "",
        )
        for name in dict.fromkeys((*before, *after))
        if name not in before or name not in after or not same(before[name], after[name])
    )


def _unified(before: str, after: str, a: str, b: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), a, b, lineterm="")
    return "\n".join(lines)
