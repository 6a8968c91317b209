"""Cells: what the extension adds to one that touches nothing of Heirloom's."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figure import Figure

import heirloom as hl

__all__ = ["figures"]

ROUNDS = 60
_NAMES = """
import numpy as np
import pandas as pd
frames = {f"month_{n}": pd.DataFrame({"x": range(50), "y": range(50)}) for n in range(12)}
for n in range(150):
    globals()[f"number_{n}"] = n
for n in range(60):
    globals()[f"rows_{n}"] = [{"n": k, "text": str(k)} for k in range(40)]
class Scaler:
    def __init__(self, by): self.by = by
    def fit(self, table): self.mean = table["x"].mean(); return self
    def scaled(self, table): return (table["x"] - self.mean) / self.by
def load(month): return frames[month].copy()
def cleaned(table, least=0): return table[table["x"] > least].dropna()
sales = hl.pull("sales")
scaler = Scaler(3)
"""
_CELL = """
# run {}
table = cleaned(load("month_3"), least=2)
table["scaled"] = scaler.fit(table).scaled(table)
kept = [row for row in table.to_dict("records") if row["y"] % 2]
total = sum(row["scaled"] for row in kept)
if total > 0:
    best = max(kept, key=lambda row: row["scaled"])
for name, part in frames.items():
    part.attrs["seen"] = len(kept)
summary = {{"rows": len(table), "total": total, "mean": float(np.mean(sales))}}
"""


def figures() -> Iterator[Figure]:
    """An ordinary cell of twelve lines among 240 names, with the extension and without."""
    with tempfile.TemporaryDirectory() as place:
        session = hl.connect(Path(place) / "home")
        hl.publish([1.0, 2.0], "sales")
        bare, watched = _shell(), _shell()
        watched.run_line_magic("load_ext", "heirloom")
        took: dict[int, list[float]] = {0: [], 1: []}
        for shell in (bare, watched):
            shell.run_cell(f"import heirloom as hl\n{_NAMES}").raise_error()
        for n in range(ROUNDS):
            for which, shell in enumerate((bare, watched)):
                text = _CELL.format(n)  # text that was read before would be free
                begun = time.perf_counter()
                shell.run_cell(text).raise_error()
                took[which].append((time.perf_counter() - begun) * 1000)
        bare_took, all_took = (statistics.median(took[which]) for which in (0, 1))
        watched.run_line_magic("unload_ext", "heirloom")
        session.close()
        note = f"floor {bare_took:.2f} ms: the cell itself"
        yield Figure("an ordinary cell, its lineage traced", all_took - bare_took, 3.0, "ms", note)


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell

    make: Any = InteractiveShell
    return make()
