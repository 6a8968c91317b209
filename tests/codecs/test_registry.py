"""The registry, codecs of one's own, other types than the recorded, frames of everything."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from heirloom import codecs
from heirloom.codecs import About, Codec, Encoded, Source, registry
from heirloom.errors import CodecError, MissingExtra
from heirloom.rebuilt import world_of
from heirloom.records.files import File

Keep = Callable[..., Any]


class Polynomial:
    def __init__(self, *terms: int) -> None:
        self.terms = terms


class Polynomials(Codec):
    format = "polynomial"

    def matches(self, value: object) -> bool:
        return isinstance(value, Polynomial)

    def encode(self, value: Polynomial) -> Encoded:
        return Encoded(
            self.format, "Polynomial", "data", write=lambda out: out.write(bytes(value.terms))
        )

    def decode(self, source: Source, about: About) -> Polynomial:
        with source.open() as stream:
            return Polynomial(*stream.read())


@pytest.fixture
def _own_registry() -> Iterator[None]:
    before = dict(registry._codecs)
    yield
    registry._codecs.clear()
    registry._codecs.update(before)


@pytest.mark.usefixtures("_own_registry")
def test_a_codec_of_ones_own(keep: Keep) -> None:
    """A codec of ten lines is used for its class, by default and by name."""
    codecs.register(Polynomials())
    kept = keep(Polynomial(1, 2))
    assert kept.encoded.format == "polynomial"
    assert kept.decode().terms == (1, 2)
    assert isinstance(codecs.formats["polynomial"], Polynomials)


@pytest.mark.usefixtures("_own_registry")
def test_a_format_is_taken_once() -> None:
    """Another class is refused a format that is taken, unless it says so; the same one is not."""
    codecs.register(Polynomials())
    again = Polynomials()
    codecs.register(again)
    assert codecs.formats["polynomial"] is again
    other = type("Others", (Polynomials,), {})()
    with pytest.raises(CodecError, match="Format 'polynomial' is Polynomials's already"):
        codecs.register(other)
    codecs.register(other, replace=True)
    assert codecs.formats["polynomial"] is other


@pytest.mark.usefixtures("_own_registry")
def test_rebuilt_code_asks_its_codecs_in_the_order_of_the_notebook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of two that take a value, the one that took a format's place last is asked first."""
    world = "_heirloom_0123456789ab"
    monkeypatch.setitem(sys.modules, world, ModuleType(world))
    rebuilt = type("Polynomials", (Polynomials,), {"__module__": world})()
    other = type("Others", (Polynomials,), {"format": "other"})()
    for codec in (Polynomials(), other):
        codecs.register(codec)
    assert codecs.encode(Polynomial(1)).format == "other"
    codecs.register(rebuilt, replace=True)
    with world_of(type(rebuilt)):
        assert codecs.encode(Polynomial(1)).format == "polynomial"
    assert codecs.encode(Polynomial(1)).format == "other"


def test_formats_are_read_only() -> None:
    """The public view of the registry cannot be written to."""
    with pytest.raises(TypeError):
        codecs.formats["x"] = Polynomials()  # type: ignore[index]  # it is what is tested


def test_unknown_formats(keep: Keep) -> None:
    """A format that nobody registered is named, with the nearest."""
    with pytest.raises(
        CodecError, match=r"No codec for format 'parket' here\. Did you mean 'parquet'"
    ):
        codecs.encode(1, format="parket")
    with pytest.raises(CodecError, match="No codec for format 'onnx' here"):
        keep(1).decode(format="onnx")


@pytest.mark.parametrize(
    ("value", "missing", "extra"),
    [(pd.DataFrame({"a": [1]}), "pyarrow", "frames"), (pa.table({"a": [1]}), "pyarrow", "frames")],
)
def test_missing_libraries(
    keep: Keep, monkeypatch: pytest.MonkeyPatch, value: Any, missing: str, extra: str
) -> None:
    """A library that is not installed is named with the extra that brings it."""
    load = importlib.import_module

    def without(name: str) -> Any:
        if name.startswith(missing):
            raise ModuleNotFoundError(f"No module named {name!r}")
        return load(name)

    kept = keep(value)
    monkeypatch.setattr(importlib, "import_module", without)
    for use in (lambda: keep(value), kept.decode):
        with pytest.raises(
            MissingExtra, match=rf'pip install "jupyter-heirloom\[{extra}\]"'
        ) as found:
            use()
        assert found.value.extra == extra


