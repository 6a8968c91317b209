"""One input, one output, and what stands for the value of an input."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, get_args

from heirloom.codecs import class_name
from heirloom.declare.artifact import Artifact
from heirloom.declare.conform import conformed
from heirloom.declare.emits import Emits
from heirloom.declare.misfit import Misfit, told
from heirloom.declare.types import is_optional, spell, takes_text
from heirloom.errors import InputError
from heirloom.records.queries import Query
from heirloom.records.refs import SCHEME, Ref
from heirloom.records.versions import ArtifactVersion

__all__ = ["MISSING", "InputSpec", "OutputSpec", "as_query", "is_of_versions", "member_hint"]

MISSING: Any = inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input; `default` is `MISSING`, a constant, or a `Query`."""

    name: str
    type: Any
    default: Any = MISSING

    @property
    def optional(self) -> bool:
        """Whether an unmet query gives `None`."""
        return is_optional(self.type)

    def conformed(self, value: Any, owner: str) -> Any:
        """A value as the annotation says; itself where it is that.

        Raises:
            InputError: It cannot be had so without loss.
        """
        try:
            return conformed(value, self.type)
        except Misfit as misfit:
            takes = f"Input {self.name!r} of {owner!r} takes {spell(self.type)}; got"
            raise _refused(value, self, takes, misfit) from None

    def check(self, value: Any, owner: str) -> None:
        """Hold a value against the annotation: whether it is there `conformed`.

        Raises:
            InputError: It does not fit, or holds a query, which is asked only by itself, or is
                a list of versions, which a declaration does not keep.
        """
        parts = value.values() if type(value) is dict else value
        if type(value) in (list, tuple, dict):
            for part in parts:
                if isinstance(part, Artifact | Query | Ref):
                    msg = (
                        f"Input {self.name!r} of {owner!r} is given {part!r:.80} inside of a "
                        f"{type(value).__name__}, where it is not asked. Give hl.get(…) of each "
                        "in a list, or one query.per(key)."
                    )
                    raise InputError(msg, name=self.name)
        try:
            self.conformed(value, owner)
        except InputError:
            if not is_of_versions(value):
                raise
            msg = (
                f"Input {self.name!r} of {owner!r} is declared with a list of versions, which "
                "only a run or a body can give. Write one query.per(key)."
            )
            raise InputError(msg, name=self.name) from None


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """One output.

    Attributes:
        emits: The artifact that it becomes a version of, if any.
        members: The artifact that each member of a list, tuple or dict becomes a version of.
    """

    name: str
    type: Any
    emits: Emits | None = None
    members: Emits | None = None

    @property
    def emitted(self) -> Emits | None:
        """What it emits, as a whole or by its members."""
        return self.emits or self.members

    def conformed(self, value: Any, owner: str) -> Any:
        """A returned value as it was promised; itself where it is that.

        Raises:
            InputError: It cannot be had so without loss.
        """
        try:
            return conformed(value, self.type)
        except Misfit as misfit:
            promises = f"Output {self.name!r} of {owner!r} is {spell(self.type)}; it returned"
            raise _refused(value, self, promises, misfit) from None

    def absent(self, owner: str) -> None:
        """Accept that there is no version of what it emits, its value being `None`.

        Raises:
            InputError: A version is promised.
        """
        hint = self.type if self.members is None else member_hint(get_args(self.type))
        if self.emitted is not None and not is_optional(hint):
            msg = (
                f"Output {self.name!r} of {owner!r} is None, which is no version of "
                f"{self.emitted.artifact.name!r}. Return a value, or annotate it '… | None'."
            )
            raise InputError(msg, name=self.name, expected=spell(hint), given="None")


def member_hint(inside: tuple[Any, ...]) -> Any:
    """What the members of a container are, by what stands in its brackets."""
    return inside[0] if inside[-1] is Ellipsis else inside[-1]


def is_of_versions(value: Any) -> bool:
    """Whether it is a version, or a list of versions, which stands for that of their payloads."""
    several = isinstance(value, list | tuple) and bool(value)
    each = value if several else (value,)
    return all(isinstance(one, ArtifactVersion) for one in each)


def as_query(given: Any, hint: Any = str) -> Any:
    """What names a version as the query for it, any other value as it is.

    That is an artifact, a ref, a version, and the full URI of one where `hint`, what the input
    is annotated with, takes no text.
    """
    if isinstance(given, Artifact):
        return given.query()
    if isinstance(given, ArtifactVersion):
        return Query.of(Ref.parse(given.ref))
    if isinstance(given, str) and given.startswith(SCHEME) and not takes_text(hint):
        return Query.of(Ref.parse(given))
    return Query.of(given) if isinstance(given, Ref) else given


def _refused(value: Any, spec: InputSpec | OutputSpec, begun: str, misfit: Misfit) -> InputError:
    why = f": {misfit.reason}" if misfit.reason else ""
    msg = f"{begun} {told(value)}{why}."
    given = class_name(type(value))
    return InputError(msg, name=spec.name, expected=spell(spec.type), given=given)
