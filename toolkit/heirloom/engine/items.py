"""What an execution's record names, looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from heirloom.engine.slots import Slot
from heirloom.records.executions import Execution, Item
from heirloom.records.items import made_value, made_version
from heirloom.records.payloads import Payload
from heirloom.records.refs import SCHEME
from heirloom.records.versions import ArtifactVersion, Value

if TYPE_CHECKING:
    from heirloom.catalog.protocol import View

__all__ = [
    "each_of",
    "member_name",
    "members_of",
    "payload_of",
    "recorded_slot",
    "value_of",
    "version_of",
]


def member_name(output: str, at: int) -> str:
    """The name of the output that one member of a container is, by its place in it."""
    return f"{output}[{at}]"


def each_of(value: Any) -> Iterable[Any]:
    """The members of a container, of a dict its values; in the order of their places."""
    return value.values() if isinstance(value, Mapping) else value


def members_of(
    execution: Execution, output: str, payload_of: Callable[[Item], Payload]
) -> dict[Item, Payload]:
    """The versions that the members of a container became, each with its payload.

    Where they have no number yet, they are the values that they will be versions of.
    """
    found = {}
    for name, bound in execution.outputs.items():
        if not name.startswith(f"{output}["):
            continue
        if isinstance(bound, Item):
            found[bound] = payload_of(bound)
        else:
            found[Item(Value(execution_id=execution.id, output=name, payload=bound).item)] = bound
    return found


def payload_of(view: View, item: Item) -> Payload:
    """The payload of what an execution's record names."""
    return recorded_slot(view, item).payload


def recorded_slot(view: View, bound: Item | Payload) -> Slot:
    """What an input or output is bound to, as a slot."""
    if isinstance(bound, Payload):
        return Slot(bound, bound)
    if bound.id.startswith(SCHEME):
        version = version_of(view, bound.id)
        return Slot(bound, version.payload, version=version)
    return Slot(bound, value_of(view, bound.id).payload)


def found_item(view: View, item: str) -> ArtifactVersion | Value | None:
    """The version or the nameless value that an item names; `None` where the catalog has none."""
    if item.startswith(SCHEME):
        return view.version(*made_version(item))
    execution_id, output = made_value(item) or ("", "")
    made = view.execution(execution_id)
    payload = made.outputs.get(output) if made is not None else None
    if not isinstance(payload, Payload):
        return None
    return Value(execution_id=execution_id, output=output, payload=payload)


def version_of(view: View, item: str) -> ArtifactVersion:
    """The version that an item of an execution names.

    Raises:
        LookupError: There is none: the catalog lost it.
    """
    found = found_item(view, item)
    if not isinstance(found, ArtifactVersion):
        raise _lost(item)
    return found


def value_of(view: View, item: str) -> Value:
    """The nameless value that an item of an execution names.

    Raises:
        LookupError: There is none: the catalog lost it.
    """
    found = found_item(view, item)
    if not isinstance(found, Value):
        raise _lost(item)
    return found


def _lost(item: str) -> LookupError:
    msg = f"The catalog has no {item!r}, which an execution names."
    return LookupError(msg)
