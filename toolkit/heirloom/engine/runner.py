"""Runs tasks, workflows and notebooks for one session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from heirloom.declare.task import Task
from heirloom.declare.workflow import Workflow
from heirloom.engine.envelope import run_workflow
from heirloom.engine.frame import Place, current_frame
from heirloom.engine.known import Known
from heirloom.engine.leaf import Outcome, outcome_before, run_leaf
from heirloom.engine.payloads import Payloads
from heirloom.engine.recorder import Recorder
from heirloom.engine.resolve import Resolver, Wanted
from heirloom.engine.slots import Slot
from heirloom.records.files import Directory, File
from heirloom.records.payloads import ABSENT

__all__ = ["Envelope", "Runner"]


class Envelope(Protocol):
    """What runs as an envelope in its own way: a notebook."""

    def run_in(
        self, runner: Runner, wanted: Wanted, place: Place, firing: Mapping[str, str]
    ) -> Outcome:
        """Run it through `runner`, recorded as an envelope at `place`."""
        ...


@dataclass(slots=True)
class Runner:
    """What running needs: the recorder, the payloads, the inputs' resolver.

    Attributes:
        environment: Makes a child process open the same home.
        claimant: Gives the name whose lock this process holds.
    """

    recorder: Recorder
    payloads: Payloads
    resolver: Resolver
    known: Known
    claimant: Callable[[], str]
    environment: Mapping[str, str] = field(default_factory=dict)

    def call(self, target: Any, given: Mapping[str, Any]) -> Any:
        """Run `target` as a call made by the code that is running; its value.

        Raises:
            InputError: An input is missing or does not fit; nothing is recorded.
            Exception: The body's own; the execution is recorded as failed.
        """
        frame = current_frame()
        place = frame.child(target.name) if frame else Place.root()
        wanted = self.resolver.wanted(target.interface, given, defaults=target.defaults)
        outcome = self.execute(target, wanted, place)
        on_disk = any(isinstance(slot.alive, File | Directory) for slot in outcome.slots.values())
        if outcome.value is not ABSENT and not on_disk:
            for slot in outcome.slots.values():
                self.known.remember(slot.alive, slot)
            return outcome.value
        return target.interface.pack(map(self._taken, outcome.slots.values()))

    def _taken(self, slot: Slot) -> Any:
        value = slot.take(self.payloads)
        self.known.remember(value, slot)
        return value

    def execute(
        self,
        target: Task | Workflow | Envelope,
        wanted: Wanted,
        place: Place,
        firing: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Run `target` with the inputs that are wanted, at `place`.

        What an earlier attempt of the run committed there is not run again.

        Args:
            target: What to run.
            wanted: Its inputs; what is still a query is asked for when it starts.
            place: Where it stands in its run.
            firing: Partitions of the version that fired, for what is bound to it.

        Raises:
            CatalogUnavailable: The session only looks; nothing runs.
        """
        self.recorder.check()
        if (done := outcome_before(self, place)) is not None:
            return done
        if isinstance(target, Task):
            view = self.recorder.catalog.view()
            return run_leaf(self, target, self.resolver.settle(view, wanted, firing or {}), place)
        if isinstance(target, Workflow):
            return run_workflow(self, target, wanted, place, firing or {})
        return target.run_in(self, wanted, place, firing or {})
