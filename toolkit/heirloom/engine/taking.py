"""Which recorded payloads an annotation takes, told without loading what the store holds."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, get_origin

from heirloom.codecs.naming import class_name, loaded
from heirloom.declare.artifact import Artifact
from heirloom.declare.columns import FRAMES, columns_of, is_frame, why_not_columns
from heirloom.declare.compatible import why_not
from heirloom.declare.conform import conformed
from heirloom.declare.interface import Interface
from heirloom.declare.misfit import Misfit, told
from heirloom.declare.types import members_of_union, plain_type, says_nothing, spell
from heirloom.engine.emission import bound_by
from heirloom.errors import InputError
from heirloom.records.files import Directory, File
from heirloom.records.payloads import ABSENT, Payload
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion

if TYPE_CHECKING:
    from heirloom.engine.payloads import Payloads
    from heirloom.engine.slots import Slot

__all__ = ["check_taken", "may_be_of", "takes", "takes_any", "wants_the_version"]

_THE_VERSION = (ArtifactVersion, Artifact, Query, Ref)


def wants_the_version(hint: Any, kind: str) -> bool:
    """Whether an input is given what names a version, not its payload; only a notebook's may be.

    Args:
        hint: The input's annotation.
        kind: What takes it: ``notebook``, ``workflow`` and so on.
    """
    return kind == "notebook" and (takes_any(hint, kind) or _alone(hint) is str)


def takes_any(hint: Any, kind: str) -> bool:
    """Whether an input names a version, so that every version fits; as `wants_the_version`."""
    return kind == "notebook" and _alone(hint) in _THE_VERSION


def _alone(hint: Any) -> Any:
    """What an annotation is but for `None`; `None` where that is several."""
    hint = plain_type(hint)
    rest = [each for each in members_of_union(hint) or (hint,) if each is not type(None)]
    return rest[0] if len(rest) == 1 else None


def check_taken(target: Any, slots: Mapping[str, Slot], payloads: Payloads) -> None:
    """Hold recorded inputs against their annotations and what is bound to them, before a body.

    A value that is alive was held against it when it was given, or is when a body takes it.

    Raises:
        InputError: One cannot be had as its input asks for.
        PartitionError: One cannot be the partition value that it is bound to be.
        DeclarationError: One that is bound to be a partition value is no scalar.
    """
    interface: Interface = target.interface
    plain: dict[str, Any] = {}
    for name, slot in slots.items():
        spec, payload = interface.inputs[name], slot.payload
        named = slot.version is not None and wants_the_version(spec.type, target.kind)
        if payload.format == "alive" or named:
            continue
        if payloads.in_record(payload):
            value = slot.alive if slot.alive is not ABSENT else payloads.load(payload)
            spec.check(value, interface.owner)
            plain[name] = value
        elif slot.alive is ABSENT and (why := _why_not_taken(spec.type, payload, payloads)):
            what = f"{slot.version.name}@{slot.version.version}, " if slot.version else ""
            msg = (
                f"Input {name!r} of {interface.owner!r} takes {spell(spec.type)}; got "
                f"{what}{payload.type_name}: {why}."
            )
            raise InputError(msg, name=name, expected=spell(spec.type), given=payload.type_name)
    for output in interface.outputs:
        if output.emitted is not None:
            bound_by(output.emitted, plain)


def may_be_of(hint: Any, type_name: str) -> bool:
    """Whether some value that was recorded as that class may be taken where `hint` stands."""
    return why_not(_kind_of(type_name), hint) is None


def takes(hint: Any, payload: Payload, payloads: Payloads) -> bool:
    """Whether a payload is to be offered where `hint` stands.

    A class that was not imported here is, where it is of the annotation's own package.
    """
    if payload.format == "alive" or _why_not_taken(hint, payload, payloads) is not None:
        return False
    members = map(plain_type, members_of_union(plain_type(hint)) or (hint,))
    return any(_may_be(payload, get_origin(each) or each) for each in members)


def _may_be(payload: Payload, kind: Any) -> bool:
    """Whether the class of a payload, known here or not, may be the annotation's."""
    if not says_nothing(_type_of(payload)) or payload.inline or not isinstance(kind, type):
        return True
    name = class_name(kind)
    root = name.partition(".")[0]
    alike = "." in name and name not in FRAMES and payload.type_name.startswith(f"{root}.")
    return says_nothing(kind) or alike or {payload.type_name, name} <= set(FRAMES)


def _why_not_taken(hint: Any, payload: Payload, payloads: Payloads) -> str | None:
    """Why a payload cannot be had as `hint` says; `None` where it can, or the value will tell.

    What the record itself holds is tried; else what it tells of the type is held against the
    annotation: the class, a file's format, a frame's columns.
    """
    if payloads.in_record(payload):
        try:
            conformed(value := payloads.load(payload), hint)
        except Misfit as misfit:
            return misfit.reason or f"{told(value)} is no {spell(hint)}"
        return None
    if payload.type_name in FRAMES and says_nothing(_type_of(payload)):
        return _why_not_frame(payload, hint)
    return why_not(_type_of(payload), hint)


def _why_not_frame(payload: Payload, hint: Any) -> str | None:
    """Like `why_not` for a frame whose library was not imported here, and need not be."""
    columns, hint = columns_of(hint), plain_type(hint)
    if (members := members_of_union(hint)) is not None:
        reasons = [_why_not_frame(payload, each) for each in members]
        return None if None in reasons else reasons[0]
    kind = get_origin(hint) or hint
    if is_frame(kind):
        return why_not_columns(_columns(payload), columns or {}) or None
    ours = isinstance(kind, type) and kind.__module__ in ("builtins", File.__module__)
    return f"{payload.type_name} is no {spell(hint)}" if ours and kind is not object else None


def _type_of(payload: Payload) -> Any:
    """The type that a payload was recorded as; `Any` where its class was not imported here."""
    name = payload.type_name
    if name in ("File", "Directory"):
        bare: Any = File if name == "File" else Directory
        form = payload.meta.get("file_format", "")
        return bare[form] if form else bare
    kind = _kind_of(name)
    return Annotated[kind, _columns(payload)] if name in FRAMES and kind is not Any else kind


def _kind_of(type_name: str) -> Any:
    """The class that a record names; `Any` where it was not imported here."""
    ours = {"File": File, "Directory": Directory}
    kind = ours.get(type_name) or loaded(type_name) or getattr(builtins, type_name, None)
    return kind if isinstance(kind, type) else Any


def _columns(payload: Payload) -> dict[str, str]:
    return {str(name): kind for name, kind in (payload.schema or {}).get("columns", ())}
