"""What a disk may hold after a power cut: the synced part, and any part of the rest.

A trace is replayed up to any point. What was synced is there. Of what was not, any sectors of
512 bytes may have reached the disk, in any order; where one did not, there is what was before,
zeros, or noise; a file may have grown without its bytes; a directory's changes may be there or
not until the directory was synced. (After Pillai and others, "All file systems are not created
equal", OSDI 2014.)
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from disk_trace import Op

__all__ = ["State", "states"]

_SECTOR = 512
_Keep = Callable[[], bool]


@dataclass
class State:
    """One thing that the disk may hold.

    Attributes:
        cut: The number of steps of the trace before the power went.
        files: Text by path; directories are there with `None`.
        told: The last step of the script that the user was told is kept.
        begun: The last that was begun.
    """

    cut: int
    files: dict[str, bytes | None]
    told: int
    begun: int

    def lay(self, root: Path) -> None:
        """Put it on the real disk, into an empty directory."""
        for path, text in sorted(self.files.items()):
            if text is None:
                (root / path).mkdir(mode=0o700)
            else:
                (root / path).write_bytes(text)


@dataclass
class _Disk:
    """What is on the disk for sure, and what is on its way."""

    files: dict[int, bytes] = field(default_factory=dict)
    entries: dict[str, dict[str, Any]] = field(default_factory=lambda: {".": {}})
    pending: list[Op] = field(default_factory=list)
    indexes: list[bytes] = field(default_factory=list)
    told: int = 0
    begun: int = 0

    def take(self, op: Op) -> None:
        """One step further."""
        match op.kind:
            case "told":
                self.told = op.at
            case "begin":
                self.begun = op.at
            case "index":
                self.indexes = [*self.indexes[-1:], op.data]
            case "sync":
                self._arrive(op.what, lambda: True)
            case "lost":
                rng = random.Random(len(self.files))
                self._arrive(op.what, lambda: rng.random() < 0.5)
            case _:
                self.pending.append(op)

    def _arrive(self, what: Any, keep: _Keep) -> None:
        """Nothing of that file or directory is on its way any more."""
        for mine in [each for each in self.pending if each.what == what]:
            _apply(mine, self.files, self.entries, keep, None)
        self.pending = [each for each in self.pending if each.what != what]

    def units(self) -> int:
        """Into how many parts that reach the disk or not what is on its way falls."""
        return sum(len(_sectors(op)) for op in self.pending)

    def after(self, cut: int, keep: _Keep, rng: random.Random, *, wild: bool) -> State:
        """What the disk holds if of what is on its way only those parts get there."""
        files = dict(self.files)
        entries = {path: dict(names) for path, names in self.entries.items()}
        whole: dict[int, int] = {}
        for op in self.pending:
            _apply(op, files, entries, keep, rng if wild else None)
            if op.kind == "write":
                whole[op.what] = max(whole.get(op.what, 0), op.at + len(op.data))
            elif op.kind == "cut":
                whole[op.what] = op.at
        for number, size in whole.items():
            if wild and rng.random() < 0.3 and number in files:
                missing = max(0, size - len(files[number]))
                files[number] += rng.choice([bytes(missing), rng.randbytes(missing)])
        found: dict[str, bytes | None] = {}
        _walk(".", files, entries, found)
        for path in [each for each in found if each.endswith("index.sqlite")]:
            if wild and self.indexes and rng.random() < 0.5:
                found[path] = rng.choice(self.indexes)
        return State(cut, found, self.told, self.begun)


def states(trace: Sequence[Op], seed: int, each: int) -> Iterator[State]:
    """States that `trace` may leave, none twice: prefixes at every point, and random ones.

    Args:
        trace: The steps.
        seed: Of what is random.
        each: How many random ones are tried at every point, and at least as many prefixes;
            from 20 on, every prefix.
    """
    disk, rng, seen = _Disk(), random.Random(seed), set[int]()
    for cut, op in enumerate(trace, 1):
        disk.take(op)
        units = disk.units()
        step = 1 if each >= 20 else max(1, units // each)
        tries: list[tuple[_Keep, bool]] = [(_first(n), False) for n in range(0, units + 1, step)]
        if units:
            tries += [(_some(rng), True) for _ in range(each)]
        for keep, wild in tries:
            state = disk.after(cut, keep, rng, wild=wild)
            mark = hash((state.told, state.begun, frozenset(state.files.items())))
            if mark not in seen:
                seen.add(mark)
                yield state


def _first(count: int) -> _Keep:
    left = iter(range(count))
    return lambda: next(left, None) is not None


def _some(rng: random.Random) -> _Keep:
    share = rng.choice([0.1, 0.5, 0.9])
    return lambda: rng.random() < share


def _sectors(op: Op) -> list[tuple[int, bytes]]:
    """The parts of a write, each within one sector; one part for anything else."""
    if op.kind != "write":
        return [(0, b"")]
    at, parts, data = op.at, [], op.data
    while data:
        size = min(len(data), _SECTOR - at % _SECTOR)
        parts.append((at, data[:size]))
        at, data = at + size, data[size:]
    return parts


def _apply(
    op: Op,
    files: dict[int, bytes],
    entries: dict[str, dict[str, Any]],
    keep: _Keep,
    rng: random.Random | None,
) -> None:
    for at, part in _sectors(op):
        if not keep():
            continue
        match op.kind:
            case "write":
                text = files.get(op.what, b"")
                hole = max(0, at - len(text))
                noise = rng is not None and hole and rng.random() < 0.3
                text += rng.randbytes(hole) if rng is not None and noise else bytes(hole)
                files[op.what] = text[:at] + part + text[at + len(part) :]
            case "cut":
                files[op.what] = files.get(op.what, b"")[: op.at].ljust(op.at, b"\0")
            case "link":
                entries.setdefault(op.what, {})[op.name] = op.to
            case "unlink":
                entries.get(op.what, {}).pop(op.name, None)
            case "move" if op.name in entries.get(op.what, {}):
                entries[op.what][op.to] = entries[op.what].pop(op.name)


def _walk(
    path: str,
    files: dict[int, bytes],
    entries: dict[str, dict[str, Any]],
    found: dict[str, bytes | None],
) -> None:
    for name, what in entries.get(path, {}).items():
        inside = name if path == "." else f"{path}/{name}"
        if isinstance(what, int):
            found[inside] = files.get(what, b"")
        else:
            found[inside] = None
            _walk(what, files, entries, found)
