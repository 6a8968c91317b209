"""What a payload looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

from heirloom_widgets.preview import preview_html, words


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (pd.DataFrame({"a": [1, 2]}), "DataFrame of 2 rows and 1 column"),
        (pd.Series([1]), "Series of 1 row"),
        (np.zeros((2, 3), "float32"), "ndarray of 2 x 3 of float32"),
        (np.array(1), "ndarray of one number of int64"),
        ({"a": 1}, "dict of 1"),
        ("x" * 5000, "str of 5,000"),
        (7, "int"),
    ],
)
def test_a_value_in_a_few_words(value: Any, expected: str) -> None:
    """What was pulled is told in one line."""
    assert words(value) == expected


def test_a_table_shows_its_head_and_a_line_on_each_column() -> None:
    """How many, of what type, how much is missing, from where to where."""
    frame = pd.DataFrame({"n": [1.5, None, 9.0, 2.0], "word": ["a", "b", "a", "a"]})
    for value in (frame, pa.Table.from_pandas(frame)):
        shown = preview_html(value)
        assert "4 rows and 2 columns" in shown
        assert "1.5 to 9" in shown
        assert "75%" in shown
        assert "2 different, most often a" in shown


def test_a_wide_and_long_table_is_cut_and_says_so() -> None:
    """A thousand columns cost no more to show than forty."""
    frame = pd.DataFrame(np.zeros((5_000, 1_000)))
    shown = preview_html(frame)
    assert "5,000 rows and 1,000 columns, the first 10 of them" in shown
    assert "and 960 more" in shown
    assert len(shown) < 60_000


def test_an_odd_table_is_shown_too() -> None:
    """Equal column names, cells without order or hash, and no rows at all."""
    odd = pd.DataFrame([[{"a": 1}, [2]], [None, 3]], columns=["x", "x"])
    assert "2 rows and 2 columns" in preview_html(odd)
    assert "0 rows and 0 columns" in preview_html(pd.DataFrame())


@pytest.mark.parametrize("shape", [(0,), (0, 28, 28), (3, 0, 4), (0, 3, 2, 2)])
def test_an_array_of_nothing_shows_its_shape(shape: tuple[int, ...]) -> None:
    """Whatever it has nothing of: no row of a batch, no column of an image."""
    text = " x ".join(map(str, shape))
    assert preview_html(np.zeros(shape)) == f'<div class="hl-sub">{text} of float64</div>'


def test_an_array_shows_its_shape_and_where_its_numbers_lie() -> None:
    """Of more dimensions than two, the first corner."""
    shown = preview_html(np.arange(24.0).reshape(2, 3, 4))
    assert "2 x 3 x 4 of float64" in shown
    assert "from 0 to 23, mean 11.5" in shown
    assert preview_html(np.zeros((0, 3)))
    assert "3 of &lt;U1" in preview_html(np.array(["a", "b", "c"]))


def test_nested_values_are_a_tree(tmp_path: Path) -> None:
    """The outer level is open; the inner ones are folded, counted and bounded."""
    deep: Any = "bottom"
    for _ in range(50):
        deep = {"in": deep}
    shown = preview_html({"few": [1, None, "x"], "many": list(range(9_999)), "deep": deep})
    assert "many  [9,999]" in shown
    assert "… 9,969 more" in shown
    assert "bottom" not in shown
    assert all(map(preview_html, ([], {}, None, 1.5)))


def test_pictures_are_pictures(tmp_path: Path) -> None:
    """An image and a picture's file are shown, as data in the page."""
    image = Image.new("RGB", (2_000, 10), "red")
    image.save(tmp_path / "red.png")
    for value in (image, tmp_path / "red.png", (tmp_path / "red.png").read_bytes()):
        assert 'src="data:image/png;base64,' in preview_html(value)
    assert "2,000 by 10 pixels, RGB" in preview_html(image)


def test_files_show_their_beginning(tmp_path: Path) -> None:
    """Text as text, a directory as its files, bytes as what they are."""
    (tmp_path / "a.txt").write_text("é" * 9_000)
    (tmp_path / "b.bin").write_bytes(bytes(range(256)))
    assert "the first 4,000 of 18,000 bytes" in preview_html(tmp_path / "a.txt")
    assert "256 B of no text and no picture" in preview_html(tmp_path / "b.bin")
    assert "b.bin  256 B" in preview_html(tmp_path)


def test_what_others_wrote_is_never_markup(tmp_path: Path) -> None:
    """Names of columns, keys, cells, texts and files are text."""
    evil = "<img src=x onerror=alert(1)>"
    (tmp_path / "<script>").write_text(evil)
    for value in (evil, {evil: [evil]}, pd.DataFrame({evil: [evil]}), tmp_path, [evil]):
        shown = preview_html(value)
        assert "<img" not in shown
        assert "<script" not in shown
