"""A launch form as data: what somebody must decide, and what stands where nobody does."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, overload

from heirloom.records.clock import stamp
from heirloom.records.versions import ArtifactVersion
from heirloom.render.listing import Listing

__all__ = ["Field", "Fitting", "LaunchForm"]

_OFFERED = 50
"""Versions of one input that a form as text or as JSON goes through, at most."""


class Fitting:
    """The versions that fit an input: asked for as one goes through them, the catalog's pages.

    Each time anew: the newest that there is then comes first. ``versions[0]`` and ``versions[:50]``
    look at no more than they give; there is no length, as that would take looking at them all.
    """

    def __init__(self, ask: Callable[[], Iterator[ArtifactVersion]]) -> None:
        """Take them from what `ask` gives."""
        self._ask = ask

    def __iter__(self) -> Iterator[ArtifactVersion]:
        return self._ask()

    def __bool__(self) -> bool:
        return next(self._ask(), None) is not None

    @overload
    def __getitem__(self, at: int) -> ArtifactVersion: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[ArtifactVersion, ...]: ...
    def __getitem__(self, at: int | slice) -> ArtifactVersion | tuple[ArtifactVersion, ...]:
        if isinstance(at, slice):
            return tuple(islice(self._ask(), at.start, at.stop, at.step))
        for version in islice(self._ask(), at, None):
            return version
        msg = f"Fewer than {at + 1} versions fit."
        raise IndexError(msg)

    def __repr__(self) -> str:
        return f"<versions that fit: {self.counted}>"

    @property
    def counted(self) -> str:
        """How many they are, for people: at most ``50+``."""
        found = len(self[: _OFFERED + 1])
        return str(found) if found <= _OFFERED else f"{_OFFERED}+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input.

    Attributes:
        type: The annotation as its author would write it.
        widget: ``int`` ``float`` ``str`` ``bool`` ``choice`` ``date`` ``datetime`` ``file``,
            ``json`` for lists, mappings and what may be one thing or another, or ``version`` for
            what no text can say.
        required: Whether it must be given: nothing else decides it.
        fixed: Whether a plan has decided it: giving it is an error.
        default: The constant, where there is one; else `None`.
        query: What asks for the version where nothing is given, as text; else `None`.
        resolved: The version that the query means now; of one that means several, the newest.
        reason: Why there is none.
        choices: What there is to choose from, for ``choice``.
        versions: All that would fit: what its query means, its artifact's others, the others of the
            project, the newest first; looked up as one goes through them.
        held: What `check` calls.
        reads: What `LaunchForm.read` calls.
    """

    name: str
    type: str
    widget: str
    required: bool
    fixed: bool
    default: Any = None
    query: str | None = None
    resolved: ArtifactVersion | None = None
    reason: str | None = None
    choices: tuple[Any, ...] = ()
    versions: Fitting = dataclasses.field(repr=False, compare=False)
    held: Callable[[Any], None] = dataclasses.field(repr=False, compare=False)
    reads: Callable[[str], Any] = dataclasses.field(repr=False, compare=False)

    def check(self, value: Any) -> None:
        """Hold a live value against the input's type, as a run would before it begins.

        Raises:
            InputError: The input does not take it.
        """
        self.held(value)

    @property
    def said(self) -> str:
        """What it is where nothing is given, or that it must be; for people."""
        if self.query is None:
            said = "must be given" if self.required else repr(self.default)
        elif self.resolved is not None:
            said = f"{self.resolved.name}@{self.resolved.version}, by {self.query}"
        else:
            said = self.reason or ""
        return f"{said} (fixed)" if self.fixed else said

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON values; the first 50 versions, by ref and what tells them apart."""
        return {
            "name": self.name,
            "type": self.type,
            "widget": self.widget,
            "required": self.required,
            "fixed": self.fixed,
            "default": _plain(self.default),
            "query": self.query,
            "resolved": self.resolved and _told(self.resolved),
            "reason": self.reason,
            "choices": [_plain(choice) for choice in self.choices],
            "versions": [_told(version) for version in self.versions[:_OFFERED]],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchForm:
    """What a target takes, as things stand now.

    Attributes:
        kind: ``task``, ``workflow``, ``map`` or ``notebook``.
        plan: The plan that it was asked for by; else `None`.
        fields: Its inputs, in their order.
    """

    name: str
    kind: str
    plan: str | None
    fields: tuple[Field, ...]

    def __getitem__(self, name: str) -> Field:
        return {field.name: field for field in self.fields}[name]

    def read(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """Inputs as a person writes them after ``-p``, each text read by its input's type.

        A text for what is no input stays as it is: `hl.run` names the nearest.
        """
        known = {field.name: field for field in self.fields}
        return {
            name: known[name].reads(text) if name in known else text for name, text in texts.items()
        }

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        fields = [field.to_dict() for field in self.fields]
        return {"name": self.name, "kind": self.kind, "plan": self.plan, "fields": fields}

    @property
    def listing(self) -> Listing:
        """It as a table: each input's type, what it is now, and how many versions would fit."""
        rows = [(each.name, each.type, each.said, each.versions.counted) for each in self.fields]
        title = f"{self.kind} {self.name}" + (f", by plan {self.plan}" if self.plan else "")
        return Listing(title, ("input", "type", "what it is", "would fit"), tuple(rows))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return self.listing.bundle()

    def __repr__(self) -> str:
        return f"<launch form of {self.kind} {self.name}: {len(self.fields)} inputs>"


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.name
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return repr(value)


def _told(version: ArtifactVersion) -> dict[str, Any]:
    return {
        "ref": version.ref,
        "name": version.name,
        "version": version.version,
        "partitions": dict(version.partitions),
        "type": version.type_name,
        "created_at": stamp(version.created_at),
    }
