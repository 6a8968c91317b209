"""What each name of a notebook came from, cell by cell: names and items, never objects."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Set
from dataclasses import dataclass, field
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from heirloom.declare.effects import Effects
from heirloom.engine.held_code import HeldCode, called

__all__ = ["Derivations", "Sources"]

_UNSEEN = frozenset({"exec", "eval", "globals", "locals"})
"""Builtins through which names are read and bound unseen."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What something came from.

    Attributes:
        items: Versions and values, each with the cells between, in the order they ran.
        unknown: Names that no recorded cell bound; ``exec()`` and its like for what they hide.
    """

    items: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    def __or__(self, other: Sources) -> Sources:
        return Sources({**self.items, **other.items}, self.unknown | other.unknown)

    def __bool__(self) -> bool:
        return bool(self.items or self.unknown)

    def through(self, cell: str) -> Sources:
        """The same, one cell later."""
        items = {item: (*via, cell) for item, via in self.items.items()}
        return Sources(items, self.unknown)


class Derivations:
    """The sources of one kernel's names.

    The approximation is the cell's: after a cell, each name that it bound or changed depends on
    all that the cell read.

    Attributes:
        held: The version that each name holds, as far as the name itself tells.
    """

    def __init__(self, own: Container[str] = ()) -> None:
        """Know nothing yet.

        Args:
            own: The names that IPython itself keeps, as they are at any time.
        """
        self.held: dict[str, str] = {}
        self._own = own
        self._of: dict[str, Sources] = {}
        self._codes = HeldCode(own)
        self._bound: set[str] = set()
        self._home: str | None = None

    def at(self, home: str) -> Derivations:
        """The same for the catalog in `home`: what came from another's versions is unknown."""
        if self._home not in (None, home):
            self._bound -= self._of.keys()
            self._of.clear()
            self.held.clear()
        self._home = home
        return self

    def hold(self, name: str, item: str) -> None:
        """`name` holds just `item`, with no cell between."""
        self.held[name] = item
        self._of[name] = Sources({item: ()})
        self._codes.drop(name)
        self._bound.add(name)

    def of(
        self,
        reads: Iterable[str],
        namespace: Mapping[str, Any],
        present: Container[str] = (),
        bound: Set[str] = frozenset(),
    ) -> Sources:
        """The sources of what a text reads; code of the notebook's adds its own reads.

        Args:
            reads: The names.
            namespace: The notebook's names.
            present: Those that were there before the text ran.
            bound: Those that it binds itself, as far as it has run; ``*`` for any.
        """
        reached = self._codes.reached(reads, namespace)
        bound = bound | called(reached).writes
        if "*" in bound:
            bound |= namespace.keys()
        return self._of_names(reached, namespace, present, bound)

    def ran(
        self,
        found: Effects,
        items: Iterable[str],
        cell: str,
        namespace: Mapping[str, Any],
        *,
        present: Container[str] = (),
        failed: bool = False,
    ) -> Sources:
        """Take in a cell that has run; what its names came from.

        Args:
            found: What its text does.
            items: What it read and made beside its names.
            cell: What to call the cell.
            namespace: The notebook's names.
            present: Those that were there before it ran.
            failed: Whether it ended before its end; then nothing is sure.
        """
        words = found.words & namespace.keys()
        reached = self._codes.reached(found.reads | words, namespace)
        calls = called(reached)
        bound = found.writes | calls.writes | words
        if "*" in bound:
            bound |= {n for n in [*namespace] if n not in self._bound and n not in self._own}
            bound -= {"*"}
        before = self._of_names(reached, namespace, present, bound)
        sources = Sources({item: (cell,) for item in items}) | before.through(cell)
        self._codes.forget(bound)
        changed = self._codes.changed(found, reached, namespace)
        changed |= self._codes.sharing(changed, found, namespace, codes_only=not sources)
        changed = {name for name in changed if name not in self._own or _is_shown(name)}
        for name in bound | changed:
            anew = name in found.sure and not failed
            if anew:
                self.held.pop(name, None)
            mere = name in found.sourceless and name not in changed | calls.writes
            self._set(name, Sources() if mere else sources, keep=not anew)
        self._codes.learn(bound | changed, namespace)
        self._bound |= bound
        return sources

    def displayed(
        self, count: int, sources: Sources, namespace: Mapping[str, Any], *, once: bool
    ) -> None:
        """A cell showed a value: IPython keeps it, and moves what it kept before.

        Args:
            count: The cell's number.
            sources: Where the value came from.
            namespace: The notebook's names.
            once: Whether that was all that it showed.
        """
        last = [self._of.get(name, Sources()) for name in ("_", "__")]
        for name, held in zip(("_", "__", "___"), (sources, *last), strict=True):
            self._set(name, held if once else sources | held, keep=not once)
        self._set(f"_{count}", sources)
        for name in ("Out", "_oh"):
            self._set(name, sources, keep=True)
        shown = ("_", "__", "___", f"_{count}", "Out", "_oh")
        self._codes.forget(shown)
        self._codes.learn(shown, namespace)

    def _set(self, name: str, sources: Sources, *, keep: bool = False) -> None:
        if keep and name in self._of:
            sources = self._of[name] | sources
        self._of.pop(name, None)
        if sources:
            self._of[name] = sources

    def _of_names(
        self,
        names: Iterable[str],
        namespace: Mapping[str, Any],
        present: Container[str],
        bound: Container[str] = (),
    ) -> Sources:
        sources = Sources()
        for name in names:
            known = name in self._bound or name in self._own
            if name in self._of:
                sources |= self._of[name]
            there = name in present or (name in namespace and name not in bound)
            if name in _UNSEEN and name not in namespace:
                sources |= Sources(unknown=frozenset({f"{name}()"}))
            elif there and not known and _is_data(namespace.get(name), namespace):
                sources |= Sources(unknown=frozenset({name}))
        return sources


def _is_shown(name: str) -> bool:
    """Whether IPython keeps what a cell showed under that name."""
    return name == "Out" or name.startswith("_")


def _is_data(value: Any, namespace: Mapping[str, Any]) -> bool:
    """Whether a value is more than a library's function, class or module."""
    if isinstance(value, ModuleType | BuiltinFunctionType):
        return False
    if isinstance(value, FunctionType | type):
        return getattr(value, "__module__", None) == namespace.get("__name__")
    return True
