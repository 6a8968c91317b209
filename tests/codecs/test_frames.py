"""Frames, series and Arrow tables, in both formats."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from heirloom import codecs
from heirloom.errors import CodecError, PayloadDamaged, StoreError

Keep = Callable[..., Any]
FORMATS = pytest.mark.parametrize("format", ["parquet", "arrow"])
RNG = np.random.default_rng(7)

FRAMES = {
    "empty": pd.DataFrame(),
    "only an index": pd.DataFrame(index=pd.Index([3, 1], name="i")),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype="int16"), "b": pd.Series([], dtype="str")}),
    "numbers": pd.DataFrame(
        {name: np.array([1, 0, 5], name) for name in ("i1", "u2", "f2", "f4", "f8", "bool")}
    ),
    "special floats": pd.DataFrame({"f": [np.nan, np.inf, -0.0]}),
    "texts": pd.DataFrame(
        {"s": ["a", None, "ü\n"], "t": pd.array(["x", None, ""], dtype="string")}
    ),
    "nullable": pd.DataFrame({"i": pd.array([1, None], dtype="Int8"), "b": pd.array([True, None])}),
    "holes in objects": pd.DataFrame({"i": [1, None], "b": [True, None]}, dtype=object),
    "objects": pd.DataFrame({"d": [Decimal("1.10"), None], "x": [b"\x00", b""]}),
    "categories": pd.DataFrame(
        {"c": pd.Categorical(["a", "b"], categories=["b", "a", "z"], ordered=True)}
    ),
    "times": pd.DataFrame(
        {
            "ns": pd.array(["2026-01-31T00:00:00.000000001"], dtype="datetime64[ns]"),
            "s": pd.array(["2026-01-31"], dtype="datetime64[s]"),
            "tz": pd.date_range("2026", periods=1, tz="Europe/Berlin"),
            "delta": pd.to_timedelta([3], unit="us"),
            "period": pd.period_range("2026-01", periods=1, freq="M"),
            "span": pd.interval_range(0, 1),
        }
    ),
    "stepped index": pd.DataFrame(
        {"x": [1, 2]}, index=pd.date_range("2026", periods=2, freq="D", name="day")
    ),
    "range index": pd.DataFrame({"x": [1, 2]}, index=pd.RangeIndex(10, 30, 10)),
    "double index": pd.DataFrame(
        {"x": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["k", None])
    ),
    "twice the same key": pd.DataFrame({"x": [1, 2]}, index=["a", "a"]),
    "numbered columns": pd.DataFrame(np.eye(2)),
    "double columns": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_product([["a"], [1, 2]])),
    "dotted names": pd.DataFrame({"a.b": [1], "c d": [2], "": [3]}),
    "index named as a column": pd.DataFrame({"a": [1]}).rename_axis("a"),
    "large": pd.DataFrame(
        {
            "f": RNG.normal(size=60_000),
            "few": RNG.integers(0, 3, 60_000),
            "id": [f"u{i}" for i in range(60_000)],
            "c": pd.Categorical(["x", "y"] * 30_000),
            "b": RNG.random(60_000) > 0.5,
        }
    ),
    "large and nested": pd.DataFrame({"x": range(60_000), "l": [[1, 2]] * 60_000}),
}


@FORMATS
@pytest.mark.parametrize("name", FRAMES)
def test_frames_come_back(keep: Keep, name: str, format: str) -> None:
    """A frame comes back with its values, dtypes, index and column names."""
    frame = FRAMES[name]
    kept = keep(frame, format)
    assert (kept.encoded.type_name, kept.encoded.kind) == ("pandas.DataFrame", "data")
    pd.testing.assert_frame_equal(kept.decode(), frame, check_freq=True)
    assert kept.encoded.schema == {
        "columns": [[str(column), str(dtype)] for column, dtype in frame.dtypes.items()],
        "rows": len(frame),
    }


@FORMATS
@pytest.mark.parametrize("name", FRAMES)
def test_the_same_frame_is_the_same_bytes(keep: Keep, name: str, format: str) -> None:
    """Two equal frames, each encoded on its own, are one payload."""
    frame = FRAMES[name]
    assert keep(frame, format).digest == keep(frame.copy(deep=True), format).digest


def test_parquet_is_the_default(keep: Keep) -> None:
    """A frame is Parquet that any reader takes; an Arrow table is an Arrow file."""
    kept = keep(FRAMES["large"])
    assert kept.encoded.format == "parquet"
    pd.testing.assert_frame_equal(pd.read_parquet(kept.path()), FRAMES["large"])
    assert keep(pa.table({"a": [1]})).encoded.format == "arrow"


def test_each_column_is_kept_as_suits_it(keep: Keep) -> None:
    """What repeats gets a dictionary, what shrinks is compressed, noise is left alone."""
    group = pq.ParquetFile(keep(FRAMES["large"]).path()).metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert {name: column.compression for name, column in columns.items()} == {
        "f": "UNCOMPRESSED", "few": "LZ4", "id": "LZ4", "c": "LZ4", "b": "UNCOMPRESSED",
    }  # fmt: skip
    dictionaries = {name for name, column in columns.items() if column.has_dictionary_page}
    assert dictionaries == {"few", "c"}


@FORMATS
def test_what_came_back_is_ones_own(keep: Keep, format: str) -> None:
    """A frame that was pulled can be written to, and the payload stays as it is."""
    kept = keep(pd.DataFrame({"a": [1.0, 2.0], "t": pd.date_range("2026", periods=2)}), format)
    frame = kept.decode()
    frame.loc[0, "a"] = 9.0
    frame["a"].to_numpy(copy=False)
    frame.iloc[1, 1] = pd.Timestamp("2020")
    assert kept.decode()["a"].tolist() == [1.0, 2.0]


@FORMATS
def test_attrs_are_kept(keep: Keep, format: str) -> None:
    """A frame's attrs come back if they are JSON, else they are refused."""
    frame = pd.DataFrame({"a": [1]})
    frame.attrs = {"unit": "mm", "deep": [{"a": 1}]}
    assert keep(frame, format).decode().attrs == frame.attrs
    frame.attrs["bad"] = {1, 2}
    with pytest.raises(CodecError, match=r"df\.attrs cannot be kept"):
        keep(frame, format)


