"""What a kernel waits before the first cell can run: the import, and the extension's loading."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from bench.figure import Figure

__all__ = ["figures"]

RUNS = 9
SHELL = "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance(); "


def figures() -> Iterator[Figure]:
    """Each statement in new interpreters, less the same interpreters without it."""
    bare, shell = "pass", f"{SHELL}pass"
    load = f"{SHELL}s.extension_manager.load_extension('heirloom')"
    yield Figure("import heirloom", _cost("import heirloom", bare), 150, "ms")
    yield Figure("%load_ext heirloom", _cost(load, shell), 250, "ms")


def _cost(statement: str, floor: str) -> float:
    """Milliseconds of `statement` over `floor`, the two run in turn; the first run compiles."""
    _run(statement)
    return statistics.median(_run(statement) - _run(floor) for _ in range(RUNS)) * 1000


def _run(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start
