"""The code that names of a notebook hold, and whose values a cell changes by it."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import replace
from types import FunctionType
from typing import Any, TypeAlias

from heirloom.declare.effects import Effects, effects_of
from heirloom.engine.holdings import Holding, Holdings

__all__ = ["HeldCode", "Reached", "called"]

Reached: TypeAlias = Mapping[str, Effects | None]
"""Names, and what the code that each holds does when it is called."""


class HeldCode:
    """What calls of the notebook's names do."""

    def __init__(self, own: Container[str]) -> None:
        """Know of no name yet; what is in `own` is IPython's."""
        self._own = own
        self._known: dict[str, Effects | None] = {}
        self._holdings = Holdings()

    def reached(self, reads: Iterable[str], namespace: Mapping[str, Any]) -> Reached:
        """Names, and those that code held by them reads when it is called."""
        reached: dict[str, Effects | None] = {}
        stack = list(reads)
        while stack:
            name = stack.pop()
            if name not in reached:
                reached[name] = code = self._code(name, namespace)
                stack += code.reads if code else ()
        return reached

    def _code(self, name: str, namespace: Mapping[str, Any]) -> Effects | None:
        if name in self._known or name in self._own:
            return self._known.get(name)
        return _code_in(self._holdings.at(name, namespace))

    def learn(self, names: Iterable[str], namespace: Mapping[str, Any]) -> None:
        """Take in what these names hold now."""
        for name in names:
            self._known[name] = _code_in(self._holdings.at(name, namespace))

    def drop(self, name: str) -> None:
        """Know nothing of a name any more: it is looked at when it is read."""
        self._known.pop(name, None)
        self._holdings.forget([name])

    def forget(self, names: Iterable[str]) -> None:
        """What these names hold may have changed."""
        self._holdings.forget(names)

    def changed(self, found: Effects, reached: Reached, namespace: Mapping[str, Any]) -> set[str]:
        """The names of what a cell may have changed in place.

        Args:
            found: What its text does.
            reached: What that reaches.
            namespace: The notebook's names, as the cell left them.
        """
        calls = called(reached)
        changed = set(found.changed | calls.changed)
        if found.takes or calls.takes:
            changed |= found.handed | calls.handed
        # What a call gave may be any part of what its code reads.
        for name in found.changed:
            if (code := reached.get(name)) is not None:
                changed |= code.reads
        changed |= {name for name, code in reached.items() if code and code.keeps}
        self.forget(changed)
        for name in changed & found.through.keys():
            others = found.through[name]
            changed |= {n for n in others if not self._is_told(name, n, namespace)}
        self.forget(changed)
        stored = found.stored | calls.stored
        return {
            name
            for name in changed
            if name in stored or self._can_change(name, reached.get(name), namespace)
        }

    def _is_told(self, name: str, other: str, namespace: Mapping[str, Any]) -> bool:
        """Whether looking tells if two names share anything: they are there, and not too large."""
        return name in namespace and all(
            self._holdings.at(each, namespace).whole for each in (name, other)
        )

    def _can_change(self, name: str, code: Effects | None, namespace: Mapping[str, Any]) -> bool:
        """Whether what a name holds can be changed by other means than a store into it."""
        value = namespace.get(name)
        if isinstance(value, FunctionType):
            return code is not None and code.keeps
        holding = self._holdings.at(name, namespace)
        return bool(holding.objects) or id(value) in holding.definitions

    def sharing(
        self,
        changed: Collection[str],
        found: Effects,
        namespace: Mapping[str, Any],
        *,
        codes_only: bool,
    ) -> set[str]:
        """The other names that hold (a part of) what is held by some.

        Args:
            changed: Those, which a cell has changed.
            found: What the cell's text does.
            namespace: The notebook's names.
            codes_only: That matters only where code is held; else there are none.
        """
        holdings = {name: self._holdings.at(name, namespace) for name in changed}
        if codes_only and not any(each.codes for each in holdings.values()):
            return set()
        touched, flat = set[int](), found.changed - found.deeply
        for name, holding in holdings.items():
            touched.add(id(namespace.get(name)))
            touched |= set() if name in flat else holding.objects
        others = set[str]()
        for name in namespace.keys() - changed:
            holding = self._holdings.at(name, namespace)
            if not touched.isdisjoint(holding.objects | holding.definitions):
                others.add(name)
        self.forget(others)
        return others


def called(reached: Reached) -> Effects:
    """What calls of all the code do together."""
    return _all(reached.values())


def _all(effects: Iterable[Effects | None]) -> Effects:
    merged = Effects()
    for each in effects:
        merged |= each or Effects()
    return merged


def _code_in(found: Holding) -> Effects | None:
    if not found.codes:
        return None
    code = _all(map(effects_of, found.codes))
    return replace(code, keeps=True) if found.opaque else code
