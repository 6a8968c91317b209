"""Tensors by safetensors: those of PyTorch, one or a state dict, and arrays when asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heirloom.errors import CodecError

from .codec import About, Codec, Encoded, Source
from .naming import article, is_exactly, is_instance, subject
from .needs import need

__all__ = ["Tensors"]

_ONE = "tensor"  # the name, in its file, of a tensor that has none
_TENSOR = ("torch.Tensor", "torch.nn.parameter.Parameter")
_DICT = ("builtins.dict", "collections.OrderedDict")


class Tensors(Codec):
    """Numbers and nothing else: a module is made by its own code and loads its state dict."""

    format = "safetensors"

    def matches(self, value: object) -> bool:
        """True for a tensor and a dict of tensors; a module is taken to be refused with advice."""
        return is_exactly(value, *_TENSOR) or _all(value, *_TENSOR) or _is_module(value)

    def takes(self, value: object) -> bool:
        """True for a dict of arrays, too."""
        return self.matches(value) or _all(value, "numpy.ndarray")

    def encode(self, value: Any) -> Encoded:
        """See `Codec.encode`; written at once, so that a refusal comes first."""
        if _is_module(value):
            raise CodecError(
                f"{subject(value)} is code with weights. Give its weights, model.state_dict(), or "
                'pass format="pickle" (reading it back then needs allow_pickle=True).'
            )
        one = is_exactly(value, *_TENSOR)
        library = "numpy" if _all(value, "numpy.ndarray") else "torch"
        given = {_ONE: value} if one else value
        save, error = _library(library).save, _error()
        try:
            data = save(_in_order(given) if library == "numpy" else _apart(given))
        except (error, ValueError, RuntimeError, KeyError, TypeError) as exc:
            why = " ".join(str(exc).split())
            raise CodecError(f"safetensors cannot keep {article(_name(one))}: {why}") from exc
        return Encoded(
            self.format,
            _name(one),
            "data" if one or library == "numpy" else "model",
            write=lambda out: out.write(data),
            schema=_shape(value) if one else None,
            meta={"library": library},
        )

    def decode(self, source: Source, about: About) -> Any:
        """See `Codec.decode`; on the CPU, of the library that it was made with."""
        library = "numpy" if about.wanted == "ndarray" else about.meta.get("library", "numpy")
        load, error = _library(library).load, _error()
        with source.open() as stream:
            data = stream.read()
        try:
            read: dict[str, Any] = load(data)
        except (error, ValueError, KeyError, TypeError) as exc:
            raise CodecError(f"safetensors cannot read the tensors here: {exc}") from exc
        return read[_ONE] if about.type_name == _name(True) else read


def _library(name: str) -> Any:
    if name == "torch":
        need("torch", "torch")
    else:
        need("numpy", "models")
    return need(f"safetensors.{name}", "models")


def _error() -> type[Exception]:
    found: type[Exception] = need("safetensors", "models").SafetensorError
    return found


def _all(value: object, *dotted: str) -> bool:
    """Whether it is a dict, by name, of values of these classes and no others."""
    if not (isinstance(value, Mapping) and value and is_exactly(value, *_DICT)):
        return False
    return all(type(k) is str and is_exactly(v, *dotted) for k, v in value.items())


def _is_module(value: object) -> bool:
    return is_instance(value, "torch.nn.Module")


def _in_order(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Each array as C lays it out: safetensors takes the memory as it is, and does not ask."""
    np = need("numpy", "models")
    return {name: np.asarray(array, order="C") for name, array in arrays.items()}


def _apart(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Each tensor in memory of its own: those that share it, as tied weights do, are copied."""
    seen: set[int] = set()
    done = {}
    for name, tensor in tensors.items():
        plain = tensor.detach().cpu().contiguous()
        place = plain.untyped_storage().data_ptr() if plain.numel() else 0
        done[name] = plain.clone() if place in seen else plain
        seen.add(place)
    return done


def _name(one: bool) -> str:
    return "torch.Tensor" if one else "dict"


def _shape(tensor: Any) -> dict[str, Any]:
    return {"shape": list(tensor.shape), "dtype": str(tensor.dtype).removeprefix("torch.")}
