"""A run that takes more than a second shows what its tasks are at: in a terminal, in a notebook."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from importlib.util import find_spec
from typing import Any, Protocol

from heirloom.engine.progress import STATES, Step, Watcher

__all__ = ["Board", "Display", "Terminal", "show_on", "watch"]

AFTER = 1.0
"""Seconds that a run takes before anything is shown."""

EVERY = 0.25
"""Seconds between two looks."""

_OPEN = frozenset({"queued", "running"})
_log = logging.getLogger("heirloom")


class Board:
    """What each task of one run is now, counted by the task's name; thread-safe.

    Attributes:
        began: When it did, in seconds since the epoch.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.began = time.time()
        self._steps: dict[str, Step] = {}
        self._lock = threading.Lock()

    def add(self, step: Step) -> None:
        """Take in what a task has become."""
        with self._lock:
            known = self._steps.get(step.path)
            if known is not None and step.tries < known.tries:
                step = Step(step.path, step.name, step.state, known.tries)
            self._steps[step.path] = step

    def rows(self) -> dict[str, Counter[str]]:
        """By task: how many of its calls are in each state, and how many ``retries`` they took."""
        with self._lock:
            steps = list(self._steps.values())
        rows: dict[str, Counter[str]] = {}
        for step in steps:
            row = rows.setdefault(step.name, Counter())
            row[step.state] += 1
            row["retries"] += step.tries - 1
        return rows


class Display(Protocol):
    """Where the board of a run is shown."""

    def show(self, board: Board) -> None:
        """Show it, in the place of what was shown before."""
        ...

    def close(self) -> None:
        """Nothing more comes."""
        ...


class Terminal:
    """One line of standard error: a bar, what runs, and what went otherwise than well."""

    def __init__(self) -> None:
        self._stream = sys.stderr
        self._bar: Any = None

    def show(self, board: Board) -> None:
        """Show it."""
        rows = board.rows()
        totals = sum(rows.values(), Counter[str]())
        count = sum(totals[state] for state in STATES)
        if self._bar is None:
            from tqdm.auto import tqdm

            self._bar = tqdm(
                total=count, desc=board.name, unit="task", file=self._stream, dynamic_ncols=True
            )
            self._bar.start_t = board.began
        self._bar.total = count
        self._bar.n = count - sum(totals[state] for state in _OPEN)
        self._bar.set_postfix_str(" · ".join(_said(rows, totals)))

    def close(self) -> None:
        """Leave the last line."""
        if self._bar is not None:
            self._bar.close()


def _said(rows: Mapping[str, Counter[str]], totals: Counter[str]) -> Iterator[str]:
    running = [name for name, row in rows.items() if row["running"]]
    if running:
        more = f" +{len(running) - 3}" if len(running) > 3 else ""
        yield f"running {', '.join(running[:3])}{more}"
    for word in ("cached", "failed", "cancelled", "retries"):
        if totals[word]:
            yield f"{word} {totals[word]}"


def _terminal() -> Display | None:
    seen = sys.stderr is not None and sys.stderr.isatty()
    return Terminal() if seen and find_spec("tqdm") is not None else None


_display: Callable[[], Display | None] = _terminal


def show_on(display: Callable[[], Display | None] | None) -> None:
    """Show runs there; `None` for the terminal, where there is one."""
    global _display
    _display = display or _terminal


@contextmanager
def watch(name: str) -> Iterator[Watcher | None]:
    """What watches a run of that name; `None` where nobody is there to see it."""
    off = os.environ.get("HEIRLOOM_PROGRESS", "").lower() == "off"
    display = None if off else _display()
    if display is None:
        yield None
        return
    board, over = Board(name), threading.Event()
    looking = threading.Thread(  # in this context: a notebook shows it under this cell
        target=copy_context().run, args=(_look, board, display, over), daemon=True
    )
    looking.start()
    try:
        yield board.add
    finally:
        over.set()
        looking.join()


def _look(board: Board, display: Display, over: threading.Event) -> None:
    """Show the board from time to time, and as it is at the end; an error ends the show alone."""
    try:
        if over.wait(AFTER):
            return
        shown = None
        while not over.is_set():
            if (rows := board.rows()) != shown:
                display.show(board)
                shown = rows
            over.wait(EVERY)
        display.show(board)
        display.close()
    except Exception:
        _log.exception("The progress of %r cannot be shown.", board.name)
