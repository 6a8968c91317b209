"""The kernels that stand ready: how many, for how long, and what becomes of each."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from heirloom.engine.kernel import Kernel, KernelDied, Kind
from heirloom.engine.kernels import Kernels


class Fake:
    """A kernel without a process, noted in `made`."""

    made: list[Fake] = []  # noqa: RUF012 - the tests' own list
    broken: bool = False
    held: threading.Event = threading.Event()

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.alive = True
        self.ended = False
        self.hurry = False

    @classmethod
    async def started(cls, kind: Kind) -> Fake:
        fake = cls(kind)
        cls.made.append(fake)
        try:
            while cls.held.is_set():
                await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            fake.ended = True
            raise
        if cls.broken:
            fake.ended = True
            raise KernelDied
        return fake

    async def is_alive(self) -> bool:
        return self.alive

    async def end(self) -> None:
        self.ended = True


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[Fake]:
    """Every kernel that was started, in that order."""
    monkeypatch.setattr(Kernel, "started", Fake.started)
    Fake.made, Fake.broken, Fake.held = [], False, threading.Event()
    return Fake.made


@pytest.fixture
def kernels() -> Iterator[Kernels]:
    """A pool that lets go of nothing by itself."""
    pool = Kernels()
    yield pool
    pool.close()


def kind(name: str) -> Kind:
    """What has this directory, and nothing else of its own."""
    return Kind("python3", name, ())


def until(met: Callable[[], object]) -> None:
    """Wait until `met` is true."""
    end = time.monotonic() + 30
    while not met():
        assert time.monotonic() < end, "not within 30 s"
        time.sleep(0.002)


def used(kernels: Kernels, which: Kind, *, warm: bool = True) -> Any:
    """The kernel that one use gets."""

    async def use() -> Any:
        async with kernels.one(which, warm=warm) as kernel:
            return kernel

    return kernels.submit(use()).result(30)


def ready(made: list[Fake]) -> list[str]:
    """The directories of those that have not ended."""
    return [fake.kind.directory for fake in made if not fake.ended]


def test_each_is_used_once(kernels: Kernels, made: list[Fake]) -> None:
    """What was used ends, and another of its kind takes its place."""
    assert used(kernels, kind("a")) is made[0]
    until(lambda: len(made) == 2 and made[0].ended)
    assert used(kernels, kind("a")) is made[1]
    until(lambda: len(made) == 3)
    assert used(kernels, kind("b"), warm=False) is made[3]
    assert made[3].ended
    assert ready(made) == ["a"]


def test_bound(kernels: Kernels, made: list[Fake]) -> None:
    """Two stand ready at most: those that were asked for last."""
    for name in ("a", "b", "c", "c"):
        kernels.keep(kind(name))
    until(lambda: made and ready(made) == ["b", "c"])


def test_idle(made: list[Fake]) -> None:
    """What nobody takes for a time is let go."""
    kernels = Kernels(idle=0.01)
    kernels.keep(kind("a"))
    until(lambda: made and made[0].ended)
    kernels.close()


def test_standing(made: list[Fake]) -> None:
    """What is to stand by stays, however long, until it is no longer wanted."""
    kernels = Kernels(idle=0.01)
    kernels.stand_by([kind("a"), kind("b"), kind("c")])
    until(lambda: len(made) == 2)
    kernels.keep(kind("d"))  # there is no room for it
    assert used(kernels, kind("a")).kind == kind("a")
    until(lambda: sorted(ready(made)) == ["a", "b"])
    assert kind("d") not in [fake.kind for fake in made]
    kernels.stand_by([kind("b")])
    until(lambda: ready(made) == ["b"])
    kernels.stand_by([])
    until(lambda: ready(made) == [])
    kernels.close()


def test_one_that_died_is_not_taken(kernels: Kernels, made: list[Fake]) -> None:
    """Whoever wants it gets a new one."""
    kernels.keep(kind("a"))
    until(lambda: made)
    made[0].alive = False
    assert used(kernels, kind("a")) is made[1]
    until(lambda: made[0].ended)


def test_one_that_could_not_start(kernels: Kernels, made: list[Fake]) -> None:
    """It is tried again when it is needed, and then says why."""
    Fake.broken = True
    kernels.keep(kind("a"))
    until(lambda: made and made[0].ended)
    with pytest.raises(KernelDied):
        used(kernels, kind("a"))
    Fake.broken = False
    assert used(kernels, kind("a")).kind == kind("a")


def test_close(kernels: Kernels, made: list[Fake]) -> None:
    """Those that are ready, that start, and that are used end; then the pool may be used again."""
    kernels.keep(kind("a"))
    until(lambda: made)
    Fake.held.set()
    kernels.keep(kind("b"))
    until(lambda: len(made) == 2)
    Fake.held.clear()

    async def use() -> None:
        async with kernels.one(kind("c"), warm=True):
            await asyncio.Event().wait()

    running = kernels.submit(use())
    until(lambda: len(made) == 3)
    kernels.close()
    assert running.cancelled()
    assert ready(made) == []
    assert made[2].hurry
    assert used(kernels, kind("a")) is made[3]
