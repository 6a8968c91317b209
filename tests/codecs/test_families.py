"""Arrays, pictures, models, files, pickles."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from heirloom import codecs
from heirloom.codecs.models import _is_safe
from heirloom.errors import CodecError, PayloadDamaged, PayloadMissing, UnsafeRead
from heirloom.records.files import Directory, File

Keep = Callable[..., Any]


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">i2").reshape(2, 3),
        np.asfortranarray(np.eye(3)),
        np.arange(10)[::3],
        np.array(7.5),
        np.zeros((0, 3), "f4"),
        np.array(["a", "ü"]),
        np.array(["2026-01-31"], "M8[D]"),
        np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]),
        np.array([1 + 2j, np.nan]),
        np.array([True, False]),
    ],
)
def test_arrays_come_back(keep: Keep, array: Any) -> None:
    """An array comes back with its values, shape, dtype and byte order, and is one's own."""
    kept = keep(array)
    assert (kept.encoded.format, kept.encoded.kind) == ("npy", "data")
    assert kept.encoded.schema == {"shape": list(array.shape), "dtype": str(array.dtype)}
    back = kept.decode()
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)
    assert back.flags.writeable
    assert keep(array.copy(order="K")).digest == kept.digest


def test_arrays_that_are_refused(keep: Keep) -> None:
    """Arrays of objects, also in a field, and subclasses that add something have no safe format."""
    fields = np.zeros(1, dtype=[("a", object)])
    for array in (np.array([{}]), fields):
        with pytest.raises(CodecError, match="holds Python objects"):
            keep(array)
    with pytest.raises(CodecError, match=r"No safe format for a numpy\.ma\.(core\.)?MaskedArray"):
        keep(np.ma.array([1, 2], mask=[False, True]))


def test_a_forged_array_unpickles_nothing(keep: Keep, tmp_path: Path) -> None:
    """An array of objects written by somebody else is not unpickled."""
    np.save(tmp_path / "x.npy", np.array([Bomb(tmp_path)]), allow_pickle=True)
    with pytest.raises(CodecError, match="no array"):
        keep((tmp_path / "x.npy").read_bytes()).decode(format="npy")
    assert not (tmp_path / "gone off").exists()


class Bomb:
    """Leaves a mark where it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.place / "gone off"),)


def test_figures_become_pictures(keep: Keep) -> None:
    """A figure is kept as the PNG that a notebook would show; the same figure, the same bytes."""
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([1, 3, 2])
    kept = keep(figure)
    assert (kept.encoded.type_name, kept.encoded.kind) == ("matplotlib.figure.Figure", "file")
    picture = kept.decode()
    assert isinstance(picture, codecs.Picture)
    assert picture._repr_png_() == kept.bytes()
    assert repr(picture) == f"<Picture, {len(picture):,} bytes of PNG>"
    assert keep(figure).digest == keep(picture).digest == kept.digest
    with pytest.raises(CodecError, match="The record says png"):
        keep(b"GIF89a").decode(format="png")


X, Y = load_breast_cancer(return_X_y=True)


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(3, random_state=0),
        HistGradientBoostingClassifier(max_iter=3),
        FunctionTransformer(np.log1p),
    ],
)
def test_models_come_back(keep: Keep, model: Any) -> None:
    """A fitted estimator predicts as it did; the same one is the same bytes."""
    model.fit(X, Y)
    kept = keep(model)
    assert (kept.encoded.format, kept.encoded.kind) == ("skops", "model")
    back = kept.decode()
    assert type(back) is type(model)
    how = "predict" if hasattr(model, "predict") else "transform"
    np.testing.assert_array_equal(getattr(back, how)(X), getattr(model, how)(X))
    assert keep(model).digest == kept.digest


def test_a_models_public_name(keep: Keep) -> None:
    """A model is recorded under the name that people import it by."""
    assert keep(LogisticRegression()).encoded.type_name == "sklearn.linear_model.LogisticRegression"


class Mine(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """An estimator that is not scikit-learn's."""


def test_own_estimators_are_refused(keep: Keep) -> None:
    """A model with a class from elsewhere is refused when it is kept, not when it is read."""
    said = r"No safe format for a .*: it holds .*Mine, which is not scikit-learn's"
    with pytest.raises(CodecError, match=said):
        keep(make_pipeline(StandardScaler(), Mine()))
    kept = keep(Mine(), "pickle")
    assert kept.encoded.kind == "model"


def test_only_recorded_types_are_trusted(keep: Keep) -> None:
    """A model with a type that its record does not name, or that is no model's, is not loaded."""
    distance = "sklearn.metrics._dist_metrics.EuclideanDistance64"
    tree = "sklearn.neighbors._kd_tree.KDTree"
    kept = keep(KNeighborsClassifier(2, algorithm="kd_tree").fit(X, Y))
    assert kept.encoded.meta == {"types": [distance, tree]}
    assert kept.decode().n_neighbors == 2
    kept.encoded.meta["types"] = ["builtins.eval", "os.system"]
    with pytest.raises(UnsafeRead, match=f"not trusted: .*{distance}.*{tree}"):
        kept.decode()


