"""The page on artifacts and queries says what is so."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom import errors

PAGE = (Path(__file__).parents[2] / "docs" / "artifacts.md").read_text("utf-8")
_CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)
_DECLARED = _CODE.findall(PAGE)[0]
_EMITS = PAGE.partition("## Emitting")[2].partition("\n## ")[0]
_HINTS = [
    hint.replace(r"\|", "|") for hint in re.findall(r"`((?:Annot|tuple|list|dict).*?)`", _EMITS)
]
_ROW = re.compile(r"(?m)^\| `((?:sales|hl)\..+?)`.*? \| (\S.*?) \|$")
_ASKED = _ROW.findall(PAGE.partition("## Asking")[2])


def _rows(after: str) -> list[list[str]]:
    lines = PAGE.partition(after)[2].partition("\n\n")[2].splitlines()
    table = [line.strip("|").split("|") for line in lines[: lines.index("")]]
    return [[cell.strip() for cell in row] for row in table[2:]]


@pytest.fixture
def names() -> dict[str, Any]:
    """What the page's code may name, and its versions."""
    names = {"hl": hl, "Artifact": hl.Artifact, "date": date}
    names["datetime"] = functools.partial(datetime, tzinfo=UTC)
    exec(_DECLARED, names)
    for _, region, tier, time in _rows("With these versions"):
        when = date.fromisoformat(time)
        hl.publish(1, f"sales[region={region},tier={tier}]", time_partition=when)
    hl.alias("sales@1", "champion", reason="")
    hl.publish(1, "sales[region=emea,tier=7]", time_partition=date(2026, 1, 9), draft=True)
    return names


@pytest.mark.parametrize(("asked", "found"), _ASKED)
def test_what_a_query_finds(names: dict[str, Any], asked: str, found: str) -> None:
    """Each row of the table: the version, the list of them, or the error."""

    @hl.workflow
    def whole(x: Any) -> Any:
        return x

    if not found[0].isdigit():
        with pytest.raises(getattr(errors, found)):
            hl.run(whole, x=eval(asked, names))
        return
    run = hl.run(whole, x=eval(asked, names))
    made: Any = hl.current().catalog.view().execution(run.id)
    numbers = [read.item.rpartition("@")[2] for read in made.all_reads()]
    assert list(dict.fromkeys(numbers)) == found.split(", ")


def test_every_row_is_asked() -> None:
    """No row is written in a way that the test passes over."""
    rows = _rows("a query means")
    assert len(_ASKED) == len(rows) >= 19
    assert len(_HINTS) == 6


@pytest.mark.parametrize("hint", _HINTS)
def test_what_an_annotation_emits(load: Callable[[str], Any], hint: str) -> None:
    """Each annotation of the table promises a version, or one of each member."""
    team = load(f"""
        from heirloom import Inputs
        sales = hl.Artifact("sales", ["region", "tier"])
        notes = hl.Artifact("notes", [])

        @hl.task
        def body(region: str) -> {hint}: ...
    """)
    outputs = team.body.interface.outputs
    assert outputs
    assert all(output.emitted for output in outputs)
