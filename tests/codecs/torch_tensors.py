"""Tensors of PyTorch by safetensors. Its wheel is too large for every run: `make torch`."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from heirloom.errors import CodecError

torch: Any = importlib.import_module("torch")
Keep = Callable[..., Any]


def _net() -> Any:
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))


def test_a_state_dict_comes_back(keep: Keep) -> None:
    """Another module of the same code loads it; the same weights are the same bytes."""
    net, other = _net(), torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    kept = keep(net.state_dict())
    assert (kept.encoded.format, kept.encoded.kind) == ("safetensors", "model")
    other.load_state_dict(kept.decode())
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), other.parameters(), strict=True))
    assert keep(_net().state_dict()).digest == kept.digest


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(6).reshape(2, 3).t(),
        torch.tensor(0.5, dtype=torch.bfloat16),
        torch.empty(0, 3),
        torch.nn.Parameter(torch.ones(2)),
        torch.tensor([True, False]),
    ],
)
def test_a_tensor_comes_back(keep: Keep, tensor: Any) -> None:
    """With its dtype, its shape and every value, on the CPU, asking for no gradient."""
    kept = keep(tensor)
    assert (kept.encoded.type_name, kept.encoded.kind) == ("torch.Tensor", "data")
    assert kept.encoded.schema == {
        "shape": list(tensor.shape),
        "dtype": str(tensor.dtype).removeprefix("torch."),
    }
    back = kept.decode()
    assert (type(back), back.dtype, back.requires_grad) == (torch.Tensor, tensor.dtype, False)
    assert torch.equal(back, tensor.detach())


def test_a_tensor_as_an_array(keep: Keep) -> None:
    """A tensor is had as an array."""
    back = keep(torch.eye(2)).decode(np.ndarray)
    assert type(back) is np.ndarray
    assert back.tolist() == [[1, 0], [0, 1]]


def test_tied_weights_are_kept_each(keep: Keep) -> None:
    """Tensors that share memory, views too, come back as they are, each by itself."""
    weight = torch.arange(6.0).reshape(2, 3)
    back = keep({"a": weight, "b": weight, "c": weight[1]}).decode()
    assert torch.equal(back["a"], weight)
    assert torch.equal(back["b"], weight)
    assert back["c"].tolist() == [3, 4, 5]


def test_a_module_is_refused(keep: Keep) -> None:
    """A module is code: its state dict is named, and pickle."""
    with pytest.raises(CodecError, match=r"code with weights\. Give .*model\.state_dict"):
        keep(_net())


def test_what_it_does_not_have(keep: Keep) -> None:
    """A sparse tensor is refused in one line."""
    with pytest.raises(CodecError, match=r"safetensors cannot keep a torch\.Tensor") as said:
        keep(torch.eye(2).to_sparse())
    assert "\n" not in str(said.value)
