"""An emitting cell as text: the task that it is, its call, and the plan that runs it again."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Collection, Mapping
from copy import copy
from dataclasses import dataclass

from heirloom.declare.artifact import Artifact
from heirloom.declare.cell import reactive
from heirloom.declare.cell_output import CellOutput
from heirloom.declare.reactive import Listening, listening
from heirloom.declare.trace import Names
from heirloom.engine.cell_order import partitions_of
from heirloom.lines.inputs import inputs_of
from heirloom.lines.options import ALL
from heirloom.lines.words import as_written, begun
from heirloom.records.names import parse_moment
from heirloom.records.payloads import check_kind
from heirloom.records.periods import truncated
from heirloom.records.refs import Ref

__all__ = ["EmittingCell", "emitting_cell", "only_shows"]


@dataclass(frozen=True, slots=True)
class EmittingCell:
    """What became of it.

    Attributes:
        artifact: What it emits.
        takes_held: Whether its card is the one that a ``%%card`` cell held.
    """

    text: str
    artifact: Artifact
    takes_held: bool


def only_shows(line: str) -> bool:
    """Whether an ``%%artifact`` cell of that line records nothing: it is a preview."""
    return "--preview" in begun(f"{line} ")[0]


def emitting_cell(
    line: str,
    body: str,
    found: Names,
    *,
    artifact: Callable[[str], Artifact | None],
    used: Collection[str],
    held: str,
    bound: Collection[str],
) -> EmittingCell:
    """The text of an ``%%artifact`` cell.

    Args:
        line: What stands after ``%%artifact``.
        body: Its Python.
        found: The names that this reads and writes.
        artifact: What is declared under a name.
        used: Names that other cells read: those that this one writes stay.
        held: The expression of the card that a ``%%card`` cell holds; else empty.
        bound: Names that are bound before it.

    Raises:
        DeclarationError: Its line is none, or says what is only known when it runs.
        UserFault: A notebook would refuse the line, whatever its catalog has.
    """
    said = ALL["%%artifact"].read(as_written(line))
    ref, inputs = Ref.parse(said.name), inputs_of(said.inputs)
    card = _card(said.card, bound) or held
    output, heard = (
        _output(said, ref, artifact(ref.name), card),
        listening(inputs, said.on, said.when),
    )
    keep = (found.writes & set(used)) - set(inputs)
    written = reactive(output, body, inputs=inputs, cache=said.cache, keep=keep)
    given = ", ".join(f"{name}={_source(ref)}" for name, ref in inputs.items())
    lines = [
        f"{name} = heirloom.pull({_source(ref)})" for name, ref in inputs.items() if name in used
    ]
    lines += [f"{written.name}({given})"]
    if heard is not None:
        lines.append(_plan(str(output.ref), written.name, heard))
    text = f"{written.text}\n\n" + "\n".join(lines)
    return EmittingCell(text, output.artifact, bool(held) and said.card is None)


def _output(said: Namespace, ref: Ref, known: Artifact | None, card: str) -> CellOutput:
    values, timed = partitions_of(ref, said.format), said.time is not None
    artifact = copy(known) if known else Artifact(ref.name, list(values), time_partitioned=timed)
    artifact.project, artifact.allow_shared = ref.project, said.allow_shared
    return CellOutput(
        artifact=artifact,
        partitions=values,
        time_partition=truncated(parse_moment(said.time), artifact.granularity) if timed else None,
        card_source=card,
        format=said.format,
        kind=check_kind(said.kind),
        draft=said.draft,
    )


def _card(text: str | None, bound: Collection[str]) -> str:
    if text is None:
        return ""
    if text in bound:
        return f"heirloom.Card.of({text})"
    if text.endswith(".md") and "\n" not in text:
        return f"heirloom.Card(open({text!r}, encoding='utf-8').read())"
    return f"heirloom.Card({text!r})"


def _plan(name: str, task: str, heard: Listening) -> str:
    """What runs it again: as `reactive_plan` makes it."""
    trigger = (
        f"heirloom.OnArtifact([{', '.join(map(_query, heard.on))}], "
        f"inputs={_queries(heard.asked)}, when={heard.when!r})"
    )
    options = f"trigger={trigger}, default_inputs={_queries(heard.pinned)}"
    return f"heirloom.LaunchPlan.get_or_create({name!r}, {task}, {options}).activate()"


def _queries(refs: Mapping[str, Ref]) -> str:
    return f"{{{', '.join(f'{key!r}: {_query(ref)}' for key, ref in refs.items())}}}"


def _query(ref: Ref) -> str:
    return f"heirloom.Query.of({_source(ref)})"


def _source(ref: Ref) -> str:
    return f"heirloom.ref({str(ref)!r})"
