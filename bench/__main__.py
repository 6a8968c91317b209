"""``make bench``: take every figure on this machine and print it beside what it should reach."""

from __future__ import annotations

import platform

from bench import engine, imports
from bench.figure import Figure

ROOMS = (imports, engine)


def main() -> None:
    """Print one line for each figure, as soon as it is taken."""
    print(f"Python {platform.python_version()} on {platform.machine()}; medians")
    for room in ROOMS:
        for figure in room.figures():
            print(_line(figure), flush=True)


def _line(figure: Figure) -> str:
    verdict = "reached" if figure.reached else "MISSED"
    return f"{figure.work:<40} {figure.took:>10.1f} {figure.unit}  of {figure.limit:g}  {verdict}"


main()
