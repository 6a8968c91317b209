"""An execution by the id that somebody gave."""

from __future__ import annotations

from heirloom.catalog.protocol import View
from heirloom.errors import ExecutionNotFound
from heirloom.records.executions import Execution

__all__ = ["found_execution"]


def found_execution(view: View, id: str) -> Execution:
    """The execution whose id it is, or the one that six signs of it or more begin.

    Raises:
        ExecutionNotFound: There is none, or more than one begin so.
    """
    execution = view.find_execution(id)
    if execution is None:
        msg = f"No execution {id!r}. hl.executions() lists them, as `heirloom executions` does."
        raise ExecutionNotFound(msg, name=id)
    return execution
