"""Arrays by safetensors; tensors of PyTorch are in torch_tensors.py, which `make torch` runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from heirloom import codecs
from heirloom.errors import CodecError, MissingExtra

Keep = Callable[..., Any]
WEIGHTS = {"b": np.zeros(2, "f4"), "a": np.arange(6.0).reshape(2, 3).T, "n": np.array(7)}


def test_a_dict_of_arrays_is_kept_when_asked(keep: Keep) -> None:
    """It comes back with every dtype, shape and bit; the same one is the same bytes."""
    kept = keep(WEIGHTS, format="safetensors")
    assert (kept.encoded.type_name, kept.encoded.kind) == ("dict", "data")
    back = kept.decode()
    assert set(back) == set(WEIGHTS)
    for name, array in WEIGHTS.items():
        assert (back[name].dtype, back[name].shape) == (array.dtype, array.shape)
        assert (back[name] == array).all()
    assert keep(dict(reversed(WEIGHTS.items())), format="safetensors").digest == kept.digest


@pytest.mark.parametrize("value", [{}, {"a": 1}, {1: np.eye(2)}, [np.eye(2)]])
def test_only_arrays_by_name_are_taken(keep: Keep, value: Any) -> None:
    """Anything else in the dict, or no dict, is refused."""
    with pytest.raises(CodecError, match="Format 'safetensors' does not take"):
        keep(value, format="safetensors")


def test_a_dtype_that_it_does_not_have(keep: Keep) -> None:
    """Objects are refused in one line, when they are kept."""
    with pytest.raises(CodecError, match="safetensors cannot keep a dict"):
        keep({"a": np.array([object()])}, format="safetensors")


@pytest.mark.parametrize("data", [b"", b"\x08\x00\x00\x00\x00\x00\x00\x00rubbish!", b"\xff" * 32])
def test_bytes_that_are_none(keep: Keep, data: bytes) -> None:
    """A payload that holds no tensors is refused in one line."""
    with pytest.raises(CodecError, match="safetensors cannot read the tensors here"):
        keep(data).decode(format="safetensors")


def test_tensors_without_torch(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made with PyTorch says what installs it, and is read as an array without it."""
    monkeypatch.setitem(sys.modules, "torch", None)
    kept = keep({"tensor": np.eye(2)}, format="safetensors")
    made: dict[str, Any] = {"meta": {"library": "torch"}, "type_name": "torch.Tensor"}
    with pytest.raises(MissingExtra, match=r'pip install "jupyter-heirloom\[torch\]"') as found:
        codecs.decode("safetensors", kept, **made)
    assert found.value.extra == "torch"
    assert codecs.decode("safetensors", kept, as_="numpy", **made).tolist() == [[1, 0], [0, 1]]
