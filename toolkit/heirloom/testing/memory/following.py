"""Executions of a memory, as commits leave them."""

from __future__ import annotations

import json

from heirloom.records.executions import Execution
from heirloom.testing.memory.state import Memory

__all__ = ["MemoryFollowing"]


class MemoryFollowing:
    """Tells what came since it was asked last."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._at = len(memory.told)

    def read(self) -> list[Execution]:
        """What was committed since the last call, each state of an execution once."""
        told = self._memory.told[self._at :]
        self._at += len(told)
        return [Execution.from_doc(json.loads(text)) for text in told]

    def close(self) -> None:
        """There is nothing to give back."""
