"""What kind of thing a version is: by its type, its card, or by word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import pytest

import heirloom as hl
from heirloom.errors import DeclarationError

made = hl.Artifact("made", [])


def test_a_kind_is_by_type(tmp_path: Path) -> None:
    """Tables and arrays are data, what lies on disk is a file, the rest a value."""
    (tmp_path / "a.txt").write_text("a")
    values: dict[str, list[Any]] = {
        "data": [pd.DataFrame({"n": [1]}), np.zeros(2)],
        "file": [hl.File(tmp_path / "a.txt"), hl.File(tmp_path / "a.txt", link=True)],
        "value": [7, {"a": [1]}],
    }
    for kind, each in values.items():
        assert [hl.publish(value, "any").kind for value in each] == [kind] * len(each)


def test_a_card_says_what_a_file_is(tmp_path: Path) -> None:
    """The announcement's own file is a model; one that a DataCard describes is data."""
    (tmp_path / "weights").write_text("w")

    @hl.task
    def train(card: str) -> Annotated[hl.File, made]:
        kinds = {"model": hl.ModelCard, "data": hl.DataCard, "": hl.Card}
        return made.create_from(hl.File(tmp_path / "weights"), kinds[card]("text"))

    for card, kind in {"model": "model", "data": "data", "": "file"}.items():
        train(card=card)
        assert hl.get("made").kind == kind
    assert [version.version for version in hl.search("kind=model")] == [1]


def test_what_is_said_wins(tmp_path: Path) -> None:
    """Over the type and over the card, in a task and from anywhere."""

    @hl.task
    def train() -> Annotated[dict[str, Any], made]:
        return made.create_from({"w": 1.5}, hl.DataCard("weights"), kind="model")

    train()
    assert hl.get("made").kind == "model"
    (tmp_path / "a.bin").write_text("w")
    version = hl.publish(hl.File(tmp_path / "a.bin"), "b", hl.ModelCard("text"), kind="data")
    assert version.kind == "data"


def test_a_kind_stays_with_its_version() -> None:
    """A draft is released as what it was; a revised card revises the card."""
    draft = hl.publish(7, "seven", hl.ModelCard("of numbers"), kind="data", draft=True)
    assert hl.release(draft).kind == "data"
    assert hl.annotate("seven@2", hl.ModelCard("more")).kind == "data"


def test_a_workflow_passes_a_kind_on() -> None:
    """What its task said of the value is so of the workflow's own version of it."""
    outer = hl.Artifact("outer", [])

    @hl.task
    def inner() -> Annotated[int, made]:
        return made.create_from(7, kind="model")

    def whole():  # type: ignore[no-untyped-def]  # annotated below
        return inner()

    whole.__annotations__["return"] = Annotated[int, outer]
    hl.workflow(whole)()
    assert hl.get("outer").kind == "model"


def test_an_unknown_kind_changes_nothing() -> None:
    """It is found before anything is stored; the nearest is named."""
    with pytest.raises(DeclarationError, match=r"got 'modle'\. Did you mean 'model'"):
        hl.publish(7, "seven", kind="modle")
    assert hl.executions() == []

    @hl.task
    def train() -> Annotated[int, made]:
        return made.create_from(7, kind="datas")

    with pytest.raises(DeclarationError, match="kind= is one of data, model, file, value"):
        train()
    assert hl.search().total == 0
