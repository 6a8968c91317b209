"""Write the Python of the pages as modules: ``make lint`` checks their types.

python docs/examples.py FOLDER
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```python[^\n]*\n(.*?)^```$", re.M | re.S)
_MAGIC = re.compile(r"^\s*[%!?]", re.M)
# Names that a page's other cells bind are anything here; what is done with Heirloom's is checked.
_HEAD = """\
# mypy: disable-error-code="name-defined, no-any-return, no-untyped-def, untyped-decorator"
# mypy: disable-error-code="no-untyped-call, var-annotated"
from dataclasses import dataclass

import heirloom as hl
import numpy as np
import pandas as pd

"""


def main(folder: Path) -> None:
    """Make the folder anew, with one module for each cell that is plain Python."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for page in (*sorted((_ROOT / "docs").glob("*.md")), _ROOT / "README.md"):
        for at, cell in enumerate(_cells(page.read_text("utf-8"))):
            (folder / f"{page.stem.lower()}_{at}.py").write_text(_HEAD + cell, "utf-8")


def _cells(page: str) -> Iterator[str]:
    for block in _BLOCK.findall(page):
        for cell in re.split(r"^# (?:next|gives)\n", block, flags=re.M):
            if not _MAGIC.search(cell):
                yield cell


if __name__ == "__main__":
    main(Path(sys.argv[1]))
