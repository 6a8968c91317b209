"""Names that are still to be captured, those that were, and those that cannot be."""

from __future__ import annotations

import builtins
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from heirloom.declare.code.bound import Bound
from heirloom.declare.code.fragment import Fragment, Needs
from heirloom.declare.code.likeness import alike
from heirloom.declare.code.seen import Enclosed, Look
from heirloom.declare.trace import Names

__all__ = ["Culprit", "Worklist"]

_ALWAYS_THERE = frozenset(
    ("__name__", "__doc__", "__package__", "__loader__", "__spec__", "__builtins__", "__class__")
)


@dataclass(frozen=True, slots=True)
class Culprit:
    """The name that binds code to this kernel."""

    name: str
    why: Bound
    reader: str
    """The fragment that reads it."""


class Worklist(ABC):
    """Takes names and what they stand for; every name stands for one thing.

    A name that cannot be told has an entry in `failed`; it binds the code if the code, or
    something that it needs, reads it.
    """

    def __init__(self, given: Collection[str] = ()) -> None:
        """Start with nothing.

        Args:
            given: Names that are bound from outside and are not captured.
        """
        self.fragments: dict[str, Fragment] = {}
        self.needs: dict[str, Needs] = {}
        self.values: dict[str, Any] = {}
        self.names: dict[int, str] = {}
        """By identity, under which name a value was taken."""
        self.calls: dict[str, str] = {}
        """What a made-up name is called where it is used."""
        self.failed: dict[str, Bound] = {}
        self.looks: list[Look] = []
        """Where each name was looked up."""
        self._given = frozenset(given) | _ALWAYS_THERE
        self._read: dict[str, list[str]] = {}
        self._waiting: deque[tuple[str, Mapping[str, Any]]] = deque()

    @abstractmethod
    def capture(self, name: str, value: Any, home: Mapping[str, Any]) -> None:
        """Put the fragment that binds `name`, or raise `Bound`."""

    @property
    def culprit(self) -> Culprit | None:
        """The nearest name that binds; `None` if the code is portable."""
        seen, queue = set[str](), [("", "")]
        for name, reader in queue:
            why = self.failed.get(name)
            if why is not None:
                inner = (why.name, name) if why.name else (self.calls.get(name, name), reader)
                return Culprit(inner[0], why, inner[1])
            queue += [(each, name) for each in self._read.get(name, ()) if each not in seen]
            seen.update(self._read.get(name, ()))
        return None

    def drop_broken(self) -> None:
        """Forget what needs a name that failed: nothing but annotations can have named it."""
        while broken := {
            name
            for name in self.fragments
            if any(each in self.failed for each in (name, *self._read.get(name, ())))
        }:
            for name in broken:
                del self.fragments[name]
                self.failed.setdefault(name, Bound.undefined())

    def put(self, name: str, source: str, kind: str, needs: Needs = Needs()) -> None:  # noqa: B008
        """Add the fragment that binds `name`."""
        self.fragments[name] = Fragment(name, source, kind)
        self.needs[name] = needs

    def fail(self, name: str, why: Bound, reader: str = "") -> None:
        """`name`, which `reader` needs, cannot be told."""
        self._read.setdefault(reader, []).append(name)
        self.failed.setdefault(name, why)

    def take(self, name: str, value: Any, home: Mapping[str, Any], reader: str = "") -> None:
        """Have `name`, which `reader` needs, stand for `value`, found among the names of `home`."""
        self._read.setdefault(reader, []).append(name)
        if reader:
            self.looks.append((home, name))
        self._offer(name, value, home)

    def look_into(self, function: FunctionType) -> None:
        """Note that what `function` closes over was looked at."""
        held = Enclosed(function)
        self.looks += [(held, name) for name in held]

    def resolve(
        self, names: Names, home: Mapping[str, Any], own: Collection[str] = (), reader: str = ""
    ) -> None:
        """Take every name that a text reads, but for its `own`.

        Names that only annotations kept as text have need not be there, or be portable.
        """
        for name in sorted((names.reads | names.hints) - set(own) - self._given):
            self.looks.append((home, name))
            bound = name in home and not _is_shells(name, home[name])
            where = home if bound else vars(builtins)
            if name not in names.reads:
                if name in where:
                    self._offer(name, where[name], home)
            elif name == "get_ipython" and name in where:
                self.fail(name, Bound.shell(), reader)
            elif where is home or (name in where and not _is_standard(where[name])):
                self.take(name, where[name], home, reader)
            elif name not in where and name not in names.writes - names.mutated:
                self.fail(name, Bound.undefined(), reader)

    def run(self) -> None:
        """Capture what was taken, and what that needs in turn, the nearest first."""
        while self._waiting:
            name, home = self._waiting.popleft()
            try:
                self.capture(name, self.values[name], home)
            except Bound as bound:
                self.failed.setdefault(name, bound)

    def _offer(self, name: str, value: Any, home: Mapping[str, Any]) -> None:
        if name in self.values:
            if not alike(self.values[name], value):
                self.failed.setdefault(name, Bound.ambiguous())
            return
        self.values[name] = value
        self.names.setdefault(id(value), name)
        self._waiting.append((name, home))


def _is_shells(name: str, value: Any) -> bool:
    """Whether IPython puts it among a notebook's names in the place of a builtin, as its `open`."""
    if name not in vars(builtins) or not isinstance(value, FunctionType):
        return False
    return str(value.__globals__.get("__name__")).partition(".")[0] == "IPython"


def _is_standard(value: Any) -> bool:
    """Whether a builtin is Python's; notebooks add some of their own, as `display`."""
    module = getattr(value, "__module__", None)
    return module in (None, "builtins", "_io", "io", "_sitebuiltins")
