"""Which session acts: opening one, the one of this process, and its end with the process."""

from __future__ import annotations

import atexit
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from heirloom.errors import CatalogUnavailable
from heirloom.session import HERE, Session
from heirloom.settings import Settings
from heirloom.store import home_in_bucket

__all__ = ["connect", "current", "provided", "reset"]

_lock = threading.RLock()
_current: list[Session] = []


def connect(
    home: str | os.PathLike[str] | None = None,
    *,
    store: str | None = None,
    project: str | None = None,
    executor: Any = None,
    read_only: bool = False,
    allow_network: bool = False,
) -> Session:
    """Open a home and make it the session that the front's functions act on.

    Args:
        home: `None` for ``$HEIRLOOM_HOME``, else ``~/.heirloom``. To look, it may be a copy of a
            home in a bucket (``s3://bucket/home``), payloads included: of its journal a copy is
            kept in the user's cache, and later only what was added is moved; what is added while
            this session is open, it does not see.
        store: A path or fsspec URL for payloads; `None` for ``store/`` in the home.
        project: `None` for ``$HEIRLOOM_PROJECT``, else ``default``.
        executor: Where tasks run: any ``concurrent.futures.Executor``, or a function that
            gives one; `None` for the calling thread. It is not shut down here.
        read_only: Refuse every write.
        allow_network: Write also where a network carries the home's files, and locks may not
            hold; else only ``HEIRLOOM_NETWORK=allow`` says so.

    Raises:
        CatalogUnavailable: The home cannot be opened; the session before stays.
        InputError: `executor` is none.
    """
    where = os.fspath(home or os.environ.get("HEIRLOOM_HOME") or "")
    copy = _copied(where, read_only)
    settings = Settings.read(copy or home, store, project, allow_network=allow_network)
    if copy is not None:
        settings = replace(settings, origin=where.rstrip("/"))
    opened = Session(settings, read_only=read_only, executor=executor)
    with _lock:
        try:
            reset()
        finally:
            _current.append(opened)
    return opened


def _copied(home: str, read_only: bool) -> Path | None:
    """The local copy of a home in a bucket; `None` for any other."""
    if "://" in home and not read_only:
        msg = (
            f"A home beyond this machine is only read: hl.connect({home!r}, read_only=True). "
            "Write in a local one, with its payloads in a bucket (store=...)."
        )
        raise CatalogUnavailable(msg, path=home)
    return home_in_bucket(home)


def current() -> Session:
    """The session that acts here: of the running execution, else of this process.

    It is opened now where none is.
    """
    with _lock:
        return HERE.get() or (_current[-1] if _current else connect())


def reset() -> None:
    """Close the session of this process and forget it."""
    with _lock:
        while _current:
            _current.pop().close()


def provided(open_one: bool) -> Session | None:
    """The session that acts here; `None` where none is open, but for `open_one`."""
    opened = open_one or _current or HERE.get() is not None
    return current() if opened else None


def _leave() -> None:
    with _lock:
        try:
            for session in _current:
                session.leave()
        finally:
            reset()


atexit.register(_leave)
