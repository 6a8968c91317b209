"""Every how-to page run anew, each in a home of its own: ``make pages`` keeps what they show."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from notebooks.executed import by_hand, keep

__all__ = ["PAGES", "run"]

HERE = Path(__file__).resolve().parent
PAGES = sorted(HERE.glob("[0-9]-*.ipynb"))


def run(page: Path, home: str | os.PathLike[str]) -> Any:
    """Run a page in an empty home without a reactor: what it shows is the same everywhere."""
    return by_hand(page, {"HEIRLOOM_HOME": os.fspath(home), "HEIRLOOM_REACTOR": "off"})


def _named(names: Iterable[str]) -> list[Path]:
    chosen = tuple(names)
    return [page for page in PAGES if not chosen or page.stem.startswith(chosen)]


def main() -> None:
    """Run pages, and write their outputs into them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help="how their names begin: all, if none is given")
    for page in _named(parser.parse_args().pages):
        with tempfile.TemporaryDirectory() as home:
            keep(run(page, home), page, page)
        print(page.name, flush=True)


if __name__ == "__main__":
    main()
