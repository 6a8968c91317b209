"""Where the bodies of tasks run: here, in threads, or by value on any executor."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
)
from contextvars import copy_context
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from heirloom.engine.body import Ran, run_body
from heirloom.engine.desk import Desk
from heirloom.engine.halting import halt
from heirloom.engine.packed import packed
from heirloom.engine.printed import Lines
from heirloom.engine.sending import Job, Sent, job_of, perform, received
from heirloom.engine.spool import left_in
from heirloom.errors import InputError, WorkerLost
from heirloom.records.ids import new_id

if TYPE_CHECKING:
    from heirloom.declare.task import Task
    from heirloom.engine.frame import Place
    from heirloom.engine.runner import Runner
    from heirloom.engine.slots import Slot

__all__ = ["HERE", "Bodies", "bodies_of"]

_DEATHS = ("KilledWorker", "EngineError")
"""What Dask and ipyparallel say where the process died that had a call; no pool is broken."""

_WIDE = 256
"""Calls that are under way at once at most, where the executor says nothing of its size."""


class Bodies(Protocol):
    """What runs a task's body and gives what it left.

    Attributes:
        width: How many calls of one graph may be under way at once; 1 for one after the other.
    """

    width: int

    def run(self, runner: Runner, task: Task, slots: Mapping[str, Slot], place: Place) -> Ran:
        """Run it; what it raises is kept in what is given."""
        ...


class _Here:
    """In the calling thread."""

    width = 1

    def run(self, runner: Runner, task: Task, slots: Mapping[str, Slot], place: Place) -> Ran:
        return run_body(task, slots, place, runner.payloads, runner.resolver)


HERE = _Here()


class _Threads:
    """In threads of this process: values pass alive."""

    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self._executor = executor
        self.width = executor._max_workers

    def run(self, runner: Runner, task: Task, slots: Mapping[str, Slot], place: Place) -> Ran:
        work, lines = copy_context().run, Lines()
        future = self._executor.submit(
            work, run_body, task, slots, place, runner.payloads, runner.resolver, lines
        )
        try:
            return halt().result(future)
        except KeyboardInterrupt as error:  # the body goes on in vain
            return Ran(began=True, error=error, printed=lines.text)


class _Elsewhere:
    """By value: code as text, inputs and outputs through the store, what came of it back."""

    def __init__(self, executor: Executor, renew: Callable[[], Any] | None) -> None:
        self._executor = executor
        self._renew = renew
        self._lock = threading.Lock()
        self._spools = Desk()
        weakref.finalize(self, self._spools.clear)
        self._told: set[str] = set()  # code that some process of the executor has
        workers = getattr(executor, "_max_workers", None)
        self.width = min(_WIDE, 2 * workers + 2) if isinstance(workers, int) else _WIDE

    def run(self, runner: Runner, task: Task, slots: Mapping[str, Slot], place: Place) -> Ran:
        code = packed(task)
        job = job_of(runner, task, slots, place, code, self._spools.file("log"))
        executor = self._executor
        try:
            told = code.digest in self._told
            executor, future = self._submitted(replace(job, code=code.bare()) if told else job)
            if (sent := halt().result(future)) is None:  # a process that had not seen it
                executor, future = self._submitted(replace(job, token=new_id()))
                sent = halt().result(future)
            assert sent is not None, "its code went along"
            self._told.add(code.digest)
            return received(runner, task.name, sent)
        except (BrokenExecutor, CancelledError) as error:
            lost: BaseException = self._lost(task, error, executor)
        except KeyboardInterrupt as error:  # the body goes on in vain
            lost = error
        except Exception as error:
            if getattr(error, "ename", type(error).__name__) not in _DEATHS:
                raise
            lost = _died(task, error, "", again=True)
        return Ran(began=True, error=lost, printed=left_in(job.spool))

    def _submitted(self, job: Job) -> tuple[Executor, Future[Sent | None]]:
        """The job on its way; where the pool broke or was shut down before, on a new one."""
        executor = self._executor
        try:
            return executor, executor.submit(perform, job)
        except RuntimeError as error:  # a broken pool's is one, too
            if self._renew is None:
                if isinstance(error, BrokenExecutor):
                    raise
                msg = f"The executor takes no more work: {error}. {_GIVE}"
                raise InputError(msg, name="executor") from error
            executor = self._renewed(executor)
            return executor, executor.submit(perform, job)

    def _renewed(self, broken: Executor) -> Executor:
        """Another executor than `broken`, for all that is sent from now on."""
        assert self._renew is not None
        with self._lock:
            if self._executor is broken:
                self._executor = _given_by(self._renew)
            return self._executor

    def _lost(self, task: Task, error: BaseException, executor: Executor) -> WorkerLost:
        if self._renew is None:
            return _died(task, error, f" {_GIVE}", again=False)
        if isinstance(error, BrokenExecutor):
            self._renewed(executor)
        return _died(task, error, "", again=True)


_GIVE = (
    "Give a function that makes one, executor=lambda: ProcessPoolExecutor(4) for example: "
    "it is asked for another when one is gone."
)


def _died(task: Task, error: BaseException, next_: str, *, again: bool) -> WorkerLost:
    why = (str(error) or type(error).__name__).rstrip(".")
    msg = f"The process that ran {task.name!r} died: {why}.{next_}"
    return WorkerLost(msg, again=again)


def bodies_of(executor: Any) -> Bodies:
    """What runs bodies on `executor`.

    Args:
        executor: `None` for the calling thread; a ``concurrent.futures.Executor``; what
            gives one, asked here, and again when that one is broken or was shut down; or what
            this function gave before, which several sessions then share.

    Raises:
        InputError: It is none of these.
    """
    if executor is None:
        return HERE
    if isinstance(executor, _Here | _Threads | _Elsewhere):
        return executor
    is_one = hasattr(executor, "submit") and not isinstance(executor, type)
    renew = executor if callable(executor) and not is_one else None
    if not is_one:
        executor = _given_by(executor)
    if isinstance(executor, ThreadPoolExecutor):
        return _Threads(executor)
    return _Elsewhere(executor, renew)


def _given_by(function: Any) -> Executor:
    found = function() if callable(function) else function
    if hasattr(found, "submit"):
        executor: Executor = found
        return executor
    msg = (
        f"executor= takes a concurrent.futures.Executor or a function that gives one; "
        f"got {type(found).__name__}."
    )
    raise InputError(msg, name="executor")
