"""Three chained tasks, one version, a notebook of ten cells: with Heirloom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clock import place, tell

import heirloom as hl


@hl.task
def load(n: int) -> dict[str, int]:
    """The first of three."""
    return {"n": n}


@hl.task
def clean(found: dict[str, int]) -> dict[str, int]:
    """The second."""
    return {"n": found["n"] + 1}


@hl.task
def total(found: dict[str, int]) -> dict[str, int]:
    """The third."""
    return {"n": found["n"] * 2}


@hl.workflow
def three(n: int) -> Any:
    """All of them in a row."""
    return total(found=clean(found=load(n=n)))


def main() -> None:
    """In a home of its own."""
    hl.connect(place() / "home")
    ten = Path(place().parent) / "ten.ipynb"
    works: dict[str, Any] = {
        "three": (40, lambda n: three(n=n)),
        "one": (200, lambda n: hl.publish({"n": n}, "one")),
        "notebook": (7, lambda n: hl.run(hl.notebook_workflow(ten), n=n)),
    }
    tell(works)


main()
