"""What an annotation says, and how it is spelled."""

from __future__ import annotations

from typing import Annotated, Any, NewType

import pandas as pd
import pytest

from heirloom import Artifact, File
from heirloom.declare.misfit import told
from heirloom.declare.types import is_optional, plain_type, spell, typed

Metres = NewType("Metres", float)
_Formats: Any = File  # a type checker knows no subscripts that are not types
CSV = _Formats["csv"]
Sales = Annotated[pd.DataFrame, {"region": str, "amount": float}]


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (int, "int"),
        (None, "None"),
        (pd.DataFrame, "pandas.DataFrame"),
        (int | None, "int | None"),
        (list[int], "list[int]"),
        (dict[str, list[pd.DataFrame]], "dict[str, list[pandas.DataFrame]]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (File, "File"),
        (CSV, 'File["csv"]'),
        (CSV | None, 'File["csv"] | None'),
        (Annotated[int, 1], "int"),
        (Metres, "float"),
        (Sales, "pandas.DataFrame with region: str, amount: float"),
    ],
)
def test_spelled_as_written(hint: Any, text: str) -> None:
    """Errors show an annotation as its author would write it."""
    assert spell(hint) == text


def test_a_class_of_the_notebook_has_its_bare_name() -> None:
    """Its author calls it so, and not by the module that a notebook runs as."""
    own = type("Order", (), {"__module__": "__main__"})
    assert spell(own | None) == "Order | None"
    assert told(own()) == "Order"


def test_optional_and_plain() -> None:
    """``Annotated`` and a `NewType` are transparent."""
    assert is_optional(Annotated[int | None, 1])
    assert not is_optional(int)
    assert plain_type(Annotated[Annotated[int, 1], 2]) is int
    assert plain_type(Metres) is float


def test_of_an_annotation_the_columns_stay() -> None:
    """What is kept of ``Annotated`` is what it says of the type: of a frame, its columns."""
    artifact = Artifact("a")
    assert typed(Annotated[int, artifact]) is int
    assert (
        typed(Annotated[pd.DataFrame, artifact, {"a": int}]) == Annotated[pd.DataFrame, {"a": int}]
    )
