"""Telling whoever listens what becomes of triggered executions, in whatever process they run."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from heirloom.catalog.protocol import Catalog, Following
from heirloom.engine.frame import by_person
from heirloom.errors import CatalogError, DeclarationError, did_you_mean
from heirloom.records.news import NEWS, News

__all__ = ["Listener", "Telling"]

_log = logging.getLogger("heirloom")
_LOOK = 0.1
"""Seconds between two looks at whether to stop; what is committed is seen at once."""
_AGAIN = 1.0
_PATIENCE = 30.0


class Listener:
    """Calls a function with each `News` from its making on, in a thread of its own.

    Each is told once, in the order in which it was committed. What the function raises is
    logged and changes nothing.
    """

    def __init__(
        self,
        call: Callable[[News], object],
        states: frozenset[str],
        catalog: Catalog,
        here: Callable[[], AbstractContextManager[Any]],
        *,
        project: str | None = None,
        plan: str | None = None,
    ) -> None:
        """Begin to listen.

        Args:
            call: What is called.
            states: Of `NEWS`, what it is told.
            catalog: What is listened to.
            here: Makes the front act on a session, inside of the call.
            project: Whose plans; `None` for those of every project.
            plan: The name of one; `None` for any.
        """
        self.call = call
        self.states, self.project, self.plan = states, project, plan
        self._catalog, self._here = catalog, here
        self._stopping = threading.Event()
        following = catalog.following()
        self._thread = threading.Thread(
            target=self._listen, args=(following,), name="heirloom-listener", daemon=True
        )
        self._thread.start()

    @property
    def listens(self) -> bool:
        """Whether anything more is told."""
        return self._thread.is_alive()

    def stop(self, timeout: float = _PATIENCE) -> None:
        """Listen no more. What was committed before is told first; a call that hangs is left.

        Args:
            timeout: Seconds that the calls may still take.
        """
        self._stopping.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    def _listen(self, following: Following) -> None:
        fault = ""
        try:
            while True:
                last = self._stopping.is_set()
                try:
                    position = self._catalog.position()
                    self._tell(following.read())
                    if not last:
                        self._catalog.wait(position, _LOOK)
                except CatalogError as error:
                    if not last and str(error) != fault:
                        _log.error("%r is told nothing for now: %s", self, error)
                    fault = str(error)
                    self._stopping.wait(_AGAIN)
                if last:
                    return
        finally:
            following.close()

    def _tell(self, executions: Iterable[Any]) -> None:
        for execution in executions:
            news = News.of(execution)
            if news is None or news.state not in self.states:
                continue
            if self.project in (None, news.project) and self.plan in (None, news.plan):
                try:
                    with self._here():
                        self.call(news)
                except (Exception, SystemExit):
                    _log.exception("%r failed at %r", self, news)

    def __repr__(self) -> str:
        name = getattr(self.call, "__qualname__", type(self.call).__name__)
        of = f" of {self.plan!r}" if self.plan else ""
        stopped = "" if self.listens else ", stopped"
        told = ", ".join(state for state in NEWS if state in self.states)
        return f"<listener {name}: {told}{of}{stopped}>"


@dataclass(slots=True)
class Telling:
    """The listeners of one session."""

    catalog: Catalog
    here: Callable[[], AbstractContextManager[Any]]
    _listeners: list[Listener] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def on(
        self,
        states: str | Iterable[str],
        call: Any,
        *,
        project: str | None = None,
        plan: str | None = None,
    ) -> Listener:
        """Call `call` with each of these news from now on.

        A function takes the place of one of its name that was given for the same news before,
        whose listener is returned: a cell that is run again does not tell twice.

        Raises:
            DeclarationError: There are no such news, `call` cannot be called, or this is inside
                an execution, which would end before it.
        """
        wanted = _states(states)
        if not callable(call):
            msg = f"What is told of {', '.join(sorted(wanted))} is a function; got {call!r:.80}."
            raise DeclarationError(msg)
        if not by_person():
            msg = "hl.on(…) inside an execution would listen on after its end: call it outside."
            raise DeclarationError(msg)
        with self._lock:
            self._listeners = [each for each in self._listeners if each.listens]
            for known in self._listeners:
                asked = (known.states, known.project, known.plan) == (wanted, project, plan)
                if asked and _is_anew(call, known.call):
                    known.call = call
                    return known
            listener = Listener(call, wanted, self.catalog, self.here, project=project, plan=plan)
            self._listeners.append(listener)
        return listener

    def close(self) -> None:
        """Tell what is left to be told, and end."""
        with self._lock:
            listeners, self._listeners = self._listeners, []
        until = time.monotonic() + _PATIENCE
        for listener in listeners:
            listener.stop(max(0.0, until - time.monotonic()))


def _states(states: str | Iterable[str]) -> frozenset[str]:
    given = (states,) if isinstance(states, str) else tuple(states)
    for state in given:
        if state not in NEWS:
            near = did_you_mean(str(state), NEWS)
            msg = f"hl.on takes {', '.join(map(repr, NEWS))}; got {state!r:.80}.{near}"
            raise DeclarationError(msg)
    return frozenset(given)


def _is_anew(call: Any, other: Any) -> bool:
    """Whether `call` is a function that was defined before as `other`, by the same name."""
    if not (isinstance(call, FunctionType) and isinstance(other, FunctionType)):
        return False
    same = (call.__module__, call.__qualname__) == (other.__module__, other.__qualname__)
    return same and "<" not in call.__qualname__
