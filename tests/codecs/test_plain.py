"""Plain values: what goes in comes out, exactly, and nothing else can be mistaken for it."""

from __future__ import annotations

import enum
import math
import sys
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heirloom import codecs
from heirloom.codecs.tags import from_json, to_json
from heirloom.errors import CodecError

Keep = Callable[..., Any]


class Colour(enum.Enum):
    RED = "red"
    BLUE = ("b", 2)


class Level(enum.IntEnum):
    LOW = 1


ZONES = st.one_of(
    st.none(),
    st.timezones(),
    st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone),
)
HASHABLE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(st.characters()),
    st.text(st.characters(categories=["Cs", "Lu"])),
    st.sampled_from(["$int", "$dict", "$", "$tuple", *Colour, *Level]),
    st.binary(),
    st.datetimes(timezones=ZONES),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.decimals().filter(lambda number: not number.is_snan()),  # it has no hash
    st.uuids(),
    st.builds(Path, st.sampled_from(["a/b", "/x", "."])),
    st.sampled_from([np.float32(0.1), np.int8(3), np.bool_(True), np.float64("nan")]),
    st.sampled_from([np.complex64(1 + 2j), np.datetime64("2026-01-31", "D"), np.str_("é")]),
    st.sampled_from([pd.Timestamp("2026-01-31 12:00:00.123456789"), pd.Timestamp(0, tz="UTC")]),
)
PLAIN = st.recursive(
    HASHABLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.frozensets(HASHABLE, max_size=3),
        st.sets(HASHABLE, max_size=3),
        st.frozensets(HASHABLE, max_size=2).map(lambda key: {key: 1}),
    ),
    max_leaves=12,
)


def same(one: Any, two: Any) -> bool:
    """Equal and of the same types all the way down; a NaN is itself, -0.0 is not 0.0."""
    if type(one) is not type(two):
        return False
    if isinstance(one, dict):
        return len(one) == len(two) and all(
            same(a, b) and same(one[a], two[b]) for a, b in zip(one, two, strict=True)
        )
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, set | frozenset):
        return sorted(map(repr, one)) == sorted(map(repr, two))
    if isinstance(one, datetime):
        naive, back = one.replace(tzinfo=None), two.replace(tzinfo=None)
        return (naive, one.utcoffset(), one.fold) == (back, two.utcoffset(), two.fold)
    return repr(one) == repr(two)


@given(PLAIN)
def test_plain_values_come_back(value: Any) -> None:
    """Any nesting of plain values is the same after JSON, types included."""
    plain = to_json(value)
    read = orjson.loads(orjson.dumps(plain))
    assert read == plain
    assert same(from_json(read), value)


@given(PLAIN)
def test_equal_text_for_the_same_value(value: Any) -> None:
    """A value that came back is written as it was: storing it again is the same payload."""
    text = orjson.dumps(to_json(value))
    assert orjson.dumps(to_json(from_json(orjson.loads(text)))) == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(-9, 9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["$int", "$float", "$dict", "$tuple", "a"]), inner)
        ),
    )
)
def test_no_value_is_taken_for_a_tag(value: Any) -> None:
    """A user's dict that looks like a tag is a dict when it comes back."""
    assert same(from_json(orjson.loads(orjson.dumps(to_json(value)))), value)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "None"),
        (True, "bool"),
        (7, "int"),
        (2**100, "int"),
        (-(2**63), "int"),
        (2**63, "int"),
        (0.1, "float"),
        (-0.0, "float"),
        (math.inf, "float"),
        ("text", "str"),
        ([1, [2]], "list"),
        ((1, (2,)), "tuple"),
        ({"a": {"b": 1}}, "dict"),
        ({1: "a", (2, 3): "b"}, "dict"),
        ({"$int": "0x1"}, "dict"),
        ({1, 2}, "set"),
        (
            datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
            "datetime.datetime",
        ),
        (datetime(2026, 1, 31), "datetime.datetime"),  # noqa: DTZ001 - a naive one
        (date(2026, 1, 31), "datetime.date"),
        (time(12, 30), "datetime.time"),
        (timedelta(days=-1, microseconds=3), "datetime.timedelta"),
        (Decimal("1.10"), "decimal.Decimal"),
        (UUID(int=7), "uuid.UUID"),
        (Path("a/b"), "pathlib.PosixPath"),
        (np.float32(0.1), "numpy.float32"),
        (pd.Timestamp("2026-01-31", tz="Europe/Berlin"), "pandas.Timestamp"),
        (Level.LOW, f"{Level.__module__}.Level"),
    ],
)
def test_small_values_live_in_the_record(keep: Keep, value: Any, name: str) -> None:
    """A small value needs no payload, and its record says its type."""
    kept = keep(value)
    assert (kept.encoded.format, kept.encoded.kind) == ("json", "value")
    assert kept.encoded.type_name == name
    assert kept.digest == ""
    assert same(kept.decode(), value)