FRAME = pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})


@pytest.mark.parametrize(
    ("value", "as_", "expected"),
    [
        (FRAME, list, [{"a": 1, "b": 0.5}, {"a": 2, "b": 1.5}]),
        (FRAME, dict, {"a": [1, 2], "b": [0.5, 1.5]}),
        (FRAME, "numpy", [[1, 0.5], [2, 1.5]]),
        (FRAME, pa.Table, pa.Table.from_pandas(FRAME)),
        (FRAME["a"], list, [1, 2]),
        (pa.table({"a": [1]}), "list", [{"a": 1}]),
        (pa.table({"a": [1]}), "dict", {"a": [1]}),
        (np.arange(3), list, [0, 1, 2]),
        ((1, 2), list, [1, 2]),
        ([1, 2], tuple, (1, 2)),
        ([1, 2], set, {1, 2}),
        ([1, 2], np.ndarray, [1, 2]),
        (3, float, 3.0),
        ("ü", bytes, "ü".encode()),
        (b"ab", str, "ab"),
        ("x", "str", "x"),
        (True, int, True),
        ([1], list[int], [1]),
        (7, None, 7),
        (7, Any, 7),
    ],
)
def test_as_another_type(keep: Keep, value: Any, as_: Any, expected: Any) -> None:
    """A value is given as what is asked where nothing is lost."""
    got = keep(value).decode(as_)
    if isinstance(got, np.ndarray):
        got = got.tolist()
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    ("value", "as_", "said"),
    [
        (7, "DataFram", r"Nothing can be had as 'DataFram'\. Did you mean 'dataframe'"),
        (7, 7, "it is no type"),
        (7, str, "An int cannot be had as str"),
        (2**53 + 1, float, "An int cannot be had as float"),
        pytest.param(10**400, float, "An int cannot be had as float: int too large", id="huge"),
        ("x", int, "A str cannot be had as int"),
        (b"\xff", str, "A bytes cannot be had as str"),
        ([{}], set, "A list cannot be had as set: unhashable"),
        ({}, Polynomial, r"A dict cannot be had as .*Polynomial"),
    ],
)
def test_as_what_it_cannot_be(keep: Keep, value: Any, as_: Any, said: str) -> None:
    """What cannot be given faithfully is refused in one line."""
    with pytest.raises(CodecError, match=said):
        keep(value).decode(as_)


