"""Runs tasks, workflows and notebooks for one session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, cast

from heirloom.declare.mapping import MapTask
from heirloom.declare.port import Target
from heirloom.declare.task import Task
from heirloom.declare.workflow import Workflow
from heirloom.engine.bodies import HERE, Bodies
from heirloom.engine.envelope import run_workflow
from heirloom.engine.frame import Place, current_frame
from heirloom.engine.known import Known
from heirloom.engine.leaf import Outcome, outcome_before, run_leaf
from heirloom.engine.mapping import run_map
from heirloom.engine.parts import Parts
from heirloom.engine.payloads import Payloads
from heirloom.engine.progress import stepped, tell, watched
from heirloom.engine.recorder import Recorder
from heirloom.engine.resolve import Resolver, Wanted
from heirloom.engine.slots import Slot
from heirloom.engine.taking import check_taken
from heirloom.rebuilt import world_of
from heirloom.records.payloads import ABSENT

if TYPE_CHECKING:
    from heirloom.engine.kernels import Kernels

__all__ = ["Envelope", "Runner"]


def _no_kernels() -> NoReturn:
    msg = "This runner has no session, whose kernels notebooks run in."
    raise LookupError(msg)


class Envelope(Protocol):
    """What runs as an envelope in its own way: a notebook."""

    def run_in(self, runner: Runner, wanted: Wanted, place: Place) -> Outcome:
        """Run it through `runner`, recorded as an envelope at `place`."""
        ...


@dataclass(slots=True)
class Runner:
    """What running needs: the recorder, the payloads, the inputs' resolver.

    Attributes:
        environment: Makes a child process open the same home.
        claimant: Gives the name whose lock this process holds.
        settings: What opens the same home in another process.
        kernels: Gives the kernels of this session.
        bodies: Where the bodies of tasks run.
        reuses: Whether what an equal call made is reused, where a task has a cache.
    """

    recorder: Recorder
    payloads: Payloads
    resolver: Resolver
    known: Known
    claimant: Callable[[], str]
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: Any = None
    kernels: Callable[[], Kernels] = _no_kernels
    bodies: Bodies = HERE
    reuses: bool = True

    def _for_calls(self) -> Runner:
        """What runs a call made here: one made in a body stays with the body."""
        frame = current_frame()
        inside = frame is not None and frame.takes_creations
        return replace(self, bodies=HERE) if inside and self.bodies is not HERE else self

    def call(self, target: Any, given: Mapping[str, Any]) -> Any:
        """Run `target` as a call made by the code that is running; its value.

        Raises:
            InputError: An input is missing or does not fit; nothing is recorded.
            Exception: The body's own; the execution is recorded as failed.
        """
        wanted = self.resolver.wanted(target.interface, given, defaults=target.defaults)
        outcome = self.execute(target, wanted, self.place_of(target.name, wanted))
        self.gave(outcome)
        on_disk = any(self.payloads.on_disk(slot.payload) for slot in outcome.slots.values())
        if outcome.value is not ABSENT and not on_disk:
            for slot in outcome.slots.values():
                self.resolver.know(slot.alive, slot)
            return outcome.value
        return target.interface.pack(map(self._taken, outcome.slots.values()))

    def place_of(self, name: str, wanted: Wanted) -> Place:
        """The place of a call made here; what its plain inputs came from goes with it."""
        frame = current_frame()
        if frame is None:
            return Place.root()
        place = frame.child(name)
        if all(slot.items for slot in wanted.slots.values()):
            return place
        return place.of(frame.origin(self.known, handed=True))

    def gave(self, outcome: Outcome) -> None:
        """Tell what is running here what a call has given it."""
        if (frame := current_frame()) is not None:
            frame.made += [item.id for slot in outcome.slots.values() for item in slot.items]

    def items_of(self, slot: Slot) -> list[Slot] | None:
        """The items of a list, each a slot of its own; `None` for no list at all.

        Raises:
            InputError: It is no list.
        """
        kept = self.payloads.members(slot.payload)
        if kept is None:
            value = slot.take(self.payloads)
            self.resolver.know(value, slot)
            return None if value is None else [self.resolver.slot_of(each) for each in value]
        alive = slot.claim()
        if alive is ABSENT:
            alive = [ABSENT] * len(kept)
        parts = Parts(slot, self.payloads)
        return [replace(parts.slot_of(p), alive=a) for p, a in zip(kept, alive, strict=True)]

    def _taken(self, slot: Slot) -> Any:
        value = slot.take(self.payloads)
        self.resolver.know(value, slot)
        return value

    def execute(
        self,
        target: Target,
        wanted: Wanted,
        place: Place,
    ) -> Outcome:
        """Run `target` with the inputs that are wanted, at `place`.

        What an earlier attempt of the run committed there is not run again.

        Args:
            target: What to run.
            wanted: Its inputs; what is still a query is asked for when it starts.
            place: Where it stands in its run.

        Raises:
            CatalogUnavailable: The session only looks; nothing runs.
            DeclarationError: It would emit under another user's name; nothing runs.
        """
        self.recorder.check()
        # A triggered run is held to the word of who registered its plan, when it emits.
        if not place.depth and isinstance(target, Task | Workflow):
            for output in target.interface.outputs:
                if output.emitted is not None:
                    self.recorder.check_name(output.emitted.artifact)
        if (done := outcome_before(self, place)) is not None:
            if isinstance(target, Task):
                tell(place, target.name, "succeeded")
            return done
        if isinstance(target, Task):
            slots = self.resolver.settle(self.recorder.catalog.view(), wanted)
            if not place.path:  # else it was held when the run began, or is by the body
                check_taken(target, slots, self.payloads)
            runner = self._for_calls()
            return stepped(place, target.name, lambda: run_leaf(runner, target, slots, place))
        with watched(target.name), world_of(getattr(target, "task", target)):
            if isinstance(target, MapTask):
                return run_map(self, target, wanted, place)
            if isinstance(target, Workflow):
                return run_workflow(self, target, wanted, place)
            return cast(Envelope, target).run_in(self, wanted, place)