@pytest.mark.parametrize(
    ("value", "format"),
    [
        ("ü" * 3000, "text"),
        (list(range(3000)), "json"),
        ({"$x": [None] * 3000}, "json"),
        (b"", "bytes"),
        (b"\x00\xff" * 9, "bytes"),
        ("\ud800" * 3000, "json"),
    ],
)
def test_large_values_go_to_the_store(keep: Keep, value: Any, format: str) -> None:
    """A large value is a payload: text as UTF-8, bytes as they are, the rest as JSON."""
    kept = keep(value)
    assert kept.encoded.format == format
    assert kept.encoded.value is codecs.ABSENT
    assert same(kept.decode(), value)


def test_text_and_bytes_are_their_own_payload(keep: Keep) -> None:
    """What lies in the store is what any other program would write."""
    assert keep("ü" * 3000).bytes() == ("ü" * 3000).encode()
    assert keep("short", "text").bytes() == b"short"
    assert keep(b"\x00raw").bytes() == b"\x00raw"


def test_a_deep_value_stays_out_of_the_record(keep: Keep) -> None:
    """A small but deep value is a payload; one that is too deep, or holds itself, is refused."""
    deep: Any = 1
    for _ in range(50):
        deep = [deep]
    kept = keep(deep)
    assert kept.encoded.value is codecs.ABSENT
    assert kept.decode() == deep
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(CodecError, match=r"nested over 60 levels deep\. Make it"):
        keep(endless)


class Thing:
    """A class that no codec takes."""


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (
            Thing(),
            r"No safe format for a [\w.]*Thing\. Make it .* pass format=\"pickle\" \(reading",
        ),
        ({"a": [1, Thing()]}, r"No safe format for a dict: \['a'\]\[1\] is a [\w.]*Thing\."),
        ({Thing(): 1}, r"No safe format for a dict: a key is a [\w.]*Thing\."),
        (OrderedDict(a=1), r"No safe format for a collections.OrderedDict\."),
        (object, r"No safe format for a type\."),
        (lambda: 1, r"No safe format for a function\."),
        ([np.zeros(2)], r"\[0\] is a numpy.ndarray"),
        ([np.zeros(1, [("a", "i4")])[0]], r"\[0\] is a numpy scalar of dtype"),
        (time(12, tzinfo=ZoneInfo("Europe/Berlin")), "a time of day with a named zone"),
    ],
)
def test_no_safe_format(keep: Keep, value: Any, said: str) -> None:
    """A value that cannot be kept safely is refused in one line that names the part and the way."""
    with pytest.raises(CodecError, match=said) as refused:
        keep(value)
    assert "\n" not in str(refused.value)


def test_an_enum_needs_its_class(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member comes back as itself where its class is known, else as its value; no import runs."""
    kept = keep([Colour.BLUE, Colour.RED])
    assert kept.decode() == [Colour.BLUE, Colour.RED]
    single = keep(Colour.RED)
    colour = Colour
    monkeypatch.delattr(sys.modules[__name__], "Colour")
    assert kept.decode() == [("b", 2), "red"]
    assert single.decode() == "red"
    assert single.decode(colour) is colour.RED


@pytest.mark.parametrize(
    "forged",
    [b"{", b'{"$no":1}', b'{"$int":"zz"}', b'{"$tuple":7}', b'{"$dict":[[[],1]]}', b"\xff"],
)
def test_json_that_is_not_ours(keep: Keep, forged: bytes) -> None:
    """A payload that no Heirloom wrote is one clear line."""
    with pytest.raises(CodecError, match="no value that Heirloom wrote"):
        keep(forged).decode(format="json")


def test_text_that_is_none(keep: Keep) -> None:
    """Bytes that are no UTF-8 are not given as text."""
    with pytest.raises(CodecError, match="no UTF-8 text"):
        keep(b"\xff\xfe").decode(format="text")
