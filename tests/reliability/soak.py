"""One process of the soak: a writer, a reader, or a spoiler of the index, until it is killed.

``python soak.py ROLE HOME LOG``. A writer notes every number that it was told is kept; a reader
ends with an error as soon as anything that it sees is wrong.
"""

from __future__ import annotations

import os
import random
import sys
import time
from contextlib import suppress
from pathlib import Path

from workload import emission, execution

from heirloom.catalog import Batch, Catalog, View
from heirloom.records.executions import Item
from heirloom.records.ids import new_id
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion

_NAMES = ("sales", "costs", "forecast")


def write(home: Path, log: Path) -> None:
    """Commit, and note what was told."""
    catalog, rng = Catalog(home), random.Random(os.getpid())
    with log.open("a") as file:
        while True:
            name, own = rng.choice(_NAMES), new_id()
            began = time.perf_counter()
            version = _commit(catalog, name, own, "x" * rng.randrange(2000))
            took = time.perf_counter() - began
            file.write(f"{name} {version.version} {own} {took:.4f}\n")
            file.flush()
            if rng.random() < 0.1:
                seen = catalog.view().version("p", name, version.version)
                assert seen is not None
                assert seen.execution_id == own
            if rng.random() < 0.1:
                catalog.db.table("mine").insert({"own": own})


def _commit(catalog: Catalog, name: str, own: str, value: str) -> ArtifactVersion:
    def prepare(view: View) -> Batch:
        made = emission(0, name, value, execution_id=own, root_id=own)
        version, _ = view.number(made)
        run = execution(0, id=own, root_id=own, outputs={name: Item(version.ref)})
        return Batch(versions=[version], executions=[run])

    return catalog.commit(prepare).versions[0]


def read(home: Path, log: Path) -> None:
    """Ask; what is newest never grows less, and each version has its execution."""
    catalog, newest = Catalog(home, read_only=os.getpid() % 2 == 0), dict.fromkeys(_NAMES, 0)
    view, asked = catalog.view(), 0
    while True:
        for name in _NAMES:
            number = view.latest_number("p", name)
            assert number >= newest[name], (name, number, newest[name])
            newest[name] = number
            found = view.resolve(Query(name=name, project="p"))
            if found is None:
                continue
            assert found.version >= number
            run = view.execution(found.execution_id)
            assert run is not None
            assert run.outputs[name] == Item(found.ref)
        asked += 1
        if asked % 50 == 1:
            _note(log, f"{asked} {_memory()}")


def spoil(home: Path, log: Path) -> None:
    """Delete the index, or write garbage over it, again and again."""
    rng, count, index = random.Random(7), 0, home / "index.sqlite"
    while True:
        time.sleep(rng.uniform(0.05, 0.5))
        with suppress(FileNotFoundError):
            if rng.random() < 0.5:
                index.unlink()
            else:
                with index.open("r+b") as file:
                    file.write(rng.randbytes(4096))
            count += 1
        _note(log, str(count))


def _note(log: Path, text: str) -> None:
    """Write `text`, whole: this process may be killed at any moment."""
    aside = log.with_name(f".{log.name}")
    aside.write_text(text)
    aside.replace(log)


def _memory() -> int:
    """Private bytes of this process."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private")) * 1024


if __name__ == "__main__":
    role, home, log = sys.argv[1:]
    {"write": write, "read": read, "spoil": spoil}[role](Path(home), Path(log))
