"""The front's functions: each is the current session's method of the same name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from heirloom.ancestry import Lineage
from heirloom.engine.launching import Settled
from heirloom.engine.looks import Page
from heirloom.engine.plans import Plan
from heirloom.records.executions import Execution
from heirloom.records.ledger import LedgerRow
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion, Card
from heirloom.session import current

__all__ = [
    "alias",
    "annotate",
    "execution",
    "executions",
    "get",
    "ledger",
    "lineage",
    "plan",
    "plans",
    "publish",
    "pull",
    "pull_frame",
    "ref",
    "release",
    "run",
    "search",
    "settle",
    "yank",
]


def ref(text: str) -> Ref:
    """The ref that `text` spells; ``str`` gives the text back.

    Raises:
        RefError: It is no ref; the message points at the spot.
    """
    return Ref.parse(text)


def get(ref: Any, **partitions: Any) -> ArtifactVersion:
    """The record of the version that `ref` means; a look, no edge.

    See `Session.get`.
    """
    return current().get(ref, **partitions)


def pull(
    ref: Any,
    *,
    as_: Any = None,
    to: str | os.PathLike[str] | None = None,
    allow_pickle: bool = False,
    **partitions: Any,
) -> Any:
    """The payload of the version that `ref` means, verified; a read, so an edge.

    See `Session.pull`.
    """
    return current().pull(ref, as_=as_, to=to, allow_pickle=allow_pickle, **partitions)


def pull_frame(ref: Any, **partitions: Any) -> Any:
    """The payload as a pandas DataFrame; a read, so an edge.

    See `Session.pull_frame`.
    """
    return current().pull_frame(ref, **partitions)


def search(text: str = "", *, limit: int = 100, cursor: str | None = None) -> Page:
    """A page of the versions that a search line finds, newest first.

    See `Session.search`.
    """
    return current().search(text, limit=limit, cursor=cursor)


def publish(
    value: Any,
    ref: str,
    card: Card | str | None = None,
    *,
    time_partition: datetime | date | None = None,
    format: str | None = None,
    draft: bool = False,
) -> ArtifactVersion:
    """Emit `value` as the next version of ``name[key=value]``, from anywhere.

    See `Session.publish`.
    """
    return current().publish(
        value, ref, card, time_partition=time_partition, format=format, draft=draft
    )


def lineage(
    ref: Any,
    up: int | None = 1,
    down: int | None = 1,
    as_of: datetime | None = None,
    *,
    limit: int = 1000,
) -> Lineage:
    """The lineage around a version; a hop is version, execution, version; `None` is all.

    See `Session.lineage`.
    """
    return current().lineage(ref, up, down, as_of, limit=limit)


def run(
    target: Any, inputs: Mapping[str, Any] | None = None, /, *, check: bool = True, **named: Any
) -> Execution:
    """Run a task, workflow, plan or notebook, and return its execution.

    See `Session.run`.
    """
    return current().run(target, inputs, check=check, **named)


def settle(timeout: float | None = None) -> Settled:
    """Run here what is queued, wait for what others run, until nothing moves.

    See `Session.settle`.
    """
    return current().settle(timeout)


def alias(ref: Any, alias: str, reason: str = "") -> ArtifactVersion:
    """Let `alias` point at this version from now on.

    See `Session.alias`.
    """
    return current().alias(ref, alias, reason)


def annotate(ref: Any, card: Card | str | None = None, note: str | None = None) -> ArtifactVersion:
    """Revise the card of a version, or add a note to it.

    See `Session.annotate`.
    """
    return current().annotate(ref, card, note)


def yank(ref: Any, reason: str = "") -> ArtifactVersion:
    """Take a version out of ``latest`` and of queries; its number still reaches it.

    See `Session.yank`.
    """
    return current().yank(ref, reason)


def release(draft: Any) -> ArtifactVersion:
    """Emit a draft's payload as a new version, which fires as any other.

    See `Session.release`.
    """
    return current().release(draft)


def plans() -> list[Plan]:
    """The launch plans of the project, by name.

    See `Session.plans`.
    """
    return current().plans()


def plan(name: str) -> Plan:
    """The launch plan of that name.

    See `Session.plan`.
    """
    return current().plan(name)


def ledger(plan: str | None = None, *, limit: int = 100, **filters: Any) -> list[LedgerRow]:
    """What became of events at plans, newest first.

    See `Session.ledger`.
    """
    return current().ledger(plan, limit=limit, **filters)


def execution(execution_id: str) -> Execution:
    """An execution by its id, or by six signs or more that begin it.

    See `Session.execution`.
    """
    return current().execution(execution_id)


def executions(*, limit: int = 100, **filters: Any) -> list[Execution]:
    """Executions, newest first.

    See `Session.executions`.
    """
    return current().executions(limit=limit, **filters)
