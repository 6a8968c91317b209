"""Values as Python expressions: constants, containers and types, and names for all the rest."""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Callable
from typing import Any

from heirloom.declare.code.bound import Bound
from heirloom.declare.code.recipes import Recipe, recipe

__all__ = ["LIMIT", "Expressions", "is_atom"]

LIMIT = 10_000
"""How many characters a constant's expression may have."""

_ATOMS = (type(None), bool, int, str, bytes, types.EllipsisType, types.NotImplementedType)


def is_atom(value: object) -> bool:
    """Whether a value is immutable and plain, so that it matters not which copy one has."""
    return type(value) in (*_ATOMS, float, complex)


class Expressions:
    """Writes values as expressions, and keeps what these need around them."""

    def __init__(self, refer: Callable[[Any], str]) -> None:
        """Start with nothing written.

        Args:
            refer: Gives an expression for a value that has no text of its own (a function, a
                class), or raises `Bound`.
        """
        self._refer = refer
        self._open: dict[int, Any] = {}
        self._length = 0
        self.modules: set[str] = set()
        """What the expressions import, each under its alias."""

    def imports(self) -> list[str]:
        """The import lines that the expressions need, in order of their names."""
        lines = [f"import {module} as {alias(module)}" for module in sorted(self.modules)]
        return [line.removesuffix(" as heirloom") for line in lines]

    def module(self, module: str) -> str:
        """The expression for a module."""
        self.modules.add(module)
        return alias(module)

    def member(self, module: str, name: str) -> str:
        """The expression for a name of a module."""
        return name if module == "builtins" else f"{self.module(module)}.{name}"

    def write(self, value: Any) -> str:
        """An expression that makes a value equal to this one.

        Raises:
            Bound: The value, or one inside it, cannot be written, or it is too large.
        """
        if id(value) in self._open:
            raise Bound("it holds itself", "write it as a function")
        self._open[id(value)] = value
        try:
            text = self._write(value)
        finally:
            del self._open[id(value)]
        self._length += len(text) if is_atom(value) else 1
        if self._length > LIMIT:
            raise _too_large(self._outermost(value))
        return text

    def _outermost(self, value: Any) -> Any:
        """What is being written, of which `value` may be a part."""
        return next(iter(self._open.values()), value)

    def _write(self, value: Any) -> str:
        kind = type(value)
        if kind in _ATOMS:
            return repr(value)
        if kind in (list, tuple, set, frozenset, dict):
            return self._container(value)
        if isinstance(value, enum.Enum):
            return self._enum(value)
        if hasattr(kind, "__heirloom_source__"):
            self.module("heirloom")
            return str(value.__heirloom_source__())
        if kind is typing.ForwardRef:
            return repr(value.__forward_arg__)
        if kind in (types.MethodType, types.BuiltinMethodType):
            return self._method(value)
        if typing.get_origin(value) is not None and not isinstance(value, type):
            return self._alias(value)
        made = recipe(value)
        if made is not None:
            return self.call(made)
        return repr(value) if kind is float else self._refer(value)

    def call(self, made: Recipe) -> str:
        """The expression that follows a recipe."""
        match made.maker:
            case str(path):
                maker = self.member(*path.rsplit(".", 1))
            case cls:
                maker = self.write(cls)
        given = [self.write(value) for value in made.args]
        given += [f"{name}={self.write(value)}" for name, value in made.kwargs.items()]
        return f"{maker}({', '.join(given)})"

    def _container(self, value: Any) -> str:
        if len(value) > LIMIT:
            raise _too_large(self._outermost(value))
        items = self._items(value)
        match value:
            case list():
                return f"[{', '.join(items)}]"
            case tuple():
                return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
            case dict():
                return f"{{{', '.join(items)}}}"
        # The order of a set changes from process to process; that of its text may not.
        inside = f"{{{', '.join(sorted(items))}}}" if items else ""
        return f"frozenset({inside})" if isinstance(value, frozenset) else inside or "set()"

    def _items(self, value: Any) -> list[str]:
        try:
            if isinstance(value, dict):
                return [f"{self.write(k)}: {self.write(v)}" for k, v in value.items()]
            return [self.write(item) for item in value]
        except _Live as bound:
            raise Bound.live(bound.value, holder=self._outermost(value)) from None

    def _method(self, value: Any) -> str:
        """A method of a class or of a constant, or a function that a module gives."""
        if isinstance(value, types.BuiltinMethodType):
            try:
                return self._refer(value)
            except Bound:
                if value.__self__ is None or isinstance(value.__self__, types.ModuleType):
                    raise
        return f"{self.write(value.__self__)}.{value.__name__}"

    def _enum(self, value: enum.Enum) -> str:
        cls = self.write(type(value))
        if value.name in type(value).__members__:
            return f"{cls}.{value.name}"
        return f"{cls}({self.write(value.value)})"

    def _alias(self, value: Any) -> str:
        """A type such as ``list[int]``, ``int | None`` or ``Annotated[int, artifact]``."""
        base, args = typing.get_origin(value), typing.get_args(value)
        own = getattr(value, "_name", None) or ""
        if base in (typing.Union, types.UnionType):
            head = self.member("typing", "Union")
        elif base in (typing.Annotated, typing.Literal):
            head = self.member("typing", "Annotated" if base is typing.Annotated else "Literal")
        elif getattr(getattr(typing, own, None), "__origin__", None) is base:
            head = self.member("typing", own)
        else:
            head = self.write(base)
        inside = ", ".join("None" if each is type(None) else self.write(each) for each in args)
        return f"{head}[{inside}]" if args else head


class _Live(Bound):
    """A value that nothing can write; kept so that a container can say what it holds."""

    def __init__(self, value: Any) -> None:
        live = Bound.live(value)
        super().__init__(live.reason, live.mend)
        self.value = value


def live(value: Any) -> Bound:
    """The reason why a value that nothing can write binds."""
    return _Live(value)


def alias(module: str) -> str:
    """The name under which an expression imports a module; heirloom's own is as it is."""
    return module if module == "heirloom" else "_" + module.replace(".", "_")


def _too_large(value: Any) -> Bound:
    size = f" of {len(value):,} items" if hasattr(value, "__len__") else ""
    reason = (
        f"it is a {type(value).__name__}{size}, and a constant has {LIMIT:,} characters at most"
    )
    return Bound(reason)
