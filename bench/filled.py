"""Homes with any number of versions, written through the catalog's own code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from heirloom.catalog import Batch, Catalog, View
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.ids import new_id
from heirloom.records.items import version_item
from heirloom.records.payloads import Payload
from heirloom.records.versions import ArtifactVersion, Card

__all__ = [
    "CHAIN",
    "PROJECT",
    "TREE",
    "emission",
    "filled",
    "item",
    "name_of",
    "with_execution",
]

PROJECT = "bench"
NAMES = 200
CHAIN = 1_000
TREE = 100_000
_AT_ONCE = 2_000
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_DIGEST = "sha256:" + "0" * 64


def filled(home: Path, versions: int) -> Path:
    """A home with so many versions and the executions that made them; kept if it is there.

    The first `CHAIN` versions are a chain, the next up to `TREE` a tree under the first
    of them, the others chains of ten.
    """
    if home.exists():
        return home
    catalog = Catalog(home, sync="none")
    catalog.commit(lambda _: Batch(declarations=[_declaration(n) for n in range(NAMES)]))
    for first in range(0, versions, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, versions))
        catalog.commit(lambda view, numbers=numbers: _batch(view, numbers))  # type: ignore[misc]
    catalog.names()
    catalog.close()
    return home


def name_of(number: int) -> str:
    """The name that the version of that number in the whole catalog has."""
    return f"team{number % 20}/art{number % NAMES}"


def item(number: int) -> str:
    """Its full ref."""
    return version_item(PROJECT, name_of(number), number // NAMES + 1)


def _declaration(number: int) -> Declaration:
    return Declaration(
        project=PROJECT,
        name=name_of(number),
        version=1,
        keys=("region", "day", "tier"),
        types={"day": "date", "tier": "int"} if number % 2 else {},
        description=f"What team {number % 20} knows of matter {number}",
        declared_at=_BEGAN,
        declared_by="ada",
    )


def _batch(view: View, numbers: range) -> Batch:
    batch = Batch()
    for number in numbers:
        version = view.number(_emission(number))[0]
        batch.versions.append(version)
        batch.executions.append(_run(version, number))
    return batch


def _emission(number: int) -> ArtifactVersion:
    partitions = {
        "region": f"r{number // NAMES % 20}",
        "day": (_BEGAN + timedelta(days=number // 4_000 % 360)).date().isoformat(),
        "tier": str(number % 7),
    }
    card = (
        Card(f"# Card {number}\n\nAccuracy {number % 997}, {_WORDS}") if number % 10 == 0 else None
    )
    when = _BEGAN + timedelta(seconds=number)
    return emission(name_of(number), number, partitions, card=card, when=when)


_WORDS = (
    "measured on the holdout of the quarter. Trained on cleaned sales of every region, without "
    "returns; do not use it for wholesale. Seasonal naive is the baseline that it has to beat."
)


def emission(
    name: str,
    value: int,
    partitions: dict[str, str],
    *,
    card: Card | None = None,
    when: datetime = _BEGAN,
) -> ArtifactVersion:
    """A version without number, its value in the record."""
    run = new_id()
    return ArtifactVersion(
        project=PROJECT,
        name=name,
        version=0,
        payload=Payload(
            format="json", type_name="int", kind="value", value=value, digest=_DIGEST, size=3
        ),
        partitions=partitions,
        created_at=when,
        created_by="ada" if value % 3 else "grace",
        execution_id=run,
        root_id=run,
        path="",
        output="out",
        card=card,
    )


def _run(version: ArtifactVersion, number: int) -> Execution:
    return Execution(
        id=version.execution_id,
        kind="task",
        name=f"task{number % 50}",
        state="succeeded",
        root_id=version.root_id,
        project=PROJECT,
        created_by=version.created_by,
        started_at=version.created_at,
        ended_at=version.created_at,
        outputs={"out": Item(version.ref)},
        reads=tuple(Read(item(each), "x", "read") for each in _sources(number)),
    )


def _sources(number: int) -> tuple[int, ...]:
    if number < CHAIN:
        return (number - 1,) if number else ()
    if number < TREE:
        return ((number - CHAIN) // 2 + CHAIN,) if number > CHAIN else (0,)
    return (number - 1,) if number % 10 else ()


def with_execution(view: View, name: str = "written/run", value: int = 7) -> Batch:
    """A version and the execution that made it."""
    version = view.number(emission(name, value, {"region": "r1"}))[0]
    return Batch(versions=[version], executions=[_run(version, 0)])