def test_the_payload_itself(keep: Keep) -> None:
    """As bytes a payload is the file in the store; as a path it is where it lies."""
    kept = keep(FRAME)
    assert kept.decode(bytes) == kept.bytes()
    assert kept.decode(Path).read_bytes() == kept.bytes()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (FRAME, FRAME),
        (FRAME["a"], FRAME[["a"]]),
        (pa.table({"a": [1]}), pd.DataFrame({"a": [1]})),
        (np.arange(2), pd.DataFrame({"value": [0, 1]})),
        (np.array(7), pd.DataFrame({"value": [7]})),
        (np.eye(2), pd.DataFrame(np.eye(2))),
        (np.array([(1,)], dtype=[("a", "i8")]), pd.DataFrame({"a": [1]})),
        (7, pd.DataFrame({"value": [7]})),
        ("text", pd.DataFrame({"value": ["text"]})),
        (None, pd.DataFrame({"value": [None]})),
        ([{"a": 1}, {"a": 2}], pd.DataFrame({"a": [1, 2]})),
        ([1, 2], pd.DataFrame({"value": [1, 2]})),
        ([(1, 2), (3, 4)], pd.DataFrame([(1, 2), (3, 4)])),
        ({"a": [1, 2]}, pd.DataFrame({"a": [1, 2]})),
        ({"auc": 0.9, "n": 3}, pd.DataFrame({"auc": [0.9], "n": [3]})),
        ({"x": {"a": 1}, "y": {"a": 2}}, pd.DataFrame({"a": [1, 2]}, index=["x", "y"])),
    ],
)
def test_frames_of_everything(keep: Keep, value: Any, expected: pd.DataFrame) -> None:
    """Each kind of value has its frame, by pull_frame and by as_ alike."""
    kept = keep(value)
    pd.testing.assert_frame_equal(kept.frame(), expected)
    pd.testing.assert_frame_equal(kept.decode("DataFrame"), expected)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"raw", "A bytes has no frame"),
        (np.zeros((2, 2, 2)), r"A numpy.ndarray has no frame: it has 3 dimensions"),
        ({"a": [1], "b": [1, 2]}, "A dict has no frame: All arrays must be of the same length"),
        ({"a": [1], "b": 2}, "A dict has no frame"),
        ([1, {"a": 2}], "A list has no frame"),
    ],
)
def test_what_has_no_frame(keep: Keep, value: Any, said: str) -> None:
    """What has no frame is refused with what it is."""
    with pytest.raises(CodecError, match=said):
        keep(value).frame()


def test_a_model_has_no_frame(keep: Keep) -> None:
    """A model is named as what it is."""
    from sklearn.linear_model import LinearRegression

    with pytest.raises(CodecError, match=r"A sklearn.linear_model.LinearRegression has no frame"):
        keep(LinearRegression()).frame()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", b"x,y\n1,2\n", {"x": [1], "y": [2]}),
        ("a.tsv", b"x\ty\n1\t2\n", {"x": [1], "y": [2]}),
        ("a.JSON", b'[{"x":1},{"x":2}]', {"x": [1, 2]}),
        ("a.jsonl", b'{"x":1}\n{"x":2}\n', {"x": [1, 2]}),
        ("notes.txt", "ä\nb".encode(), {"line": ["ä", "b"]}),
    ],
)
def test_frames_of_files(
    keep: Keep, tmp_path: Path, name: str, content: bytes, expected: dict[str, list[Any]]
) -> None:
    """A file's table is read by its suffix."""
    (tmp_path / name).write_bytes(content)
    frame = keep(File(tmp_path / name)).frame()
    pd.testing.assert_frame_equal(frame, pd.DataFrame(expected))


@pytest.mark.parametrize("suffix", ["parquet", "feather", "csv.gz", "csv.bz2"])
def test_frames_of_written_files(keep: Keep, tmp_path: Path, suffix: str) -> None:
    """Files that pandas wrote give their frame, compressed ones too."""
    path = tmp_path / f"data.{suffix}"
    if suffix == "parquet":
        FRAME.to_parquet(path)
    elif suffix == "feather":
        FRAME.to_feather(path)
    else:
        FRAME.to_csv(path, index=False)
    pd.testing.assert_frame_equal(keep(File(path)).frame(), FRAME)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.docx", b"PK", r"A \.docx file has no frame: expected csv"),
        ("noname", b"x", "A file without a suffix has no frame"),
        ("a.csv", b"", r"The \.csv file has no table: No columns"),
        ("a.txt", b"\xff", r"The \.txt file has no table"),
        ("a.json", b"{", "The file is no JSON"),
        ("a.json.gz", b"x", r"A \.json\.gz file has no frame"),
        ("a.parquet", b"PAR1", "no Parquet file that can be read here"),
    ],
)
def test_files_without_a_frame(
    keep: Keep, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    """A file without a table says why."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CodecError, match=said):
        keep(File(tmp_path / name)).frame()


def test_a_format_overrides_a_name(keep: Keep, tmp_path: Path) -> None:
    """A file of format csv is read as CSV whatever its file is called."""
    (tmp_path / "export").write_bytes(b"x\n1\n")
    assert keep(File(tmp_path / "export", format="csv")).frame().shape == (1, 1)
