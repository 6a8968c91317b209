"""Codecs that a distribution brings by an entry point."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom import codecs
from heirloom.codecs import installed as ours
from heirloom.errors import CodecError

_MODULE = """
from heirloom.codecs import Codec, Encoded

class Polynomial:
    def __init__(self, *terms):
        self.terms = terms

class Polynomials(Codec):
    format = "polynomial"

    def matches(self, value):
        return isinstance(value, Polynomial)

    def encode(self, value):
        write = lambda out: out.write(bytes(value.terms))
        return Encoded(self.format, "Polynomial", "data", write=write)

    def decode(self, source, about):
        with source.open() as stream:
            return Polynomial(*stream.read())
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Puts a distribution with a module and entry points where Python finds it."""

    def put(text: str = _MODULE, **entries: str) -> None:
        (tmp_path / "polynomials.py").write_text(text)
        about = tmp_path / "polynomials-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: polynomials\nVersion: 1.0\n")
        lines = [f"{name} = {value}\n" for name, value in entries.items()]
        (about / "entry_points.txt").write_text("".join(["[heirloom.codecs]\n", *lines]))
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
        _forget()

    _forget()
    yield put
    sys.modules.pop("polynomials", None)
    _forget()


def _forget() -> None:
    importlib.invalidate_caches()
    ours._entries.cache_clear()
    ours.installed.cache_clear()


def _polynomial(*terms: int) -> Any:
    return importlib.import_module("polynomials").Polynomial(*terms)


def test_a_value_and_a_payload_find_it(install: Install) -> None:
    """Neither who emits nor who pulls, in another process, has imported the codec."""
    install(polynomial="polynomials:Polynomials")
    assert "polynomials" not in sys.modules
    assert hl.publish(7, "plain").format == "json"
    assert "polynomials" not in sys.modules
    assert hl.publish(_polynomial(1, 2), "poly").format == "polynomial"
    assert hl.pull(hl.publish([_polynomial(3)], "many"))[0].terms == (3,)
    script = "import heirloom as hl; print(hl.pull('poly').terms)"
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "(1, 2)\n"


def test_one_that_cannot_be_used_is_named(install: Install) -> None:
    """With the distribution that brings it, and why; what needs no codec of its is untouched."""
    install("import nothing_of_that_name\n", polynomial="polynomials:Polynomials")
    with pytest.raises(CodecError, match=r"'polynomial' of polynomials 1\.0 cannot .*nothing_of"):
        codecs.encode(object())
    assert codecs.encode(7).format == "json"


def test_one_of_another_format_is_refused(install: Install) -> None:
    """The name of the entry point is the format, which records keep."""
    install(other="polynomials:Polynomials", thing="polynomials:Polynomial")
    for name in ("other", "thing"):
        with pytest.raises(CodecError, match="is no codec of that format"):
            codecs.encode(7, format=name)
    with pytest.raises(CodecError, match=r"Did you mean 'other'.*Known: json.*, other, thing"):
        codecs.encode(7, format="othr")
