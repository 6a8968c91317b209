"""``make bench``: take every figure on this machine and print it beside what it should reach."""

from __future__ import annotations

import argparse
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import (
    catalog,
    cells,
    engine,
    executors,
    field,
    imports,
    notebooks,
    panels,
    store,
    triggers,
)
from bench.figure import Figure
from bench.page import write

_ROOMS = {
    "imports": imports.figures,
    "engine": engine.figures,
    "cells": cells.figures,
    "executors": executors.figures,
    "triggers": triggers.figures,
    "notebooks": notebooks.figures,
    "panels": panels.figures,
    "store": store.figures,
    "field": field.figures,
}
_CATALOG = "catalog"
_UNITS = {"k": 1_000, "m": 1_000_000}


def main() -> None:
    """Print one line for each figure, as soon as it is taken."""
    given = _arguments()
    print(f"Python {platform.python_version()} on {platform.machine()}; medians")
    for room in given.rooms or [*_ROOMS, _CATALOG]:
        lines = []
        for figure in _figures(room, given):
            lines.append(_line(figure))
            print(lines[-1], flush=True)
        if given.write:
            write(given.write, room, lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rooms", nargs="*", choices=[*_ROOMS, _CATALOG, []])
    parser.add_argument("--sizes", default="1k,100k", help="of catalogs: 1k,100k,1m")
    parser.add_argument("--homes", type=Path, help="where filled homes are kept for next time")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put them on that page, too")
    return parser.parse_args()


def _figures(room: str, given: argparse.Namespace) -> Iterator[Figure]:
    if room != _CATALOG:
        yield from _ROOMS[room]()
        return
    sizes = [int(size[:-1]) * _UNITS[size[-1]] for size in given.sizes.lower().split(",")]
    with tempfile.TemporaryDirectory() as place:
        yield from catalog.figures(given.homes or Path(place), sizes)


def _line(figure: Figure) -> str:
    took = f"{figure.work:<52} {figure.took:>9.2f} {figure.unit:<2}"
    if figure.limit is None:
        return f"{took} {figure.note:>46}".rstrip()
    verdict = "reached" if figure.reached else "MISSED "
    return f"{took}  of {figure.limit:>5g}  {verdict}  {figure.note}".rstrip()


if __name__ == "__main__":
    main()
