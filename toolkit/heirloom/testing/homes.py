"""For the tests of those who use Heirloom: a session in a home of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from heirloom.opening import connect, reset
from heirloom.session import Session

__all__ = ["session_in"]


@contextmanager
def session_in(home: str | os.PathLike[str], project: str | None = None) -> Iterator[Session]:
    """A session on `home`, which the front's functions act on until the block ends.

    Args:
        home: A directory of the test, made if it is not there; pytest's ``tmp_path`` will do.
        project: `None` for the environment's.
    """
    session = connect(home, project=project)
    try:
        yield session
    finally:
        reset()
