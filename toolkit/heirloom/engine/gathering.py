"""What a body that runs elsewhere calls and reads, gathered for the session that submitted it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from heirloom.declare.artifact import Artifact
from heirloom.engine.emission import Emission
from heirloom.engine.frame import Place
from heirloom.engine.recorder import Recorder
from heirloom.engine.untold import NO_CODES, Codes
from heirloom.errors import CatalogUnavailable, NotSupported
from heirloom.records.clock import now
from heirloom.records.executions import Execution, Item
from heirloom.records.payloads import Payload
from heirloom.records.versions import ArtifactVersion

__all__ = ["Gathered", "Gathering", "gathering"]


@dataclass(frozen=True, slots=True)
class Gathered:
    """One call inside a body, as it ended: what the session would have recorded.

    Attributes:
        error: What the record says of how it failed; `None` where it ended well.
    """

    execution: Execution
    place: Place
    emissions: Mapping[str, Emission]
    values: Mapping[str, Item | Payload]
    codes: Codes
    error: str | None = None


_GATHERED: ContextVar[list[Gathered]] = ContextVar("heirloom_gathered")


@contextmanager
def gathering() -> Iterator[list[Gathered]]:
    """Until the block ends, what is recorded here is gathered in the list."""
    found: list[Gathered] = []
    token = _GATHERED.set(found)
    try:
        yield found
    finally:
        _GATHERED.reset(token)


class Gathering(Recorder):
    """A recorder that commits nothing: the session that submitted the body does.

    A version has no number before that: whoever reads one made here reads the value.
    """

    def check(self) -> None:
        """Anything may run."""

    def check_name(self, artifact: Artifact) -> None:
        """Whose name it is, the session that records says."""

    def done_before(self, place: Place) -> Execution | None:
        """What an earlier try recorded, where the home can be asked; else it is made again."""
        try:
            return super().done_before(place)
        except CatalogUnavailable:
            return None

    def record(
        self,
        execution: Execution,
        place: Place,
        emissions: Mapping[str, Emission],
        values: Mapping[str, Item | Payload],
        codes: Codes = NO_CODES,
    ) -> tuple[Execution, tuple[ArtifactVersion, ...]]:
        """Keep a good end.

        Raises:
            NotSupported: A version's number would have to be known at once.
        """
        if execution.kind == "publish":
            msg = (
                "hl.publish in a task that runs on an executor has no catalog to write to. "
                "Return the value under an output annotated with the artifact."
            )
            raise NotSupported(msg)
        _GATHERED.get().append(Gathered(execution, place, emissions, values, codes))
        made = {name: emission.payload for name, emission in emissions.items()}
        ended = replace(execution, state="succeeded", outputs={**values, **made}, ended_at=now())
        return ended, ()

    def failed(
        self,
        execution: Execution,
        place: Place,
        error: BaseException,
        text: str | None = None,
        codes: Codes = NO_CODES,
    ) -> Execution:
        """Keep a bad end."""
        ended = self.ended_badly(execution, error, text)
        _GATHERED.get().append(Gathered(ended, place, {}, {}, codes, ended.error))
        return ended
