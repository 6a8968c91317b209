"""Calls of one envelope under way at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from queue import SimpleQueue
from typing import TypeVar

from heirloom.engine.halting import halting

__all__ = ["run_all"]

K = TypeVar("K", bound=Hashable)


def run_all(
    run: str, after: Mapping[K, Iterable[K]], call: Callable[[K], object], width: int
) -> None:
    """Make every call when those that it comes after are done, and return when all are.

    With a `width` of 1, in this thread, in the order of `after`; else each in a thread of its
    own and a copy of this context. When one raises, no more are begun; those under way come to
    their end, and the first error in the order of `after` is raised. An interrupt stops those
    that wait for an executor.

    Args:
        run: The id of the root execution.
        after: What each comes after, earlier ones only.
        call: Given the key of what is to be done.
        width: At most so many at once.
    """
    if width == 1:
        for key in after:
            call(key)
        return
    failed: dict[K, BaseException] = {}
    with halting(run) as halt, ThreadPoolExecutor(width, thread_name_prefix="heirloom") as threads:
        try:
            _together(after, call, threads, failed)
        except BaseException as error:
            halt.now(error)
            threads.shutdown(wait=False, cancel_futures=True)
            raise
    for key in after:
        if key in failed:
            raise failed[key]


def _together(
    after: Mapping[K, Iterable[K]],
    call: Callable[[K], object],
    threads: ThreadPoolExecutor,
    failed: dict[K, BaseException],
) -> None:
    waiting = {key: set(before) for key, before in after.items()}
    then: dict[K, list[K]] = {key: [] for key in waiting}
    for key, before in waiting.items():
        for each in before:
            then[each].append(key)
    running: dict[Future[object], K] = {}
    ended = SimpleQueue[Future[object]]()

    def begin(key: K) -> None:
        future = threads.submit(copy_context().run, call, key)
        running[future] = key
        future.add_done_callback(ended.put)

    for key in [key for key, before in waiting.items() if not before]:
        begin(key)
    while running:
        future = ended.get()
        key = running.pop(future)
        error = None if future.cancelled() else future.exception()
        if error is not None:
            failed[key] = error
            for other in running:
                other.cancel()
        for each in then[key] if not failed else ():
            waiting[each].discard(key)
            if not waiting[each]:
                begin(each)
