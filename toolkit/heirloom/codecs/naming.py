"""What a value's class is called, and what kind of thing it is; imports no library."""

from __future__ import annotations

import sys
from typing import Any

from heirloom.rebuilt import own_module

__all__ = ["article", "class_name", "is_exactly", "is_instance", "kind_of", "loaded", "subject"]

_PUBLIC = {
    "pandas.core.frame.DataFrame": "pandas.DataFrame",
    "pandas.core.series.Series": "pandas.Series",
    "pandas.tslibs.timestamps.Timestamp": "pandas.Timestamp",
    "polars.dataframe.frame.DataFrame": "polars.DataFrame",
    "polars.lazyframe.frame.LazyFrame": "polars.LazyFrame",
    "polars.series.series.Series": "polars.Series",
    "pyarrow.lib.Table": "pyarrow.Table",
    "heirloom.records.files.File": "File",
    "heirloom.records.files.Directory": "Directory",
    "NoneType": "None",
}
_MODELS = (
    "sklearn.base.BaseEstimator",
    "torch.nn.Module",
    "xgboost.Booster",
    "lightgbm.Booster",
    "keras.Model",
)
_DATA = (
    "pandas.DataFrame",
    "pandas.Series",
    "polars.DataFrame",
    "polars.Series",
    "pyarrow.Table",
    "PIL.Image.Image",
    "numpy.ndarray",
    "scipy.sparse.spmatrix",
)


def loaded(dotted: str) -> type | None:
    """The class ``module.Name`` if its module was imported: else no value can be of it."""
    module, _, name = dotted.rpartition(".")
    found = getattr(sys.modules.get(module), name, None)
    return found if isinstance(found, type) else None


def is_exactly(value: Any, *dotted: str) -> bool:
    """Whether the value's class is one of these; a subclass is not, for it adds something."""
    return type(value) in {loaded(name) for name in dotted}


def is_instance(value: Any, *dotted: str) -> bool:
    """Whether the value is an instance of one of these classes, or of a subclass."""
    return any((known := loaded(name)) and isinstance(value, known) for name in dotted)


def class_name(of: type) -> str:
    """The name that people import the class by, as far as it can be told.

    Private parts of the module go (``sklearn.linear_model._logistic``), and so does
    ``builtins``.
    """
    parts = [part for part in own_module(of.__module__).split(".") if _public(part)]
    name = ".".join([*parts, of.__qualname__]).removeprefix("builtins.")
    return _PUBLIC.get(name, name)


def article(name: str) -> str:
    """`name` with ``a`` or ``an`` before it."""
    return f"{'an' if name[:1].lower() in 'aeio' else 'a'} {name}"


def subject(value: Any) -> str:
    """The value at the beginning of a message: ``A dict``, ``An int``."""
    name = article(class_name(type(value)))
    return name[0].upper() + name[1:]


def kind_of(value: Any) -> str:
    """``model``, ``data`` or ``value``, by the value's class."""
    if type(value).__module__ == "builtins":
        return "value"
    for kind, names in (("model", _MODELS), ("data", _DATA)):
        if is_instance(value, *names):
            return kind
    return "value"


def _public(part: str) -> bool:
    return not part.startswith("_") or part.startswith("__")
