"""The catalog at each size: recording, looking, searching, opening, making the index anew."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.crowd import crowd
from bench.figure import Figure
from bench.filled import CHAIN, PROJECT, TREE, emission, filled, item, name_of, with_execution
from bench.floors import Append, Sqlite, stock_tinydb
from bench.searches import SEARCHES, WORDS
from bench.taken import Taken, in_turn, taken

from heirloom.catalog import Batch, Catalog
from heirloom.records.clauses import Clause
from heirloom.records.queries import Query
from heirloom.records.search import parse_search

__all__ = ["figures"]

_ROUNDS = 400
_STOCK = 100_000  # one insertion into stock TinyDB takes a second there
_OPEN_LIMITS = {100_000: 10.0, 1_000_000: 50.0}
_FRESH = """
import json, sys, time
import heirloom.catalog, psutil
from heirloom.catalog import Catalog
before = psutil.Process().memory_full_info().uss
began = time.perf_counter()
catalog = Catalog(sys.argv[1])
took = time.perf_counter() - began
after = psutil.Process().memory_full_info().uss
print(json.dumps([took * 1e3, (after - before) / 1e6, after / 1e6]))
"""


def figures(place: Path, sizes: list[int]) -> Iterator[Figure]:
    """Each size in a home of its own under `place`, which is kept."""
    recorded: dict[int, float] = {}
    for size in sizes:
        home = filled(place / f"home-{size}", size)
        work = place / f"work-{size}"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(home, work)
        catalog = Catalog(work)
        yield from _recording(catalog, size, recorded)
        yield from _looking(catalog, size)
        yield from _searching(catalog, size)
        catalog.close()
        yield from _opening(work, size)
        shutil.rmtree(work)
    if len(recorded) > 1:
        first, *_, last = sorted(recorded)
        ratio = recorded[last] / recorded[first]
        yield Figure(f"record one version: at {_short(last)} / {_short(first)}", ratio, 1.2, "x")
    yield from crowd(place)


def _short(size: int) -> str:
    return f"{size // 1_000_000} M" if size >= 1_000_000 else f"{size // 1_000} k"


# ---------------------------------------------------------------------- recording


def _recording(catalog: Catalog, size: int, recorded: dict[int, float]) -> Iterator[Figure]:
    place, short = catalog.home / "floors", _short(size)
    place.mkdir()
    doc = emission("written/alone", 7, {"region": "r1"}).to_doc()
    append = Append(place / "append")
    full, normal = (Sqlite(place / f"{name}.db", name) for name in ("FULL", "NORMAL"))
    full.fill([doc] * size)
    normal.fill([doc] * size)
    took = in_turn(
        {
            "append": lambda: append.write(doc),
            "one": lambda: catalog.commit(_one),
            "two": lambda: catalog.commit(with_execution),
            "FULL": lambda: full.write(emission("written/alone", 7, {}).to_doc()),
            "NORMAL": lambda: normal.write(emission("written/alone", 7, {}).to_doc()),
            "unsynced": lambda: catalog.commit(_one, durable=False),
        },
        _ROUNDS,
    )
    floor = took["append"].p50
    recorded[size] = took["one"].p50 / floor
    yield _ratio(f"record one version / append + fsync, {short}", took["one"], floor, 1.6)
    yield _ratio(f"  with its execution, {short}", took["two"], floor, None)
    yield _ratio(f"  SQLite WAL FULL, {short}", took["FULL"], floor, None)
    yield _ratio(f"  SQLite WAL NORMAL, {short}", took["NORMAL"], floor, None)
    yield _ratio(f"  ours, not durable, {short}", took["unsynced"], floor, None)
    if size <= _STOCK:
        stock = stock_tinydb(place / "stock.json", [doc] * size)
        insert = taken(lambda: stock.insert(doc), 3, warm=0)
        yield _ratio(f"  stock TinyDB, {short}", insert, floor, None)
        stock.close()


def _one(view: Any) -> Batch:
    return Batch(versions=[view.number(emission("written/alone", 7, {"region": "r1"}))[0]])


def _ratio(work: str, took: Taken, floor: float, limit: float | None) -> Figure:
    return Figure(work, took.p50 / floor, limit, "x", took.note())


# ---------------------------------------------------------------------- looking


def _looking(catalog: Catalog, size: int) -> Iterator[Figure]:
    short, view, name = _short(size), catalog.view(), name_of(3)
    latest = view.resolve(Query(name=name, project=PROJECT))
    assert latest is not None
    catalog.names()
    every = tuple(Clause(key, "=", (value,)) for key, value in latest.conditions.items())
    questions: dict[str, tuple[Callable[[], object], float]] = {
        "idle refresh": (catalog.position, 10),
        "latest by name": (lambda: view.resolve(Query(name=name, project=PROJECT)), 25),
        "latest by name and partitions": (
            lambda: view.resolve(Query(name=name, project=PROJECT, clauses=every)),
            25,
        ),
        "latest by name and one partition": (
            lambda: view.resolve(Query(name=name, project=PROJECT, clauses=every[:1])),
            25,
        ),
        "one hop": (lambda: (view.producer(item(5)), view.consumers(item(5))), 100),
    }
    for work, (question, limit) in questions.items():
        took = taken(question, 2_000)
        yield Figure(f"{work}, {short}", took.p50 * 1e6, limit, "us", took.note())
    yield _related(catalog, f"ancestors, chain of 1 000, {short}", item(CHAIN - 1), "up", 5)
    if size >= TREE:
        yield _related(catalog, f"closure of 100 k nodes, {short}", item(0), "down", 1_000)


def _related(catalog: Catalog, work: str, at: str, direction: str, limit: float) -> Figure:
    """The best: what else the machine does only ever adds."""
    view = catalog.view()
    took = taken(lambda: view.related(at, direction), 9, warm=1)
    note = f"{len(view.related(at, direction))} found, best of 9, {took.note('ms')}"
    return Figure(work, took.seconds[0] * 1e3, limit, "ms", note)


# ---------------------------------------------------------------------- searching


def _searching(catalog: Catalog, size: int) -> Iterator[Figure]:
    """The dearest of all filters and the dearest of all words, each on three pages."""
    short = _short(size)
    for work, texts in (("any filter", SEARCHES), ("full text", WORDS)):
        took = {text: _paged(catalog, text, size) for text in texts}
        worst = max(took, key=lambda text: took[text])
        note = f"the dearest of {len(texts)}: {worst!r}"
        yield Figure(f"search page, {work}, {short}", took[worst] * 1e3, 50, "ms", note)


def _paged(catalog: Catalog, text: str, size: int) -> float:
    """Seconds of the first page, the one after it, or one in the middle: the most of them.

    Each is asked after another search: a handle keeps what it found last.
    """
    node, other = parse_search(text), parse_search("name=none")
    _, following, _ = catalog.search(node, project=PROJECT)
    most = 0.0
    for cursor in (None, following, str(size // 2)):
        both = in_turn(
            {
                "other": lambda: catalog.search(other, project=PROJECT),
                "page": lambda cursor=cursor: catalog.search(node, project=PROJECT, cursor=cursor),  # type: ignore[misc]
            },
            3,
            warm=0,
        )
        most = max(most, both["page"].p50)
    return most


# ---------------------------------------------------------------------- opening


def _opening(home: Path, size: int) -> Iterator[Figure]:
    short = _short(size)
    fresh = sorted(_fresh(home) for _ in range(5))
    took, own, whole = fresh[2]
    note = f"private memory {own:.1f} MB of the process's {whole:.0f}"
    yield Figure(f"open, {short}", took, _OPEN_LIMITS.get(size), "ms", note)
    yield Figure(f"open, {short}: private memory", own, 100, "MB")
    for path in home.glob("index.sqlite*"):
        path.unlink()
    began = time.perf_counter()
    _, own, whole = _fresh(home)
    took = (time.perf_counter() - began) * 1e3
    yield Figure(f"index made anew, {short}", took, None, "ms", f"private memory {own:.0f} MB")


def _fresh(home: Path) -> tuple[float, float, float]:
    """Milliseconds to open in a fresh process, what it added to its memory, and all of that."""
    run = subprocess.run(
        [sys.executable, "-c", _FRESH, str(home)], check=True, capture_output=True, text=True
    )
    took, own, whole = json.loads(run.stdout)
    return took, own, whole
