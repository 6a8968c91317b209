"""Cards made of what people have at hand: text, a file, a frame, a figure."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from heirloom import DataCard, File, ModelCard
from heirloom.errors import InputError

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_text_stays_as_it_is() -> None:
    """Markdown is taken as written; the kind of card is the class's."""
    assert ModelCard("# Model").text == "# Model"
    assert (ModelCard("a").kind, DataCard("a").kind) == ("model", "data")
    assert DataCard.from_obj("a") == DataCard("a")


def test_a_file_is_its_text(tmp_path: Path) -> None:
    """A path and a `File` are read now, so that the card outlives them."""
    path = tmp_path / "card.md"
    path.write_text("# Täglich", encoding="utf-8")
    assert DataCard(path).text == DataCard(File(path)).text == "# Täglich"


def test_a_picture_file_is_a_picture(tmp_path: Path) -> None:
    """A PNG stands in the card itself, not as a path that others do not have."""
    path = tmp_path / "loss.png"
    path.write_bytes(PNG)
    assert ModelCard(path).text == f"![](data:image/png;base64,{base64.b64encode(PNG).decode()})"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """What is not there, or is no text, is one line that names it."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name in ("missing.md", "bytes"):
        with pytest.raises(InputError, match=name):
            DataCard(tmp_path / name)


def _frames() -> list[Any]:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    columns = {"a|b": [1, 2], "f": [0.5, 1 / 3]}
    return [pd.DataFrame(columns), pl.DataFrame(columns), pa.table(columns)]


@pytest.mark.parametrize("frame", _frames(), ids=["pandas", "polars", "pyarrow"])
def test_a_frame_is_a_table(frame: Any) -> None:
    """Columns and rows are a Markdown table; what would break a cell is escaped."""
    lines = DataCard(frame).text.splitlines()
    assert "a\\|b | f |" in lines[0]
    assert set(lines[1]) <= set("|- ")
    assert lines[3].endswith("| 2 | 0.333333 |") or lines[3].endswith("| 2.0 | 0.333333 |")


def test_a_long_frame_is_cut() -> None:
    """Twenty rows are shown, and how many more there are."""
    import pandas as pd

    text = DataCard(pd.DataFrame({"a": range(1020)})).text
    assert "| 19 | 19 |" in text
    assert "| 20 |" not in text
    assert text.endswith("\n1,000 more rows.")


def test_a_figure_is_a_picture() -> None:
    """A matplotlib figure is drawn into the card."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1, 1))
    figure.subplots().plot([1, 2])
    text = ModelCard(figure).text
    assert text.startswith("![](data:image/png;base64,iVBOR")
    assert len(text) < 20_000


def test_an_image_is_made_small_enough() -> None:
    """A PIL image is as wide as a card at most; the image itself stays as it is."""
    from PIL import Image

    image = Image.new("RGB", (2000, 10))
    assert "iVBOR" in DataCard(image).text
    assert image.size == (2000, 10)


def test_anything_else_is_refused() -> None:
    """No card says ``<object at 0x…>``."""
    with pytest.raises(InputError, match="a frame or a figure; got a dict"):
        ModelCard({"a": 1})
