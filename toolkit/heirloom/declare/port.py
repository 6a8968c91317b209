"""The protocol through which declarations act; a session installs itself as the port."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from heirloom.declare.artifact import Artifact
    from heirloom.declare.emits import Creation
    from heirloom.declare.interface import Interface
    from heirloom.declare.launch import LaunchPlan

__all__ = ["Code", "Port", "Target", "open_port", "port", "provide"]


class Code(Protocol):
    """The code of a target: a `Closure`, or a notebook's cells."""

    @property
    def kind(self) -> str:
        """What it is, for the record."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def bound(self) -> str | None:
        """What binds it to this kernel; `None` where nothing does."""
        ...

    @property
    def portable(self) -> bool:
        """Whether it can run apart from this kernel."""
        ...

    @property
    def digest(self) -> str:
        """``sha256:`` and the hexadecimal digest of its canonical form."""
        ...

    @property
    def text(self) -> str:
        """All of it as one text."""
        ...

    def require_portable(self, what: str) -> None:
        """Let portable code pass, as `what`; else raise `NotPortable`."""
        ...

    def to_doc(self) -> dict[str, Any]:
        """It as JSON values."""
        ...


class Target(Protocol):
    """What can be run: a task, a workflow, a map, a notebook."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def kind(self) -> str:
        """What its executions are: ``workflow``, ``task``, ``cell`` or ``notebook``."""
        ...

    @property
    def interface(self) -> Interface:
        """Its typed inputs and outputs."""
        ...

    @property
    def closure(self) -> Code:
        """Its recorded source."""
        ...

    @property
    def defaults(self) -> Mapping[str, Any]:
        """Constants and queries by input."""
        ...


class Port(Protocol):
    """What a declaration may ask for when it is used."""

    def call(self, target: Target, inputs: Mapping[str, Any]) -> Any:
        """Run `target` here and now, recorded, and return its value."""
        ...

    def created(self, creation: Creation) -> None:
        """Hold what ``create_from`` said of a value until the running task returns it."""
        ...

    def check(self, artifact: Artifact) -> None:
        """Hold a declaration against the catalog's."""
        ...

    def declared(self, target: Target) -> None:
        """Hold a declaration's default queries against what is promised of the artifacts."""
        ...

    def register(self, plan: LaunchPlan) -> Any:
        """Record a launch plan's version; activate it if it asks for that."""
        ...

    def previewed(self, plan: LaunchPlan, ref: Any, since: Any) -> Any:
        """What a launch plan would start, registered or not; nothing is written."""
        ...

    def plan_handle(self, name: str) -> Any:
        """The plan of that name as the front gives it."""
        ...


_provider: Callable[[bool], Port | None] | None = None


def provide(provider: Callable[[bool], Port | None]) -> None:
    """Install what gives the port; called with `True` it opens one where none is open."""
    global _provider
    _provider = provider


def port() -> Port:
    """The port, opened if need be."""
    found = _provider(True) if _provider is not None else None
    if found is None:
        msg = "Heirloom was imported in part: `import heirloom` installs what declarations act on."
        raise RuntimeError(msg)
    return found


def open_port() -> Port | None:
    """The port if a session is open already; a declaration alone opens none."""
    return _provider(False) if _provider is not None else None
