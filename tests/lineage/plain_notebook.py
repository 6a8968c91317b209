"""A notebook without IPython and without a catalog: what has its cells run, and their tracer."""

from __future__ import annotations

import ast
import asyncio
import builtins
import inspect
import itertools
import linecache
from contextlib import suppress
from typing import Any

from marked import Marked

from heirloom.declare.effects import effects
from heirloom.engine.derivations import Derivations, Sources

__all__ = ["PlainNotebook"]

_serial = itertools.count(1)


class PlainNotebook:
    """Runs cells in names of its own; `s` and `t` come from two sources."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        self.derivations = Derivations({"__name__", "__builtins__"})
        for name in ("s", "t"):
            self.names[name] = Marked(name)
            self.derivations.hold(name, name)

    def run(self, text: str) -> None:
        """Run a cell; an error ends it."""
        present, failed = frozenset(self.names), True
        with suppress(Exception):
            self._execute(text, "exec")
            failed = False
        self.derivations.ran(effects(text), (), "cell", self.names, present=present, failed=failed)

    def value(self, text: str) -> tuple[Any, Sources]:
        """What an expression gives, and what it is traced to."""
        traced = self.derivations.of(effects(text).reads, self.names, frozenset(self.names))
        return self._execute(text, "eval"), traced

    def _execute(self, text: str, mode: str) -> Any:
        file = f"<cell {next(_serial)}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        code = compile(text, file, mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        value = eval(code, self.names)
        if code.co_flags & inspect.CO_COROUTINE:
            return asyncio.run(value)
        return value
