"""scikit-learn estimators by skops, which names every type before it makes one."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

from heirloom.errors import CodecError, UnsafeRead

from .codec import About, Codec, Encoded, Source
from .naming import article, class_name, is_instance
from .needs import need

__all__ = ["Skops"]

# skops trusts most of scikit-learn by itself and asks about the rest, compiled trees say. Its
# question is never answered with itself: only a class in these places is ever trusted, and
# only one that was named when the model was recorded.
_SAFE = re.compile(r"(sklearn|numpy|scipy)(\.\w+)+")
_UNSAFE = re.compile(r"\.(_?externals|_?distutils|testing|tests|f2py|ctypeslib|datasets)\.")
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Skops(Codec):
    """Fitted estimators and pipelines; never loaded by another way when skops refuses."""

    format = "skops"
    magic = b"PK\x03\x04"

    def matches(self, value: object) -> bool:
        """True for an estimator."""
        return is_instance(value, "sklearn.base.BaseEstimator")

    def encode(self, value: Any) -> Encoded:
        """See `Codec.encode`; dumped at once, so that a refusal comes first."""
        skops = need("skops.io", "models")
        name = class_name(type(value))
        try:
            data = _settled(skops.dumps(value))
            types = sorted(skops.get_untrusted_types(data=data))
        except Exception as exc:
            raise CodecError(f"skops cannot keep {article(name)}: {exc}") from exc
        if foreign := [one for one in types if not _is_safe(one)]:
            raise CodecError(
                f"No safe format for {article(name)}: it holds {', '.join(foreign)}, which is not "
                'scikit-learn\'s. Pass format="pickle" (reading it back then needs '
                "allow_pickle=True)."
            )
        return Encoded(
            self.format, name, "model", write=lambda out: out.write(data), meta={"types": types}
        )

    def decode(self, source: Source, about: About) -> Any:
        """See `Codec.decode`.

        Raises:
            UnsafeRead: It holds a type that was not named when it was recorded, or one outside
                scikit-learn, NumPy and SciPy.
        """
        skops = need("skops.io", "models")
        need("sklearn", "models")
        with source.open() as stream:
            data = stream.read()
        named = {one for one in about.meta.get("types", ()) if _is_safe(one)}
        try:
            if foreign := sorted(set(skops.get_untrusted_types(data=data)) - named):
                raise UnsafeRead(f"The model holds types that are not trusted: {foreign}.")
            return skops.loads(data, trusted=sorted(named))
        except CodecError:
            raise
        except Exception as exc:
            raise CodecError(f"skops cannot read the model here: {exc}") from exc


def _is_safe(name: str) -> bool:
    return bool(_SAFE.fullmatch(name)) and not _UNSAFE.search(name)


def _settled(data: bytes) -> bytes:
    """The same model without the clock and the memory addresses that skops writes.

    Equal models then have equal bytes: ids are numbered in the order they appear.
    """
    given = zipfile.ZipFile(io.BytesIO(data))
    schema = json.loads(given.read("schema.json"))
    numbers: dict[str, str] = {}
    _renumber(schema, numbers)
    taken = io.BytesIO()
    with zipfile.ZipFile(taken, "w") as archive:
        parts = {_renamed(part, numbers): given.read(part) for part in given.namelist()}
        parts["schema.json"] = json.dumps(schema).encode()
        for name in sorted(parts):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), parts[name])
    return taken.getvalue()


def _renumber(node: Any, numbers: dict[str, str]) -> None:
    """Number the ``__id__`` of every node and rename the files that are named by one."""
    if isinstance(node, list):
        for item in node:
            _renumber(item, numbers)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("__id__"), int):
        number = numbers.setdefault(str(node["__id__"]), str(len(numbers) + 1))
        node["__id__"] = int(number)
    if isinstance(node.get("file"), str):
        node["file"] = _renamed(node["file"], numbers)
    for item in node.values():
        _renumber(item, numbers)


def _renamed(name: str, numbers: dict[str, str]) -> str:
    stem, dot, suffix = name.partition(".")
    return numbers.get(stem, stem) + dot + suffix
