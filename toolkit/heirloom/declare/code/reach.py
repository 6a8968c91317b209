"""What a piece of code reaches: its names, the names of what these stand for, and so on."""

from __future__ import annotations

import typing
from collections.abc import Collection, Mapping
from types import ModuleType
from typing import Any

from heirloom.declare.code.bound import Bound
from heirloom.declare.code.classes import of_class
from heirloom.declare.code.definition import tell
from heirloom.declare.code.expression import Expressions, is_atom, live
from heirloom.declare.code.fragment import Fragment, Needs, in_order, too_early
from heirloom.declare.code.home import is_notebook, own_name, place, search
from heirloom.declare.code.modules import Modules, attribute_chains, import_lines, parts_used
from heirloom.declare.code.origin import Raw, is_own, origin
from heirloom.declare.code.parsing import parse
from heirloom.declare.code.recipes import Recipe, named_tuple
from heirloom.declare.code.worklist import Worklist
from heirloom.records.secrets import secret_of

__all__ = ["Reach"]

_KINDS = {"Task": "task", "Workflow": "workflow", "type": "class", "EnumType": "class"}


class Reach(Worklist):
    """Captures values as fragments that bind them anew."""

    def __init__(self, home: Mapping[str, Any], given: Collection[str] = ()) -> None:
        """Start with nothing.

        Args:
            home: The names around what is captured.
            given: Names that are bound from outside and are not captured.
        """
        super().__init__(given)
        # What was rebuilt is told from what was recorded, not from modules that are there by now.
        closure = home.get("__heirloom_closure__")
        self.modules = Modules(getattr(closure, "modules", None))
        self._told: dict[int, str] = {}
        self._owners: dict[str, str] = {}

    def finished(self, last: str) -> tuple[Fragment, ...]:
        """The fragments in an order that executes, once their imports have been followed."""
        if self.culprit is None:
            self.drop_broken()
        trees = {name: parse(each.source) for name, each in self.fragments.items()}
        chains = attribute_chains(trees.values())
        for name, value in self.values.items():
            if isinstance(value, ModuleType) and name in trees:
                parts = parts_used(chains, name, value.__name__)
                self.put(name, import_lines(own_name(value.__name__), name, parts), "import")
                trees[name] = parse(self.fragments[name].source)
        for name, tree in trees.items():
            try:
                self.modules.follow(tree)
            except Bound as bound:
                self.fail(name, bound)
        needs = {name: each.renamed(self._owners) for name, each in self.needs.items()}
        ordered = in_order(self.fragments, needs, last)
        early = too_early(ordered, needs)
        if early is not None:
            self.fail(early, Bound.circle())
        return ordered

    def capture(self, name: str, value: Any, home: Mapping[str, Any]) -> None:
        """Put the fragment that binds `name` to `value`, or raise `Bound`."""
        there = None if isinstance(value, ModuleType) else place(value)
        if isinstance(value, ModuleType):
            if is_notebook(value.__name__):
                raise Bound("it is this notebook itself", "name what it holds")
            self.put(name, import_lines(own_name(value.__name__), name), "import")
        elif there is not None:
            self._import(name, *there)
        elif id(value) in self._told:
            self._same(name, self._told[id(value)])
        elif (owner := _owner(value, home)) is not None:
            self.take(owner, home[owner], home, name)
            self.put(name, f"{name} = {value.__qualname__}", "function", Needs(frozenset((owner,))))
        else:
            try:
                if not self._define(name, value, home):
                    self._express(name, value, home)
            except Bound:
                there = search(value, name)
                if there is None:
                    raise
                self._import(name, *there)

    def _import(self, name: str, module: str, attribute: str) -> None:
        renamed = "" if name == attribute else f" as {name}"
        self.put(name, f"from {module} import {attribute}{renamed}", "import")

    def _same(self, name: str, other: str) -> None:
        kind = _KINDS.get(type(self.values.get(other)).__name__, "function")
        self.put(name, f"{name} = {other}", kind, Needs(now=frozenset((other,))))

    def _define(self, name: str, value: Any, home: Mapping[str, Any]) -> bool:
        """Whether `value` is a definition of the user's, told by its text."""
        if typing.get_origin(value) is not None:
            return False
        if not callable(value) and not isinstance(value, classmethod | property):
            return False
        raw = origin(value, name)
        if raw is None:
            if hasattr(type(value), "__heirloom_function__"):
                raise Bound("it was made by a call", "declare it with the decorator")
            return False
        own = raw.__name__
        if own != name and home.get(own) is value:
            self.take(own, value, home, name)
            self._same(name, own)
            return True
        if isinstance(raw, type) and named_tuple(raw) and not _has_text(raw):
            return False
        told = tell(self, name, value, raw, home)
        self.resolve(told.names, told.home, told.own, name)
        for member, held in told.members.items():
            self._owners[member] = name
            self._told[id(held)] = self.names[id(held)] = member
        now = told.names.now - told.own | told.uses
        later = (told.names.reads | told.names.hints) - told.own
        self.put(name, told.text, _KINDS.get(type(value).__name__, "function"), Needs(now, later))
        self._told[id(value)] = name
        return True

    def _express(self, name: str, value: Any, home: Mapping[str, Any]) -> None:
        if (why := secret_of(name, value)) is not None:
            raise Bound.secret(name, why)
        writer, uses = self.expressions(name, home)
        made = named_tuple(value) if isinstance(value, type) else None
        if type(value) is object and search(value, name) is None:
            made = Recipe("builtins.object")  # it stands for nothing but itself
        text = writer.call(made) if made else writer.write(value)
        source = "\n".join([*writer.imports(), f"{name} = {text}"])
        kind = "artifact" if hasattr(type(value), "__heirloom_source__") else "constant"
        self.put(name, source, kind, Needs(now=frozenset(uses)))
        if not is_atom(value):
            self._told[id(value)] = name

    def expressions(self, owner: str, home: Mapping[str, Any]) -> tuple[Expressions, set[str]]:
        """A writer of values found in `home`, and the set that it fills with the names it uses."""
        uses = set[str]()

        def refer(value: Any) -> str:
            if isinstance(value, ModuleType) and not is_notebook(value.__name__):
                return writer.module(own_name(value.__name__))
            name = self.names.get(id(value))
            name = None if name == owner else name
            there = place(value) if name is None else None
            if name is None and there is None and not _is_definition(value):
                there = search(value)
                if there is None:
                    raise live(value)
            if there is not None:
                return writer.member(*there)
            name = name or self._named(value, owner, home)
            if name == owner:
                raise live(value)
            uses.add(name)
            return name

        writer = Expressions(refer)
        return writer, uses

    def _named(self, value: Any, owner: str, home: Mapping[str, Any]) -> str:
        """The name under which a definition is taken: its own if it bears that, else a new one."""
        own = str(getattr(value, "__name__", "made"))
        name = own
        if home.get(own) is not value:
            name = f"{owner}__{own.strip('<>')}"
            while name in self.values or home.get(name, value) is not value:
                name += "_"
            self.calls[name] = own
        self.take(name, value, home, owner)
        return name


def _is_definition(value: Any) -> bool:
    if isinstance(value, Raw):
        return is_own(value)
    return hasattr(type(value), "__heirloom_function__") or hasattr(value, "__wrapped__")


def _owner(value: Any, home: Mapping[str, Any]) -> str | None:
    """The class of `home` through which a function or class is reached by its qualified name."""
    root, *path = str(getattr(value, "__qualname__", "")).split(".")
    held = home.get(root)
    for part in path:
        held = getattr(held, part, None)
    return root if path and held is value else None


def _has_text(cls: type) -> bool:
    try:
        return bool(of_class(cls).text)
    except Bound:
        return False
