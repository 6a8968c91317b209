"""Puts what ``make deep`` counted into the page, and prints it.

``python tests/reliability/page.py FIGURES PAGE``: the table between the page's two marks is made
anew from the lines that the tests wrote.
"""

from __future__ import annotations

import ast
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["BEGIN", "END", "functions", "table"]

BEGIN, END = "<!-- make deep: begin -->", "<!-- make deep: end -->"
_ROOT = Path(__file__).parents[2]


def functions(path: Path) -> dict[str, str]:
    """The tests of a file, with the first line of what each says."""
    found = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            found[node.name] = (ast.get_docstring(node) or "").partition("\n")[0]
    return found


def table(figures: Iterable[Mapping[str, Any]]) -> list[str]:
    """A row for each test: what it shows, and its counts, those of its cases added up."""
    counts: dict[str, dict[str, Any]] = {}
    for figure in figures:
        test = figure["test"].partition("[")[0]
        mine = counts.setdefault(test, {})
        for name, value in figure.items():
            if name == "test":
                continue
            adds = isinstance(value, int) and name in mine
            mine[name] = mine[name] + value if adds else value
    rows = ["| test | shows | counts |", "|---|---|---|"]
    for test, numbers in sorted(counts.items()):
        path, _, name = test.partition("::")
        said = functions(_ROOT / path).get(name, "")
        shown = ", ".join(f"{key.replace('_', ' ')} {_said(n)}" for key, n in numbers.items())
        rows.append(f"| `{test}` | {said} | {shown} |")
    return rows


def _said(number: Any) -> str:
    return f"{number:,}" if isinstance(number, int) else str(number)


def _where() -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=_ROOT, capture_output=True, text=True
    ).stdout.strip()
    return (
        f"Printed by `make deep` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC at commit {commit}: "
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}, "
        f"{os.cpu_count()} cores."
    )


def main(figures: Path, page: Path) -> None:
    """Make the page's table anew."""
    rows = table(map(json.loads, figures.read_text().splitlines()))
    text = page.read_text()
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    page.write_text("\n".join([head + BEGIN, "", _where(), "", *rows, "", END + tail]))
    sys.stdout.write("\n".join([_where(), *rows, ""]))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
