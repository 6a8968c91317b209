"""Runs tasks, workflows and notebooks for one session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from heirloom.declare.task import Task
from heirloom.declare.workflow import Workflow
from heirloom.engine.envelope import run_workflow
from heirloom.engine.frame import Place, current_frame
from heirloom.engine.leaf import Outcome, run_leaf
from heirloom.engine.payloads import Payloads
from heirloom.engine.recorder import Recorder
from heirloom.engine.resolve import Resolver, Wanted
from heirloom.engine.slots import Known
from heirloom.records.versions import ABSENT

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

    `environment` makes a child process open the same home.
    """

    recorder: Recorder
    payloads: Payloads
    resolver: Resolver
    known: Known
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
        for slot in outcome.slots.values():
            if slot.alive is not ABSENT:
                self.known.remember(slot.alive, slot)
        if isinstance(target, Task):
            return outcome.value
        values = tuple(slot.take(self.payloads) for slot in outcome.slots.values())
        return values if target.interface.packed else next(iter(values), None)

    def execute(
        self,
        target: Task | Workflow | Envelope,
        wanted: Wanted,
        place: Place,
        firing: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Run `target` with the inputs that are wanted, at `place`.

        Args:
            target: What to run.
            wanted: Its inputs; what is still a query is asked for when it starts.
            place: Where it stands in its run.
            firing: Partitions of the version that fired, for what is bound to it.
        """
        if isinstance(target, Task):
            view = self.recorder.catalog.view()
            return run_leaf(self, target, self.resolver.settle(view, wanted, firing or {}), place)
        if isinstance(target, Workflow):
            return run_workflow(self, target, wanted, place, firing or {})
        return target.run_in(self, wanted, place, firing or {})
