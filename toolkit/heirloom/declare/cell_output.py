"""What a cell emits, as its line says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from heirloom.declare.artifact import Artifact
from heirloom.records.clauses import Clause
from heirloom.records.names import moment
from heirloom.records.refs import Ref
from heirloom.records.versions import Card

__all__ = ["CellOutput"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellOutput:
    """Which version a cell's last value becomes, by hand and by itself alike.

    Attributes:
        partitions: The values of the artifact's keys.
        card: Of every version.
        card_source: An expression that gives the card instead, where the body runs.
        format: A codec other than the type's own.
        kind: Empty for what the card says, else the type.
    """

    artifact: Artifact
    partitions: Mapping[str, str] = field(default_factory=dict)
    time_partition: datetime | None = None
    card: Card | None = None
    card_source: str = ""
    format: str | None = None
    kind: str = ""
    draft: bool = False

    @property
    def ref(self) -> Ref:
        """Its name with its partitions: what the plan of a reactive cell is called."""
        clauses = tuple(Clause(key, "=", (value,)) for key, value in self.values.items())
        return Ref(self.artifact.name, self.artifact.project, clauses)

    @property
    def values(self) -> dict[str, str]:
        """Its partitions as clauses see them, the time partition under ``time``."""
        when = self.time_partition
        return dict(self.partitions) | ({} if when is None else {"time": moment(when)})

    def promise(self, module: str) -> str:
        """The annotation that emits it.

        Args:
            module: The name that the module `heirloom` has around the text.
        """
        named = {{"time": "time_partition"}.get(key, key): v for key, v in self.values.items()}
        keys = ", ".join(f"{key}={value!r}" for key, value in named.items())
        made = self._artifact(module)
        return f"{made}({keys})" if keys else made

    def around(self, module: str) -> tuple[str, str]:
        """What stands before and after the value that the body returns; `module` as above."""
        said = {
            "format": repr(self.format) if self.format else "",
            "kind": repr(self.kind) if self.kind else "",
            "draft": "True" if self.draft else "",
        }
        card = self.card_source or (self._card(module) if self.card else "")
        options = [card] if card else []
        options += [f"{name}={text}" for name, text in said.items() if text]
        if not options:
            return "", ""
        return f"{self._artifact(module)}.create_from((", f"), {', '.join(options)})"

    def _artifact(self, module: str) -> str:
        return module + self.artifact.__heirloom_source__().removeprefix("heirloom")

    def _card(self, module: str) -> str:
        assert self.card is not None
        kind = f", {self.card.kind!r}" if self.card.kind else ""
        return f"{module}.Card({self.card.text!r}{kind})"
