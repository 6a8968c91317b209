"""The cell that gives a notebook's run its inputs, put right after the ``parameters`` cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, get_args

from heirloom.declare.artifact import Artifact
from heirloom.declare.code.bound import Bound
from heirloom.declare.code.expression import Expressions
from heirloom.declare.code.lines import lines_of
from heirloom.declare.types import is_optional
from heirloom.engine.ipynb import INJECTED
from heirloom.engine.parameters import Parameter, Parameters
from heirloom.engine.payloads import Payloads
from heirloom.engine.slots import Slot
from heirloom.errors import InputError, UnsafeRead
from heirloom.records.executions import Item
from heirloom.records.payloads import ABSENT
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.versions import ArtifactVersion

__all__ = ["Injection", "check_slots", "with_inputs"]


def check_slots(slots: Mapping[str, Slot], owner: str) -> None:
    """Refuse, before anything runs, a value that has no way into another process.

    Raises:
        InputError: No codec takes it.
    """
    for name, slot in slots.items():
        if slot.payload.format == "alive" and slot.payload.secret is None:
            msg = (
                f"Input {name!r} of notebook {owner!r} is a {slot.payload.type_name}, which has "
                "no safe format: it cannot reach the notebook's kernel. Give plain values, a "
                "frame, an array, a model, a File, or a version."
            )
            raise InputError(msg, name=name, given=slot.payload.type_name)


def with_inputs(cells: list[dict[str, Any]], at: int, source: str) -> list[dict[str, Any]]:
    """The cells with one more after `at`, which gives the inputs."""
    injected: dict[str, Any] = {
        "id": "heirloom-inputs",
        "cell_type": "code",
        "metadata": {"tags": [INJECTED]},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
    return [*cells[: at + 1], injected, *cells[at + 1 :]]


@dataclass(slots=True)
class Injection:
    """Writes the inputs of one execution as Python.

    Attributes:
        execution_id: Of the run; a value that has no literal is read from its record.
    """

    parameters: Parameters
    payloads: Payloads
    execution_id: str
    _writer: Expressions = field(init=False)

    def __post_init__(self) -> None:
        self._writer = Expressions(_no_text)

    def cells(self, cells: list[dict[str, Any]], slots: Mapping[str, Slot]) -> list[dict[str, Any]]:
        """The notebook's cells with the injected one; they stay as they are without inputs.

        Lines of the ``parameters`` cell that would pull another version than the one given
        become comments: a run reads what it was given, nothing else.

        Raises:
            UnsafeRead: A version is pickled, and the notebook does not say that it may be read.
        """
        at = self.parameters.at
        if at is None or not slots:
            return cells
        told = {**cells[at], "source": self._without_pulls(cells[at]["source"])}
        return with_inputs([*cells[:at], told, *cells[at + 1 :]], at, self.source(slots))

    def source(self, slots: Mapping[str, Slot]) -> str:
        """The injected cell's text, the inputs in the notebook's own order."""
        ordered = [name for name in self.parameters.found if name in slots]
        lines = [f"{name} = {self._expression(name, slots[name])}" for name in ordered]
        alias = self.parameters.meanings.heirloom
        ours = "import heirloom" + (f" as {alias}" if alias != "heirloom" else "")
        uses_ours = any(f" = {alias}." in line for line in lines)
        imports = [line for line in self._writer.imports() if line != "import heirloom"]
        head = ["# Injected by Heirloom", *([ours] if uses_ours else []), *imports]
        return "\n".join(head + lines)

    def _without_pulls(self, source: str) -> str:
        lines = lines_of(source)
        for parameter in self.parameters.found.values():
            if parameter.value is None or parameter.lines is None:
                continue
            if self.parameters.meanings.repeated(parameter.value, ""):
                for at in range(parameter.lines[0] - 1, parameter.lines[1]):
                    lines[at] = f"# {lines[at]}"
        return "".join(lines)

    def _expression(self, name: str, slot: Slot) -> str:
        parameter = self.parameters.found[name]
        if slot.version is not None:
            return self._version(parameter, slot.version)
        alias = self.parameters.meanings.heirloom
        recorded = f'{alias}.execution("{self.execution_id}").inputs[{name!r}]'
        secret = slot.payload.secret is not None  # it reaches the kernel, and no record
        if isinstance(slot.bound, Item) or not (self.payloads.in_record(slot.payload) or secret):
            return f"{alias}.current().peek({recorded})"
        value = slot.alive if slot.alive is not ABSENT else self.payloads.load(slot.payload)
        try:
            return self._writer.write(value)
        except Bound:
            return recorded

    def _version(self, parameter: Parameter, version: ArtifactVersion) -> str:
        """The pinned version in the form that the parameter's annotation asks for."""
        meanings, ref = self.parameters.meanings, version.ref
        kind = _without_none(parameter.spec.type)
        if kind in (Artifact, Query, Ref):
            return f'{meanings.heirloom}.ref("{ref}")'
        if kind is ArtifactVersion:
            return f'{meanings.heirloom}.get("{ref}")'
        if kind is str and version.type_name != "str":
            return f'"{ref}"'
        written = meanings.repeated(parameter.value, ref) if parameter.value else ""
        if version.format == "pickle" and "allow_pickle" not in written:
            msg = (
                f"Input {parameter.spec.name!r} is {version!r}, which is pickled: reading it runs "
                f"its code. Write {parameter.spec.name}: {meanings.heirloom}.Ref, and pull it in a "
                "cell with allow_pickle=True if you trust who wrote it."
            )
            raise UnsafeRead(msg)
        return written or self._pull(parameter, version)

    def _pull(self, parameter: Parameter, version: ArtifactVersion) -> str:
        wanted, given = parameter.hint.rpartition(".")[2], version.type_name.rpartition(".")[2]
        option = f", as_={parameter.hint}" if wanted not in ("", given) else ""
        return f'{self.parameters.meanings.heirloom}.pull("{version.ref}"{option})'


def _without_none(kind: Any) -> Any:
    rest = [member for member in get_args(kind) if member is not NoneType]
    return rest[0] if is_optional(kind) and len(rest) == 1 else kind


def _no_text(value: Any) -> str:
    raise Bound.live(value)