@FORMATS
@pytest.mark.parametrize("name", ["x", None, 7, ("a", 1)])
def test_series_come_back(keep: Keep, name: Any, format: str) -> None:
    """A series comes back with its name, index and dtype; as a frame it is one column."""
    series = pd.Series([1.5, None], index=["a", "b"], name=name, dtype="Float32")
    kept = keep(series, format)
    assert kept.encoded.type_name == "pandas.Series"
    assert kept.encoded.schema == {"columns": [[str(name), "Float32"]], "rows": 2}
    pd.testing.assert_series_equal(kept.decode(), series)
    assert kept.frame().shape == (2, 1)


@FORMATS
def test_tables_come_back(keep: Keep, format: str) -> None:
    """An Arrow table comes back with its exact types, and as a frame when asked."""
    table = pa.table({"a": pa.array([1, None], pa.int16()), "l": [[1], []]})
    kept = keep(table, format)
    assert kept.encoded.schema == {
        "columns": [["a", "int16"], ["l", "list<item: int64>"]],
        "rows": 2,
    }
    assert kept.decode().cast(table.schema).equals(table)
    assert kept.decode("DataFrame").shape == (2, 2)
    assert keep(FRAMES["numbers"], format).decode("arrow").column_names == [*FRAMES["numbers"]]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "Two columns are named 'x'"),
        (pd.DataFrame([[1, 2]], columns=[1, "x"]), "column name 1 would come back as another"),
        (pd.DataFrame([[1]], columns=[None]), "column name nan would|column name None would"),
        (pd.DataFrame([[1, 2]], columns=[True, False]), "column name True would come back"),
        (pd.DataFrame([[1]], columns=pd.CategoricalIndex(["c"])), "column name 'c' would come"),
        (pd.DataFrame({"a": [1]}).rename_axis(3), "index name 3 would come back as text"),
        (pd.DataFrame({"ok": [1, 2], "m": [1, "x"]}), "Column 'm' of dtype object cannot be kept"),
        (pd.DataFrame({"m": [2**70]}), "Column 'm' of dtype object .*too large"),
        (pd.DataFrame({"z": [1j]}), "Column 'z' of dtype complex128 cannot be kept"),
        (pd.DataFrame({"o": [object()]}), "Column 'o' of dtype object cannot be kept"),
        (pd.DataFrame({"p": pd.arrays.SparseArray([0, 1])}), "Column 'p' of dtype Sparse"),
        (pd.Series([1], name=object()), "The series' name <object"),
    ],
)
@FORMATS
def test_frames_that_would_not_come_back(keep: Keep, frame: Any, said: str, format: str) -> None:
    """A frame that would come back as another is refused in one line that names the place."""
    with pytest.raises(CodecError, match=said) as refused:
        keep(frame, format)
    assert "\n" not in str(refused.value)


def test_a_subclass_is_not_a_frame(keep: Keep) -> None:
    """A subclass would lose what it adds: it is refused, not flattened."""

    class Geo(pd.DataFrame):
        """As geopandas'."""

    with pytest.raises(CodecError, match=r"No safe format for a [\w.<>]*Geo\."):
        keep(Geo({"a": [1]}))


@FORMATS
def test_damage_is_found_before_it_is_decoded(keep: Keep, format: str) -> None:
    """A damaged payload is damage, whatever the decoder makes of it."""
    kept = keep(FRAMES["numbers"], format)
    kept.damage()
    for read in (kept.decode, kept.frame, lambda: kept.decode("arrow")):
        with pytest.raises(PayloadDamaged):
            read()


@FORMATS
def test_bytes_of_another_format(keep: Keep, format: str) -> None:
    """A payload that is not what its record says is refused by its first bytes, or by its rest."""
    with pytest.raises(CodecError, match=f"The record says {format}, the payload's bytes do not"):
        keep(b"a,b\n1,2\n").decode(format=format)
    magic = {"parquet": b"PAR1", "arrow": b"ARROW1"}[format]
    with pytest.raises(CodecError, match="can be read here"):
        keep(magic + b"nonsense" * 9).decode(format=format)


@FORMATS
def test_a_full_disk_while_encoding(
    keep: Keep, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    """A disk that fills up under the encoder is the store's error, not the encoder's."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreError, match="The disk is full"):
        keep(FRAMES["large"], format)


@pytest.mark.process
def test_recognising_imports_nothing() -> None:
    """Plain values are encoded without importing a single library that they do not need."""
    script = """
import sys
from heirloom import codecs
codecs.encode({"a": [1, 2.5, "x", None]}); codecs.encode(b"x"); codecs.encode("y" * 9999)
heavy = {"numpy", "pandas", "pyarrow", "sklearn", "skops", "matplotlib", "fsspec"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script], check=True, env=env)


def test_registry_is_asked_by_class(keep: Keep) -> None:
    """What two formats take is written in the one that was asked for."""
    frame = pd.DataFrame({"a": [1]})
    assert keep(frame, "arrow").bytes()[:6] == b"ARROW1"
    assert keep(frame, "parquet").bytes()[:4] == b"PAR1"
    with pytest.raises(CodecError, match=r"Format 'npy' does not take a pandas.DataFrame\. These"):
        codecs.encode(frame, format="npy")
