"""The page on types says what is so."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pydantic
import pytest

from heirloom import Directory, File
from heirloom.declare.compatible import why_not

PAGE = Path(__file__).parents[2] / "docs" / "types.md"
ROW = re.compile(r"\| `(.+)` \| `(.+)` \| (.+) \|")


class Tier(enum.Enum):
    GOLD = "gold"


@dataclass
class Small:
    n: int


@dataclass
class Large:
    n: int
    text: str


class Model(pydantic.BaseModel):
    n: int


_NAMES: dict[str, Any] = {
    **{"Annotated": Annotated, "Any": Any, "Literal": Literal, "Mapping": Mapping},
    **{"np": np, "pd": pd, "pl": pl, "pa": pa, "File": File, "Directory": Directory},
    **{"Tier": Tier, "Small": Small, "Large": Large, "Model": Model},
}


def _rows() -> list[tuple[str, str, str]]:
    rows = filter(None, (ROW.fullmatch(line.replace(r"\|", "¦")) for line in _section()))
    return [(row[1].replace("¦", "|"), row[2].replace("¦", "|"), row[3]) for row in rows]


def _section() -> list[str]:
    text = PAGE.read_text("utf-8").partition("## What fits what")[2]
    return text.partition("\n## ")[0].splitlines()


@pytest.mark.parametrize(("promised", "asked", "says"), _rows())
def test_the_table_of_what_fits(promised: str, asked: str, says: str) -> None:
    """Each row of the page, evaluated."""
    why = why_not(eval(promised, _NAMES), eval(asked, _NAMES))
    assert (why or "fits") == says or (says != "fits" and says in str(why))


def test_the_whole_table_is_read() -> None:
    """No row is left out for its spelling."""
    assert len(_rows()) == sum(line.startswith("| `") for line in _section()) > 25
