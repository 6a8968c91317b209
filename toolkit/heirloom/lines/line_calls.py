"""Magics of one line as the calls that they are the twins of."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Any

from heirloom.lines.options import ALL
from heirloom.lines.words import as_written

__all__ = ["call_of"]

_LINE = re.compile(r"(?:(\w+)\s*=\s*)?(%\w+)\b\s*(.*)")


def call_of(line: str) -> str | None:
    """The call that a line stands for; `None` where only a notebook has what it does.

    Raises:
        DeclarationError: The line is not what its magic takes, or a field stands in it.
    """
    found = _LINE.fullmatch(line.rstrip())
    if found is None or found[2] not in _CALLS:
        return None
    call = _CALLS[found[2]](ALL[found[2]].read(as_written(found[3])))
    return f"{found[1]} = {call}" if found[1] and call else call


def _pull(said: Namespace) -> str:
    call = f"heirloom.{'pull_frame' if said.frame else 'pull'}({said.ref!r})"
    return f"{said.name} = {call}" if said.name else call


def _run_workflow(said: Namespace) -> str:
    inputs = [f"{name!r}: {_value(text)!r}" for name, text in map(_pair, said.parameters)]
    inputs += [f"{name!r}: heirloom.get({text!r})" for name, text in map(_pair, said.versions)]
    target = said.target if said.target.isidentifier() else repr(said.target)
    return f"heirloom.run({target}, {{{', '.join(inputs)}}})"


def _pair(word: str) -> tuple[str, str]:
    name, _, text = word.partition("=")
    return name, text


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _trigger(said: Namespace) -> str | None:
    verbs = {"on": "activate", "off": "deactivate", "approve": "approve"}
    verb = verbs.get(said.act)
    return f"heirloom.plan({said.plan!r}).{verb}()" if verb else None


_CALLS: Mapping[str, Callable[[Namespace], str | None]] = {
    "%pull": _pull,
    "%run_workflow": _run_workflow,
    "%trigger": _trigger,
}
