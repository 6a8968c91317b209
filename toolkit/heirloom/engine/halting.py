"""Stopping a run whose parts are at work in several threads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, InvalidStateError, wait
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

__all__ = ["Halt", "halt", "halt_run", "halting"]

T = TypeVar("T")


class Halt:
    """Whether the parts of a run are to stop; whoever waits in one is then interrupted."""

    def __init__(self) -> None:
        self._asked: Future[BaseException] = Future()
        self._below: set[Halt] = set()

    def now(self, reason: BaseException) -> None:
        """Stop: nothing more is begun, and what waits here or below raises `reason`."""
        with suppress(InvalidStateError):  # stopped already
            self._asked.set_result(reason)
        for each in tuple(self._below):
            each.now(reason)

    @contextmanager
    def below(self) -> Iterator[Halt]:
        """What stops a part of it: with it, or alone."""
        own = Halt()
        self._below.add(own)
        try:
            if self.asked:
                own.now(self._asked.result())
            yield own
        finally:
            self._below.discard(own)

    @property
    def asked(self) -> bool:
        """Whether `now` was called."""
        return self._asked.done()

    @property
    def reason(self) -> BaseException | None:
        """Why it is to stop; `None` as long as it is not."""
        return self._asked.result() if self.asked else None

    def sleep(self, seconds: float) -> None:
        """Wait so long.

        Raises:
            BaseException: Why the run is stopped.
        """
        if wait([self._asked], timeout=seconds).done:
            raise self._asked.result()

    def result(self, future: Future[T]) -> T:
        """What `future` gives.

        Raises:
            BaseException: Why the run is stopped; what has not begun never begins.
        """
        either: list[Future[Any]] = [future, self._asked]
        try:
            wait(either, return_when=FIRST_COMPLETED)
            if self.asked and not future.done():
                raise self._asked.result()
        except BaseException:  # an interrupt of the thread that waits, too
            future.cancel()
            raise
        return future.result()


_HALT: ContextVar[Halt] = ContextVar("heirloom_halt", default=Halt())  # noqa: B039


_OPEN: defaultdict[str, list[Halt]] = defaultdict(list)


def halt() -> Halt:
    """What can stop the run that goes on here."""
    return _HALT.get()


@contextmanager
def halting(run: str) -> Iterator[Halt]:
    """What stops all that is begun inside the block, and nothing else.

    Args:
        run: The id of the root execution that it is part of, for `halt_run`.
    """
    with halt().below() as own:
        token = _HALT.set(own)
        _OPEN[run].append(own)
        try:
            yield own
        finally:
            _HALT.reset(token)
            _OPEN[run].remove(own)
            if not _OPEN[run]:
                _OPEN.pop(run, None)


def halt_run(run: str, reason: BaseException) -> None:
    """Stop what of that run waits in this process."""
    for each in list(_OPEN.get(run, ())):
        each.now(reason)