def test_a_forged_model_is_not_loaded(keep: Keep) -> None:
    """A model file that names another class is refused, though its record claims to know it."""
    import skops.io

    kept = keep(skops.io.dumps(make_pipeline(Mine())))
    kept.encoded.meta["types"] = [f"{Mine.__module__}.Mine"]
    with pytest.raises(UnsafeRead, match="Mine"):
        kept.decode(format="skops")
    with pytest.raises(CodecError, match="The record says skops"):
        keep(pickle.dumps(1)).decode(format="skops", allow_pickle=True)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("sklearn.tree._tree.Tree", True),
        ("scipy.interpolate._bsplines.BSpline", True),
        ("numpy.random._mt19937.MT19937", True),
        ("sklearn", False),
        ("sklearnx.tree.Tree", False),
        ("xsklearn.tree.Tree", False),
        ("numpy.testing._private.utils.runstring", False),
        ("numpy.f2py.compile", False),
        ("numpy.ctypeslib.load_library", False),
        ("sklearn.externals.joblib.load", False),
        ("sklearn.tree.Tree\nos.system", False),
        ("__main__.Thing", False),
    ],
)
def test_what_may_be_in_a_model(name: str, safe: bool) -> None:
    """Only scikit-learn, NumPy and SciPy, without their parts that run commands."""
    assert _is_safe(name) is safe


def test_files_come_back(keep: Keep, tmp_path: Path) -> None:
    """A file comes back as a read-only local path under its own name."""
    file = tmp_path / "my report.csv"
    file.write_text("a,b\n1,2\n")
    kept = keep(File(file, format="csv"))
    assert (kept.encoded.type_name, kept.encoded.kind) == ("File", "file")
    assert kept.encoded.meta == {"name": "my report.csv", "file_format": "csv"}
    file.unlink()
    back = kept.decode()
    assert isinstance(back, File)
    assert (back.name, back.format, back.link) == ("my report.csv", "csv", False)
    assert Path(back).read_text() == "a,b\n1,2\n"
    assert kept.decode("bytes") == b"a,b\n1,2\n"
    assert kept.decode(Path).name == "my report.csv"


def test_directories_come_back(keep: Keep, tmp_path: Path) -> None:
    """A directory comes back as a local one of its name, with all that was in it."""
    (tmp_path / "model" / "vars").mkdir(parents=True)
    (tmp_path / "model" / "vars" / "w.bin").write_bytes(b"w")
    back = keep(Directory(f"{tmp_path}/model/")).decode()
    assert isinstance(back, Directory)
    assert back.name == "model"
    assert Path(back, "vars", "w.bin").read_bytes() == b"w"


def test_a_linked_file(keep: Keep, tmp_path: Path) -> None:
    """A linked file is not copied, comes back where it lies, and is a link still."""
    file = tmp_path / "big.csv"
    file.write_text("a\n1\n")
    kept = keep(File(file, link=True))
    assert (kept.encoded.format, kept.digest) == ("link", "")
    assert kept.decode() == File(file, link=True)
    assert kept.frame().shape == (1, 1)
    assert kept.decode("bytes") == b"a\n1\n"
    assert kept.decode("path") == file
    file.write_text("changed and longer")
    with pytest.raises(PayloadDamaged):
        kept.decode()
    file.unlink()
    with pytest.raises(PayloadMissing):
        kept.decode()


def test_files_that_are_not_there(keep: Keep, tmp_path: Path) -> None:
    """A file that is missing, or is a directory, is refused with what would work."""
    with pytest.raises(CodecError, match="No file at"):
        keep(File(tmp_path / "none"))
    with pytest.raises(CodecError, match=r"is no file\. Use Directory\("):
        keep(File(tmp_path))
    (tmp_path / "f").write_text("")
    with pytest.raises(CodecError, match=r"is no directory\. Use File\("):
        keep(Directory(tmp_path / "f"))


class Point:
    """A class of the user's."""

    def __init__(self, x: int) -> None:
        self.x = x


def test_pickle_only_when_asked(keep: Keep) -> None:
    """Pickle is written when its format is asked for and read when the call allows it."""
    kept = keep(Point(3), "pickle")
    assert kept.encoded.type_name.endswith(".Point")
    with pytest.raises(UnsafeRead, match=r"Point runs code .* pass allow_pickle=True"):
        kept.decode()
    with pytest.raises(UnsafeRead):
        kept.frame()
    assert kept.decode(allow_pickle=True).x == 3
    assert kept.decode("bytes")[:2] == b"\x80\x05"
    with pytest.raises(CodecError, match="Pickle refuses a function"):
        keep(lambda: 1, "pickle")


def test_no_loader_runs_a_pickle(keep: Keep, tmp_path: Path) -> None:
    """A pickle behind any other format's name is never run, whatever the caller allows."""
    kept = keep(pickle.dumps(Bomb(tmp_path), 5))
    for format in set(codecs.formats) - {"pickle", "link", "directory"}:
        for options in ({}, {"allow_pickle": True}, {"as_": "DataFrame"}):
            try:
                kept.decode(format=format, **options)
            except CodecError:
                continue
            assert format in ("bytes", "file")
    assert not (tmp_path / "gone off").exists()
