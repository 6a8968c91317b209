"""What ``--from`` binds."""

from __future__ import annotations

import keyword
from collections.abc import Sequence

from heirloom.errors import DeclarationError
from heirloom.records.refs import Ref

__all__ = ["inputs_of"]


def inputs_of(given: Sequence[str]) -> dict[str, Ref]:
    """What ``--from REF`` and ``--from x=REF`` bind, by name.

    Raises:
        DeclarationError: A name is bound twice, or the ref's last word is no identifier.
    """
    inputs: dict[str, Ref] = {}
    for text in given:
        name, equals, rest = text.partition("=")
        if not (equals and name.isidentifier()):
            name, rest = "", text
        ref = Ref.parse(rest)
        name = name or ref.word
        if not name.isidentifier() or keyword.iskeyword(name):
            msg = f"{name!r} cannot be a name: write --from x={rest}."
            raise DeclarationError(msg)
        if name in inputs:
            msg = f"--from binds {name!r} twice; write --from other={rest}."
            raise DeclarationError(msg)
        inputs[name] = ref
    return inputs
