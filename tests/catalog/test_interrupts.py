"""An interrupt at any moment, as Jupyter's stop button sends it, and handles that are closed."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import heirloom.catalog.archive
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogUnavailable

_ROOM = str(Path(heirloom.catalog.archive.__file__).parent)


class _Interrupt:
    """Raises at the n-th line that the catalog's code runs."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(_ROOM):
            return None
        if event == "line" and not _is_shielded(frame):
            self.seen += 1
            if self.seen == self.at:
                raise KeyboardInterrupt
        return self


def _is_shielded(frame: FrameType) -> bool:
    """Where Python itself lets no interrupt in: taking and leaving a lock of C's."""
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    shielded = ("try:", "finally:", "self._writer = 0", "self._lock.release()")
    return line in shielded or line.startswith("with self._")


def _interrupted(work: Callable[[], Any], at: int) -> bool:
    interrupt = _Interrupt(at)
    before = sys.gettrace()
    sys.settrace(interrupt)
    try:
        work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.parametrize("settled", [True, False])
def test_interrupted_commit(make: Any, home: Path, opened: Any, maker: Any, settled: bool) -> None:
    """A commit that is interrupted anywhere is whole or not there; the handle goes on."""
    other = opened()
    at, interrupted = 1, True
    while interrupted:
        if settled:
            make.catalog.names()
        before = maker(other).emit("sales").version
        interrupted = _interrupted(lambda: make.emit("sales", reads=("x",)), at)
        number = make.emit("sales").version
        assert number - before in {1, 2}
        assert other.db.table("mine").insert({"at": at}) == at
        at += 1
    assert at > 100
    docs = other.db.table("versions").all()
    assert [doc["version"] for doc in docs] == list(range(1, len(docs) + 1))
    assert len(other.db.table("executions")) == len(docs)
    assert other.view().latest_number("p", "sales") == len(docs)
    assert verify(home).ok


def test_interrupted_look(
    make: Any, home: Path, opened: Any, maker: Any, everything: Callable[..., Any]
) -> None:
    """A look that is interrupted anywhere, while the index catches up too, spoils nothing."""
    other = maker(opened())
    at, interrupted = 1, True
    while interrupted:
        version = other.emit("sales")
        interrupted = _interrupted(lambda: make.catalog.view().version("p", "sales", 1), at)
        assert make.catalog.view().latest_number("p", "sales") == version.version
        at += 7
    assert everything(make.catalog) == everything(opened())
    assert verify(home).ok


def test_closed_handle_says_so(make: Any) -> None:
    """A handle that was closed answers nothing and writes nothing, and closes again."""
    make.emit("sales")
    make.catalog.close()
    make.catalog.close()
    for use in (make.catalog.names, make.catalog.position, lambda: make.emit("sales")):
        with pytest.raises(CatalogUnavailable, match="closed"):
            use()
