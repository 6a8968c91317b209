"""The execution that is running here, in this thread or task; a context variable."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from heirloom.records.executions import Read
from heirloom.records.ids import new_id

if TYPE_CHECKING:
    from heirloom.declare.emits import Creation
    from heirloom.engine.known import Known
    from heirloom.records.versions import ArtifactVersion

__all__ = ["Frame", "FrameInputs", "Origin", "Place", "by_person", "current_frame", "enter"]


@dataclass(frozen=True, slots=True)
class Origin:
    """What something came from: edges, and names of which nobody knows where they came from."""

    reads: tuple[Read, ...] = ()
    partial: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an execution stands in its run.

    Attributes:
        path: Its path below the root; empty for the root itself.
        fenced: Whether the root has a record with an attempt that commits are held against.
        anew: Whether bodies run even where a cache has what they would make.
        carried: Edges of what stands in its code, where that runs again, or of what the cell
            around it hands over.
        partial: Names behind these of which nobody knows where they came from.
        again: Whether something may be committed here already, by an earlier attempt or try.
    """

    execution_id: str
    root_id: str
    parent_id: str | None = None
    path: str = ""
    attempt: int = 1
    depth: int = 0
    chain: str = ""
    fenced: bool = False
    again: bool = False
    anew: bool = False
    plan: str | None = None
    plan_version: int | None = None
    triggered_by: tuple[str, ...] = ()
    rerun_of: str | None = None
    carried: tuple[Read, ...] = ()
    partial: tuple[str, ...] = ()
    claimant: str | None = None

    @classmethod
    def root(cls, **known: Any) -> Place:
        """The place of a run of its own."""
        own = new_id()
        return cls(execution_id=own, root_id=own, **known)

    def as_root(self) -> Place:
        """The same call as a run of its own, inside what called it."""
        return replace(self, root_id=self.execution_id, path="")

    def of(self, origin: Origin) -> Place:
        """The same place, of what came from there."""
        partial = tuple(dict.fromkeys((*self.partial, *origin.partial)))
        return replace(self, carried=(*self.carried, *origin.reads), partial=partial)

    def below_record(self) -> Place:
        """The same for an envelope whose start is recorded: from now on commits are held to it."""
        return self if self.path else replace(self, fenced=True)

    @property
    def fence(self) -> tuple[str, int] | None:
        """The root and attempt that a commit is held against."""
        return (self.root_id, self.attempt) if self.fenced else None


_COUNTING = threading.Lock()  # a body may call from threads that share its context


@dataclass(slots=True)
class Frame:
    """What a running execution gathers until it is recorded.

    Attributes:
        reads: Its edges so far, each once, in their order.
        made: The versions and values that calls have given it.
    """

    place: Place
    reads: dict[Read, None] = field(default_factory=dict)
    creations: list[Creation] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    inputs: dict[str, ArtifactVersion] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    takes_creations: bool = False
    interactive: bool = False
    ended: bool = False

    def child(self, name: str) -> Place:
        """The place of a call made here: no two calls of a run have one path."""
        with _COUNTING:
            self.calls[name] += 1
            count = self.calls[name]
        place = self.place
        return Place(
            execution_id=new_id(),
            root_id=place.root_id,
            parent_id=place.execution_id,
            path=f"{place.path}/{_step(name, count)}",
            attempt=place.attempt,
            depth=place.depth,
            chain=place.chain,
            fenced=place.fenced,
            again=place.again,
            anew=place.anew,
            carried=place.carried,
            partial=place.partial,
        )

    def origin(self, known: Known, *, handed: bool = False) -> Origin:
        """What the names of the cell that runs come from; of anything else, nothing is known.

        Args:
            known: Which live objects are which items.
            handed: Only of the names that the cell gives to calls.
        """
        return Origin()

    def read(self, read: Read) -> None:
        """Add an edge, once."""
        self.reads.setdefault(read)

    def pulled(self, value: Any, version: ArtifactVersion) -> None:
        """Add the edge of a pull; `value` is what the body was given."""
        self.read(Read(version.ref, "", "read"))

    @contextmanager
    def active(self) -> Iterator[Frame]:
        """Make this the current frame."""
        token = _CURRENT.set(self)
        try:
            yield self
        finally:
            _CURRENT.reset(token)

    @contextmanager
    def body(self) -> Iterator[Frame]:
        """Make this the current frame while a body runs; afterwards it is nobody's."""
        with self.active():
            try:
                yield self
            finally:
                self.ended = True


def _step(name: str, count: int) -> str:
    """A call as one step of a path; both signs are none that a name can have."""
    step = name.replace("/", ":")
    return step if count == 1 else f"{step}#{count}"


_CURRENT: ContextVar[Frame | None] = ContextVar("heirloom_frame", default=None)


def current_frame() -> Frame | None:
    """The frame of the execution that runs here, or `None`.

    A task that outlives its cell keeps the cell's context; a frame that ended is nobody's.
    """
    frame = _CURRENT.get()
    return None if frame is None or frame.ended else frame


def by_person() -> bool:
    """Whether what is done now is a person's doing: outside any execution, or in a cell."""
    frame = current_frame()
    return frame is None or frame.interactive


def enter(frame: Frame | None) -> Frame | None:
    """Make `frame` the current one from now on, and return the one before.

    For what begins and ends in two calls, perhaps in two contexts, as a notebook's cell does.
    """
    before = _CURRENT.get()
    _CURRENT.set(frame)
    return before


class FrameInputs(Mapping[str, "ArtifactVersion"]):
    """The versions behind the inputs of what is running: ``hl.inputs["sales"].partitions``."""

    def _found(self) -> dict[str, ArtifactVersion]:
        frame = current_frame()
        return frame.inputs if frame is not None else {}

    def __getitem__(self, name: str) -> ArtifactVersion:
        return self._found()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    def __heirloom_source__(self) -> str:
        return "heirloom.inputs"
