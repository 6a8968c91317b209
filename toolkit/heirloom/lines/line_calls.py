"""Magics of one line as the calls that they are the twins of."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from heirloom.engine.written import named_in
from heirloom.lines.options import ALL
from heirloom.lines.words import as_written

__all__ = ["IsBound", "call_of"]

IsBound: TypeAlias = Callable[[str], bool]
"""Whether a word is a name of the module."""

_LINE = re.compile(r"(?:(\w+)\s*=\s*)?(%\w+)\b\s*(.*)")


def call_of(line: str, is_bound: IsBound) -> str | None:
    """The call that a line stands for; `None` where only a notebook has what it does.

    Args:
        line: As it stands in its cell.
        is_bound: Tells what the module has there: any other word that is to be run is a plan's.

    Raises:
        DeclarationError: The line is not what its magic takes, or a field stands in it.
        InputError: An input has no ``=``, or is given twice.
    """
    found = _LINE.fullmatch(line.rstrip())
    if found is None or found[2] not in _CALLS:
        return None
    call = _CALLS[found[2]](ALL[found[2]].read(as_written(found[3])), is_bound)
    return f"{found[1]} = {call}" if found[1] and call else call


def _pull(said: Namespace, is_bound: IsBound) -> str:
    options = {"as_": said.type, "to": said.to, "allow_pickle": said.allow_pickle}
    call = _call(f"heirloom.{'pull_frame' if said.frame else 'pull'}", repr(said.ref), **options)
    return f"{said.name} = {call}" if said.name else call


def _run_workflow(said: Namespace, is_bound: IsBound) -> str:
    target = said.target if is_bound(said.target) else repr(said.target)
    form = f"heirloom.launch_form({target})"
    texts = _pairs(said.parameters, "-p", "name=value", {})
    versions = _pairs(said.versions, "--from", "name=REF", texts)
    if not (texts or versions or said.now or said.locked):
        return f"None if {form}.fields else heirloom.run({target})"  # else it shows the form
    read = f"{form}.read({texts!r})"  # its types tell what a text means
    inputs = [f"**{read}"] if texts else []
    inputs += [f"{name!r}: heirloom.get({ref!r})" for name, ref in versions.items()]
    given = [f"{{{', '.join(inputs)}}}"] if versions else [read] if texts else []
    return _call("heirloom.run", target, *given, locked=said.locked)


def _pairs(words: list[str], option: str, form: str, before: Collection[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for word in words:
        name, text = named_in(word, option, form, {*before, *pairs})
        pairs[name] = text
    return pairs


def _trigger(said: Namespace, is_bound: IsBound) -> str | None:
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


_CALLS: Mapping[str, Callable[[Namespace, IsBound], str | None]] = {
    "%pull": _pull,
    "%run_workflow": _run_workflow,
    "%trigger": _trigger,
}
