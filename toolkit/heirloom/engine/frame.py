"""The execution that is running here, in this thread or task; a context variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heirloom.records.executions import Read
from heirloom.records.ids import new_id

if TYPE_CHECKING:
    from heirloom.declare.emits import Creation
    from heirloom.records.versions import ArtifactVersion

__all__ = ["Frame", "FrameInputs", "Place", "by_person", "current_frame", "enter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an execution stands in its run.

    Attributes:
        path: Its path below the root; empty for the root itself.
        fenced: Whether the root has a record with an attempt that commits are held against.
    """

    execution_id: str
    root_id: str
    parent_id: str | None = None
    path: str = ""
    attempt: int = 1
    depth: int = 0
    chain: str = ""
    fenced: bool = False
    plan: str | None = None
    plan_version: int | None = None
    triggered_by: tuple[str, ...] = ()
    rerun_of: str | None = None
    claimant: str | None = None

    @classmethod
    def root(cls, **known: Any) -> Place:
        """The place of a run of its own."""
        own = new_id()
        return cls(execution_id=own, root_id=own, **known)

    @property
    def fence(self) -> tuple[str, int] | None:
        """The root and attempt that a commit is held against."""
        return (self.root_id, self.attempt) if self.fenced else None


@dataclass(slots=True)
class Frame:
    """What a running execution gathers until it is recorded."""

    place: Place
    reads: list[Read] = field(default_factory=list)
    creations: list[Creation] = field(default_factory=list)
    inputs: dict[str, ArtifactVersion] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    takes_creations: bool = False
    interactive: bool = False
    ended: bool = False

    def child(self, name: str) -> Place:
        """The place of a call made here: no two calls of a run have one path."""
        self.calls[name] += 1
        place = self.place
        return Place(
            execution_id=new_id(),
            root_id=place.root_id,
            parent_id=place.execution_id,
            path=f"{place.path}/{_step(name, self.calls[name])}",
            attempt=place.attempt,
            depth=place.depth,
            chain=place.chain,
            fenced=place.fenced,
        )

    def read(self, read: Read) -> None:
        """Add an edge, once."""
        if read not in self.reads:
            self.reads.append(read)

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
