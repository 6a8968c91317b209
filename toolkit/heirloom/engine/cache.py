"""Reusing what an equal call of a task made before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from heirloom.callers import warn_caller
from heirloom.declare.mapping import MapTask
from heirloom.declare.task import Task
from heirloom.declare.types import spell
from heirloom.declare.workflow import Workflow
from heirloom.engine.items import member_name, members_of, payload_of, recorded_slot
from heirloom.engine.slots import Slot
from heirloom.errors import NotPortable, PayloadDamaged, PayloadMissing, StoreError
from heirloom.records.executions import Execution, Item
from heirloom.records.payloads import Payload
from heirloom.records.versions import Value
from heirloom.store import Link, check

if TYPE_CHECKING:
    from heirloom.declare.closure import Closure
    from heirloom.declare.port import Target
    from heirloom.engine.payloads import Payloads
    from heirloom.engine.runner import Runner

__all__ = ["Hit", "cache_key", "check_cached", "check_portable", "reused"]

_FORM = 1
_GONE = (PayloadMissing, PayloadDamaged, StoreError, LookupError)


def cache_key(task: Task, slots: Mapping[str, Slot]) -> str | None:
    """What every equal call of a task has; `None` for one that is not cached.

    Equal are calls of the same code, ``cache_version`` and output types, with inputs of the same
    content in the same format; what is ignored does not count. An input that lives in this
    process only, or is taken for a secret, has no recorded content: the call is not cached, and
    a warning says so.

    Raises:
        NotPortable: The code is bound to this kernel: its digest does not tell what it does.
    """
    options = task.options
    if not options.cache:
        return None
    check_portable(task.name, task.closure)
    counted = {n: s.payload for n, s in slots.items() if n not in options.cache_ignore_input_vars}
    for name, payload in counted.items():
        if payload.format == "alive":
            _warn(task, name, payload)
            return None
    known = {
        "form": _FORM,
        "code": task.closure.digest,
        "version": options.cache_version,
        "inputs": {name: _content(payload) for name, payload in counted.items()},
        "outputs": [[spec.name, spell(spec.type)] for spec in task.interface.outputs],
    }
    text = orjson.dumps(known, option=orjson.OPT_SORT_KEYS)
    return f"sha256:{hashlib.sha256(text).hexdigest()}"


def check_cached(*targets: Target) -> None:
    """Refuse, before anything of a run has run, what it could not cache.

    What a dynamic workflow calls is known only when it has run its body.

    Raises:
        NotPortable: A task among them, or among what they call, has a cache and is bound to this
            kernel.
    """
    for target in targets:
        task = target.task if isinstance(target, MapTask) else target
        if isinstance(task, Task) and task.options.cache:
            check_portable(task.name, task.closure)
        if isinstance(task, Workflow) and not task.traced_in_runs:
            check_cached(*(node.target for node in task.graph_of(dict).nodes))


def check_portable(name: str, code: Closure) -> None:
    """Refuse to cache code whose digest does not tell what it does.

    Raises:
        NotPortable: It is bound to this kernel.
    """
    if not code.portable:
        msg = f"{name!r} cannot be cached: it uses {code.bound!r}, and {code.reason}."
        raise NotPortable(f"{msg} To mend it, {code.mend}.", name=code.bound, reason=code.reason)


def _content(payload: Payload) -> list[Any]:
    content = payload.digest if payload.link is None else payload.value
    return [payload.format, payload.type_name, content, dict(payload.meta)]


def _warn(task: Task, name: str, payload: Payload) -> None:
    why = f"is taken for a secret ({payload.secret})" if payload.secret else "has no format"
    msg = (
        f"{task.name!r} is not cached: its input {name!r}, a {payload.type_name}, {why} and is in "
        f"no record. cache_ignore_input_vars=[{name!r}] leaves it out of what is compared."
    )
    warn_caller(msg)


@dataclass(frozen=True, slots=True)
class Hit:
    """What an equal call made, all of it still there.

    Attributes:
        made: The id of the execution that ran.
        outputs: Its outputs as a call that reuses them records them.
        slots: The same, to be taken.
    """

    made: str
    outputs: Mapping[str, Item | Payload]
    slots: Mapping[str, Slot]

    def linked(self, started: Execution) -> Execution:
        """The record of an execution that reuses it."""
        return replace(started, cached_from=self.made, outputs=self.outputs)


def reused(runner: Runner, key: str) -> Hit | None:
    """What an equal call made; `None` where there is none, or what it made is not there any more.

    Args:
        runner: What runs the task.
        key: Of the call, as `cache_key` gave it.
    """
    view = runner.recorder.catalog.view()
    made = view.cached(runner.recorder.project, key)
    if made is None:
        return None
    try:
        outputs = {name: _linked(made, name, bound) for name, bound in made.outputs.items()}
        slots = {
            name: replace(
                recorded_slot(view, bound),
                within=members_of(made, name, partial(payload_of, view)),
            )
            for name, bound in outputs.items()
        }
        there = all(_usable(slot, runner.payloads) for slot in slots.values())
    except _GONE:
        return None
    return Hit(made.id, outputs, slots) if there else None


def _linked(made: Execution, name: str, bound: Item | Payload) -> Item | Payload:
    """An output as the item that it is; of a container, whose members are items, as it stands."""
    if isinstance(bound, Item) or member_name(name, 0) in made.outputs:
        return bound
    return Item(Value(execution_id=made.id, output=name, payload=bound).item)


def _usable(slot: Slot, payloads: Payloads) -> bool:
    withdrawn = slot.version is not None and slot.version.state not in {"live", "draft"}
    return not withdrawn and _there(slot.payload, payloads)


def _there(payload: Payload, payloads: Payloads) -> bool:
    """Whether a payload can be had: kept, or linked and unchanged since; it is not read."""
    if payload.format == "alive":
        return False
    if payload.link is not None:
        check(Link(**payload.value))
    elif not payload.inline and not payloads.stores.holding(payload).has(payload.digest or ""):
        return False
    return all(_there(member, payloads) for member in payloads.within(payload))
