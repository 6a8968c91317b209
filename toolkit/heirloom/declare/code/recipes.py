"""How small values are made again: a callable's path and its arguments, by class.

Classes are known by name, so that none of their modules is imported for it.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Recipe", "named_tuple", "recipe"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """``maker(*args, **kwargs)`` makes an equal value; `maker` is a path, or a class itself."""

    maker: str | type
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def recipe(value: Any) -> Recipe | None:
    """How to make a value equal to this one; `None` if there is no safe way."""
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    known = _KNOWN.get(f"{module}.{kind.__qualname__}")
    if known is not None:
        return known(value)
    if module == "numpy":
        return _numpy_scalar(value)
    if isinstance(value, tuple) and hasattr(value, "_fields") and hasattr(value, "_make"):
        return Recipe(kind, tuple(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _dataclass(value)
    return None


def named_tuple(cls: type) -> Recipe | None:
    """How a class that ``collections.namedtuple`` made is made again; `None` for other classes."""
    fields = getattr(cls, "_fields", None)
    if not issubclass(cls, tuple) or fields is None:
        return None
    defaults = getattr(cls, "_field_defaults", {})
    last = {"defaults": tuple(defaults.values())} if defaults else {}
    return Recipe("collections.namedtuple", (cls.__name__, list(fields)), last)


def _float(value: float) -> Recipe | None:
    return None if math.isfinite(value) else Recipe("builtins.float", (str(value),))


def _moment(value: Any, *parts: str) -> Recipe:
    args = tuple(getattr(value, part) for part in parts)
    optional = {"tzinfo": value.tzinfo, "fold": value.fold}
    kwargs = {name: given for name, given in optional.items() if given}
    return Recipe(f"datetime.{type(value).__name__}", args, kwargs)


def _timestamp(value: Any) -> Recipe | None:
    if value.fold:
        return None
    zone = {} if value.tz is None else {"tz": str(value.tz)}
    return Recipe("pandas.Timestamp", (value.tz_localize(None).isoformat(),), zone)


def _numpy_scalar(value: Any) -> Recipe | None:
    item = value.item() if hasattr(value, "dtype") and not getattr(value, "shape", None) else None
    if type(item) not in (bool, int, float, complex, str):
        return None
    return Recipe(f"numpy.{type(value).__name__}", (item,))


def _dataclass(value: Any) -> Recipe | None:
    fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    extra = set(getattr(value, "__dict__", fields)) - set(fields)
    made_by_init = all(each.init for each in dataclasses.fields(value))
    if extra or not made_by_init or hasattr(type(value), "__post_init__"):
        return None
    return Recipe(type(value), (), fields)


def _pattern(value: Any) -> Recipe:
    flags = int(value.flags) & ~(32 if isinstance(value.pattern, str) else 0)
    return Recipe("re.compile", (value.pattern, flags) if flags else (value.pattern,))


def _type_variable(value: Any) -> Recipe:
    variance = ("covariant", "contravariant")
    kwargs = {name: True for name in variance if getattr(value, f"__{name}__")}
    bound = {} if value.__bound__ is None else {"bound": value.__bound__}
    return Recipe("typing.TypeVar", (value.__name__, *value.__constraints__), bound | kwargs)


def _map(value: Any) -> Recipe:
    mapped = functools.partial(value.task, **value.bound) if value.bound else value.task
    several = {} if value.concurrency is None else {"concurrency": value.concurrency}
    return Recipe("heirloom.map_task", (mapped,), several)


def _path(value: Any) -> Recipe:
    name = type(value).__name__
    pure = name if name.startswith("Pure") else "Path"
    return Recipe(f"pathlib.{pure}", (str(value),))


def _by_reduce(value: Any) -> Recipe:
    kind, args = value.__reduce__()
    return Recipe(f"operator.{kind.__name__}", args)


_DATE = ("year", "month", "day")
_TIME = ("hour", "minute", "second", "microsecond")

_KNOWN: dict[str, Callable[[Any], Recipe | None]] = {
    "_struct.Struct": lambda v: Recipe("struct.Struct", (v.format,)),
    "builtins.float": _float,
    "builtins.complex": lambda v: Recipe("builtins.complex", (v.real, v.imag)),
    "builtins.range": lambda v: Recipe("builtins.range", (v.start, v.stop, v.step)),
    "builtins.slice": lambda v: Recipe("builtins.slice", (v.start, v.stop, v.step)),
    "collections.Counter": lambda v: Recipe("collections.Counter", (dict(v),)),
    "collections.OrderedDict": lambda v: Recipe("collections.OrderedDict", (list(v.items()),)),
    "collections.defaultdict": lambda v: Recipe(
        "collections.defaultdict", (v.default_factory, dict(v))
    ),
    "collections.deque": lambda v: Recipe("collections.deque", (list(v), v.maxlen)),
    "datetime.date": lambda v: Recipe("datetime.date", (v.year, v.month, v.day)),
    "datetime.datetime": lambda v: _moment(v, *_DATE, *_TIME),
    "datetime.time": lambda v: _moment(v, *_TIME),
    "datetime.timedelta": lambda v: Recipe(
        "datetime.timedelta", (v.days, v.seconds, v.microseconds)
    ),
    "datetime.timezone": lambda v: Recipe("datetime.timezone", v.__getinitargs__()),
    "decimal.Decimal": lambda v: Recipe("decimal.Decimal", (str(v),)),
    "fractions.Fraction": lambda v: Recipe("fractions.Fraction", (v.numerator, v.denominator)),
    "functools.partial": lambda v: Recipe("functools.partial", (v.func, *v.args), v.keywords),
    "heirloom.MapTask": _map,
    "logging.Logger": lambda v: Recipe("logging.getLogger", (v.name,)),
    "logging.RootLogger": lambda v: Recipe("logging.getLogger"),
    "operator.attrgetter": _by_reduce,
    "operator.itemgetter": _by_reduce,
    "pandas.Timedelta": lambda v: Recipe("pandas.Timedelta", (v.isoformat(),)),
    "pandas.Timestamp": _timestamp,
    "pathlib.PosixPath": _path,
    "pathlib.PurePosixPath": _path,
    "pathlib.PureWindowsPath": _path,
    "pathlib.WindowsPath": _path,
    "re.Pattern": _pattern,
    "types.SimpleNamespace": lambda v: Recipe("types.SimpleNamespace", (), vars(v)),
    "typing.NewType": lambda v: Recipe("typing.NewType", (v.__name__, v.__supertype__)),
    "typing.TypeAliasType": lambda v: Recipe(
        "typing.TypeAliasType",
        (v.__name__, v.__value__),
        {"type_params": v.__type_params__} if v.__type_params__ else {},
    ),
    "typing.TypeVar": _type_variable,
    "uuid.UUID": lambda v: Recipe("uuid.UUID", (str(v),)),
    "zoneinfo.ZoneInfo": lambda v: Recipe("zoneinfo.ZoneInfo", (v.key,)),
}
