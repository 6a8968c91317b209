"""Waiting for what comes by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

__all__ = ["hear", "quiet", "until"]


def until(true: Callable[[], bool]) -> bool:
    """Whether it comes true within ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not true():
        time.sleep(0.02)
    return true()


def quiet() -> bool:
    """Whether what panels do beside the kernel comes to its end within ten seconds."""
    return until(lambda: not any(map(_works, threading.enumerate())))


def hear(view: Any, message: dict[str, Any]) -> None:
    """Give a view a message of the page, and wait until what that asks for is done."""
    view.hear(message)
    assert quiet()


def _works(thread: threading.Thread) -> bool:
    return thread.name.startswith("heirloom-") and thread.name != "heirloom-pulse"
