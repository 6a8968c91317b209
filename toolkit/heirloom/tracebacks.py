"""Tracebacks that are the user's own: without the frames between their call and their body."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from itertools import groupby
from types import TracebackType
from typing import ParamSpec, TypeVar

from heirloom.errors import HeirloomError

__all__ = ["are_full", "shorten", "users_own"]

P = ParamSpec("P")
T = TypeVar("T")

_OURS = frozenset({"heirloom", "heirloom_widgets"})
_BETWEEN = frozenset({"IPython", "asyncio", "concurrent", "contextlib", "ipykernel", "threading"})
"""What stands between two frames of ours, or between IPython and the user's cell."""


def users_own(function: Callable[P, T]) -> Callable[P, T]:
    """The same function; the errors that leave it show the user's frames alone."""

    @functools.wraps(function)
    def front(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            shorten(error)
            raise  # a bare one adds no frame to what is left

    return front


def shorten(error: BaseException) -> None:
    """Take our frames out of an error's traceback, and of those that it came from.

    Every frame of the user's stays, with those of the libraries that it called. An error of
    somebody else's that began in our own code keeps the last of our frames: it is to be reported.
    ``HEIRLOOM_TRACEBACKS=full`` leaves all as they are.
    """
    if are_full():
        return
    for each in _chain(error):
        each.__traceback__ = _linked(_shown(each))


def are_full() -> bool:
    """Whether who runs this wants to see our frames as well."""
    return os.environ.get("HEIRLOOM_TRACEBACKS", "").lower() == "full"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, and all that it came from or holds."""
    seen: set[int] = set()
    open_: list[BaseException | None] = [error]
    while open_:
        each = open_.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        open_ += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            open_ += each.exceptions


def _shown(error: BaseException) -> list[TracebackType]:
    """What stays of an error's traceback."""
    groups = [
        (users, list(group))
        for users, group in groupby(_links(error.__traceback__), key=lambda link: _is_users(link))
    ]
    kept: list[TracebackType] = []
    for at, (users, group) in enumerate(groups):
        ours = any(_package(link) in _OURS for link in group)
        last = at == len(groups) - 1
        if users or not (ours or at == 0) or (last and _began_here(error)):
            kept += group
    return kept


def _began_here(error: BaseException) -> bool:
    """Whether an error that ends in our code is a fault of it.

    What was raised in another process brings its traceback along as a note.
    """
    told = any(note.startswith("Traceback") for note in getattr(error, "__notes__", ()))
    return isinstance(error, Exception) and not isinstance(error, HeirloomError) and not told


def _is_users(link: TracebackType) -> bool:
    return _package(link) not in _OURS | _BETWEEN


def _package(link: TracebackType) -> str:
    return str(link.tb_frame.f_globals.get("__name__", "")).partition(".")[0]


def _links(first: TracebackType | None) -> Iterator[TracebackType]:
    while first is not None:
        yield first
        first = first.tb_next


def _linked(links: list[TracebackType]) -> TracebackType | None:
    made: TracebackType | None = None
    for link in reversed(links):
        made = TracebackType(made, link.tb_frame, link.tb_lasti, link.tb_lineno)
    return made
