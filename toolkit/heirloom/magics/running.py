"""A magic's cell run as any cell is: its names stay, its errors are the user's own."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from inspect import CO_COROUTINE
from types import CodeType
from typing import Any

from heirloom.declare.body import Body

__all__ = ["own_traceback", "run"]


def run(shell: Any, body: Body, source: str) -> Any:
    """Run a cell's statements in the notebook's namespace, and return its last value.

    Args:
        shell: IPython's.
        body: The cell, split.
        source: Its text, by which tracebacks and `inspect` know it.
    """
    name = shell.compile.cache(source, shell.execution_count)
    for code in body.compiled(name, shell.compile.flags):
        value = _evaluated(code, shell.user_ns)
    return value


def _evaluated(code: CodeType, namespace: dict[str, Any]) -> Any:
    value = eval(code, namespace)
    if not code.co_flags & CO_COROUTINE:
        return value
    # The kernel's own loop is running this call: what is awaited gets a loop in a thread.
    context = contextvars.copy_context()
    with ThreadPoolExecutor(1, thread_name_prefix="heirloom-await") as thread:
        return thread.submit(context.run, asyncio.run, value).result()


def own_traceback(shell: Any, work: Callable[[], Any]) -> Any:
    """What `work` returns; an error out of the user's cell is shown from the cell on."""
    try:
        return work()
    except BaseException as error:
        frames = error.__traceback__
        while frames is not None and "ipykernel" not in frames.tb_frame.f_code.co_filename:
            if frames.tb_frame.f_globals is shell.user_ns:
                break
            frames = frames.tb_next
        if frames is not None and not hasattr(error, "_render_traceback_"):
            shown = shell.InteractiveTB.structured_traceback(type(error), error, frames)
            error._render_traceback_ = lambda: shown  # type: ignore[attr-defined]  # IPython's hook
        raise
