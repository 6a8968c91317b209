"""A task's code on its way: whole to who may not have it, else by its digest."""

from __future__ import annotations

import pickle
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import orjson

from heirloom.declare.closure import Closure
from heirloom.declare.rebuild import rebuild_entry
from heirloom.errors import NotPortable

if TYPE_CHECKING:
    from heirloom.declare.task import Task

__all__ = ["Packed", "packed", "unpacked"]


@dataclass(frozen=True, slots=True)
class Packed:
    """Code as a job takes it along.

    Attributes:
        digest: What its process keeps it by; empty for code that is bound to its kernel, which
            is taken as it is at each call.
        whole: The source closure as JSON, or the task by cloudpickle; `None` where it stays.
    """

    digest: str
    whole: bytes | None

    def bare(self) -> Packed:
        """The same for who has it; what is bound goes whole."""
        return replace(self, whole=None) if self.digest else self


def packed(task: Task) -> Packed:
    """The code of a task, whole.

    Raises:
        NotPortable: It is bound to its kernel, and nothing here can take it along.
    """
    closure = task.closure
    if closure.portable:
        return Packed(closure.digest, closure.json)
    try:
        import cloudpickle
    except ImportError:
        closure.require_portable(f"task {task.name!r}")
    return Packed("", cloudpickle.dumps(task))


_REBUILT: dict[str, Task] = {}
_LOCK = threading.Lock()


def unpacked(code: Packed) -> Task | None:
    """The task, rebuilt once in this process; `None` where it is not known and did not come.

    Raises:
        NotPortable: It came under the digest of another.
        Exception: Whatever its text raises, an import that fails here for one.
    """
    if not code.digest:  # from the session that started this process, just now
        assert code.whole is not None
        bound: Task = pickle.loads(code.whole)
        return bound
    with _LOCK:
        if code.digest not in _REBUILT and code.whole is not None:
            _REBUILT[code.digest] = _rebuilt(code.digest, code.whole)
        return _REBUILT.get(code.digest)


def _rebuilt(digest: str, whole: bytes) -> Task:
    closure = Closure.from_doc(orjson.loads(whole))
    if closure.digest != digest:
        msg = f"The code that came as {digest} is {closure.digest}: nothing of it was run."
        raise NotPortable(msg, name=closure.name)
    task: Task = rebuild_entry(closure, cached=True)
    return task
