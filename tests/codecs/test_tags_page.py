"""What docs/format.md says of values: every tag, and an example of each."""

from __future__ import annotations

import datetime as dt
import http
import re
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import pandas as pd
import pytest

from heirloom.codecs.tags import READ, from_json, to_json
from heirloom.records.versions import Card

PAGE = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| (`\$.*?) \|.*\| `(.*)` \|$", re.MULTILINE)
EXAMPLES: dict[str, Any] = {
    tags.split()[0].strip("`"): orjson.loads(example) for tags, example in _ROW.findall(PAGE)
}
NOON = dt.datetime(2026, 1, 31, 12, 30, tzinfo=ZoneInfo("Europe/Rome"))
VALUES: dict[str, Any] = {
    "$int": 2**64,
    "$str": "\udc80",
    "$bytes": b"\x00\xff",
    "$complex": 1.5 - 2j,
    "$decimal": Decimal("0.10"),
    "$uuid": uuid.UUID("12345678123456781234567812345678"),
    "$numpy": np.float32(0.5),
    "$date": dt.date(2026, 1, 31),
    "$time": dt.time(12, 30),
    "$datetime": NOON,
    "$timedelta": dt.timedelta(1, 2, 3),
    "$timestamp": pd.Timestamp("2026-01-31").as_unit("us"),
    "$path": Path("data/a.csv"),
    "$tuple": (1, ()),
    "$set": {1, 2},
    "$dict": {1: "a", "$x": "b"},
    "$enum": http.HTTPStatus.OK,
    "$object": Card("a"),
}


def test_the_page_names_every_tag() -> None:
    """Each tag that can be read has a row, and no other."""
    told = {tag for tags, _ in _ROW.findall(PAGE) for tag in re.findall(r"\$\w+", tags)}
    assert told == set(READ)
    assert set(EXAMPLES) - set(VALUES) == {"$float"}


@pytest.mark.parametrize("tag", VALUES)
def test_the_examples_are_what_is_written(tag: str) -> None:
    """Each example is the JSON of its value, and gives it back with its type."""
    assert to_json(VALUES[tag]) == EXAMPLES[tag]
    back = from_json(EXAMPLES[tag])
    assert back == VALUES[tag]
    assert type(back) is type(VALUES[tag])


def test_what_is_not_finite() -> None:
    """A number that is none is told by its name."""
    assert to_json(float("nan")) == EXAMPLES["$float"]
    assert np.isnan(from_json(EXAMPLES["$float"]))
