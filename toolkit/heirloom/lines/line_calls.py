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
    options = {"as_": said.type, "to": said.to, "allow_pickle": said.allow_pickle}
    call = _call(f"heirloom.{'pull_frame' if said.frame else 'pull'}", repr(said.ref), **options)
    return f"{said.name} = {call}" if said.name else call


def _run_workflow(said: Namespace) -> str:
    inputs = [f"{name!r}: {_value(text)!r}" for name, text in map(_pair, said.parameters)]
    inputs += [f"{name!r}: heirloom.get({text!r})" for name, text in map(_pair, said.versions)]
    target = said.target if said.target.isidentifier() else repr(said.target)
    return _call("heirloom.run", target, f"{{{', '.join(inputs)}}}", locked=said.locked)


def _pair(word: str) -> tuple[str, str]:
    name, _, text = word.partition("=")
    return name, text


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _trigger(said: Namespace) -> str | None:
    plan = f"heirloom.plan({said.plan!r})"
    match said.act:
        case "on":
            return _call(f"{plan}.activate", version=said.version, missed=said.missed)
        case "off":
            return f"{plan}.deactivate()"
        case "approve":
            return _call(f"{plan}.approve", version=said.version)
        case "backfill":
            return _call(f"{plan}.backfill", since=said.since, where=said.where)
    return None


def _call(function: str, *arguments: str, **options: Any) -> str:
    """A call with the options that the line gave."""
    given = (f"{name}={value!r}" for name, value in options.items() if value)
    return f"{function}({', '.join([*arguments, *given])})"


_CALLS: Mapping[str, Callable[[Namespace], str | None]] = {
    "%pull": _pull,
    "%run_workflow": _run_workflow,
    "%trigger": _trigger,
}
