"""What an execution's record names, looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heirloom.engine.slots import Slot
from heirloom.records.executions import Item
from heirloom.records.payloads import Payload
from heirloom.records.refs import SCHEME, Ref
from heirloom.records.versions import ArtifactVersion, Value

if TYPE_CHECKING:
    from heirloom.catalog import View

__all__ = ["recorded_slot", "value_of", "version_of"]


def recorded_slot(view: View, bound: Item | Payload) -> Slot:
    """What an input or output is bound to, as a slot."""
    if isinstance(bound, Payload):
        return Slot(bound, bound)
    if bound.id.startswith(SCHEME):
        version = version_of(view, bound.id)
        return Slot(bound, version.payload, version=version)
    return Slot(bound, value_of(view, bound.id).payload)


def version_of(view: View, item: str) -> ArtifactVersion:
    """The version that an item of an execution names.

    Raises:
        LookupError: There is none: the catalog lost it.
    """
    ref = Ref.parse(item)
    number = ref.at if isinstance(ref.at, int) else 0
    version = view.version(ref.project or "", ref.name, number)
    if version is None:
        raise _lost(item)
    return version


def value_of(view: View, item: str) -> Value:
    """The nameless value that an item of an execution names.

    Raises:
        LookupError: There is none: the catalog lost it.
    """
    execution_id, _, output = item.removeprefix("value:").partition("/")
    made = view.execution(execution_id)
    payload = made.outputs.get(output) if made is not None else None
    if not isinstance(payload, Payload):
        raise _lost(item)
    return Value(execution_id=execution_id, output=output, payload=payload)


def _lost(item: str) -> LookupError:
    msg = f"The catalog has no {item!r}, which an execution names."
    return LookupError(msg)
