"""Dataclasses, pydantic models, named tuples, images and polars frames."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pydantic
import pytest
from PIL import Image

from heirloom.errors import CodecError

Keep = Callable[..., Any]
RAN: list[str] = []


@dataclasses.dataclass
class Config:
    rate: float
    layers: list[int] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        RAN.append("Config")
        self.total = len(self.layers)


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    config: Config
    day: dt.date


class Pair(NamedTuple):
    left: int
    right: Run


class Model(pydantic.BaseModel, extra="allow"):
    name: str
    seen: dt.datetime | None = None
    _hits: int = pydantic.PrivateAttr(3)


class Numbers(pydantic.RootModel[list[int]]):
    pass


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """This module under its name, as an imported one is."""
    monkeypatch.setitem(sys.modules, __name__, sys.modules[Config.__module__])


VALUES = (
    Config(0.1, [1, 2]),
    Run(Config(0.5), dt.date(2026, 1, 31)),
    Pair(1, Run(Config(0.5, [3]), dt.date(2026, 1, 31))),
    Model.model_validate({"name": "x", "more": 1}),
    Numbers([1, 2]),
    [Config(0.1), Config(0.2)],
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_objects_come_back(keep: Keep, value: Any) -> None:
    """An object comes back equal, of its class, with no code of its class run."""
    kept = keep(value)
    RAN.clear()
    back = kept.decode()
    assert back == value
    assert type(back) is type(value)
    assert RAN == []
    assert kept.encoded.kind == "value"


def test_what_an_object_holds_beside_its_fields(keep: Keep) -> None:
    """Attributes that are no fields, private ones and what was set come back too."""
    assert keep(Config(0.1, [1, 2])).decode().total == 2
    back = keep(Model.model_validate({"name": "x", "more": 1})).decode()
    assert (back.more, back._hits, back.model_fields_set) == (1, 3, {"name", "more"})


def test_an_object_whose_class_is_not_here(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its class, or where its fields are others by now, it is a dict of its fields."""
    kept = keep(Run(Config(0.1), dt.date(2026, 1, 31)))
    monkeypatch.setattr(sys.modules[__name__], "Config", Model)
    assert kept.decode().config == {"rate": 0.1, "layers": []}
    monkeypatch.delitem(sys.modules, __name__)
    assert kept.decode() == {"config": {"rate": 0.1, "layers": []}, "day": dt.date(2026, 1, 31)}


def test_a_part_that_cannot_be_kept_is_named(keep: Keep) -> None:
    """The refusal of an object says which field is why."""
    with pytest.raises(CodecError, match=r"\.config\.layers\[0\] is an object"):
        keep(Run(Config(0.1, [object()]), dt.date(2026, 1, 31)))  # type: ignore[list-item]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_images_come_back(keep: Keep, mode: str) -> None:
    """An image comes back with its mode and every pixel; the same one is the same bytes."""
    pixels = Image.fromarray(np.arange(192, dtype=np.uint8).reshape(8, 8, 3), "RGB")
    image = Image.new(mode, (8, 8), 5) if mode == "I;16" else pixels.convert(mode)
    kept = keep(image)
    assert (kept.encoded.type_name, kept.encoded.kind) == ("PIL.Image.Image", "data")
    back = kept.decode()
    assert (back.mode, back.size, back.tobytes()) == (mode, (8, 8), image.tobytes())
    assert keep(image.copy()).digest == kept.digest


def test_an_image_that_png_cannot_hold(keep: Keep) -> None:
    """A mode that would come back as another is refused with what to do."""
    with pytest.raises(CodecError, match=r"mode 'CMYK' would come back as another\. Convert"):
        keep(Image.new("CMYK", (2, 2)))


def test_a_payload_that_is_no_image(keep: Keep) -> None:
    """Bytes that only begin as an image are refused in one line."""
    with pytest.raises(CodecError, match="no image that can be read here"):
        keep(b"\x89PNG\r\n\x1a\nrubbish").decode(format="image")


POLARS = pl.DataFrame(
    {"i": [1, None], "s": ["a", "b"], "d": [dt.date(2026, 1, 31)] * 2, "l": [[1], [2, 3]]}
).with_columns(
    c=pl.col("s").cast(pl.Categorical),
    e=pl.col("s").cast(pl.Enum(["b", "a"])),
    u=pl.col("i").cast(pl.UInt8),
)


def test_polars_come_back(keep: Keep) -> None:
    """A polars frame or series comes back with every dtype; the same one is the same bytes."""
    kept = keep(POLARS)
    assert (kept.encoded.type_name, kept.encoded.kind) == ("polars.DataFrame", "data")
    back = kept.decode()
    assert back.schema == POLARS.schema
    assert back.equals(POLARS, null_equal=True)
    assert keep(POLARS.clone()).digest == kept.digest
    series = keep(POLARS["u"]).decode()
    assert series.name == "u"
    assert series.equals(POLARS["u"], null_equal=True)


def test_polars_as_other_tables(keep: Keep) -> None:
    """A polars frame can be had as pandas' and as an Arrow table."""
    kept = keep(POLARS.select("s", "d"))
    assert kept.frame()["s"].tolist() == ["a", "b"]
    assert kept.decode("arrow").column_names == ["s", "d"]


def test_polars_objects_are_refused(keep: Keep) -> None:
    """A column of Python objects is refused when it is kept."""
    with pytest.raises(CodecError, match=r"The polars frame cannot be kept: .*Object"):
        keep(pl.DataFrame({"o": pl.Series([object()], dtype=pl.Object)}))
