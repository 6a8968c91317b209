"""Source closures made into code again, in modules that share nothing with the user's own."""

from __future__ import annotations

import ast
import builtins
import importlib.abc
import importlib.util
import itertools
import linecache
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from inspect import CO_COROUTINE
from types import CodeType, ModuleType
from typing import Any

from heirloom.declare.body import split
from heirloom.declare.closure import Closure, Fragment
from heirloom.declare.code.lines import lines_of
from heirloom.declare.code.parsing import parse
from heirloom.errors import DeclarationError
from heirloom.rebuilt import REBUILT

__all__ = ["Cell", "rebuild", "rebuild_entry", "release"]

_LOCK = threading.RLock()
_SERIAL = itertools.count(1)


def rebuild(closure: Closure, *, cached: bool = False) -> ModuleType:
    """A module that holds what the closure tells, executed from its text.

    The module's name is its own and stands in `sys.modules`, so that dataclasses, `inspect` and
    tracebacks work, until `release`. The user's own modules are imported from the recorded text
    under that name: neither the path nor what this process has imported is asked for them. A
    cell's body is not run.

    Args:
        closure: Portable code.
        cached: Whether to give the module that an earlier call with `cached` has made of the same
            digest, state and all, instead of a fresh one.

    Raises:
        NotPortable: The closure is bound to the kernel that recorded it.
        Exception: Whatever the text raises, an import that fails here for one; nothing is left.
    """
    closure.require_portable(f"{closure.kind} {closure.name!r}")
    name = REBUILT + _short(closure)
    if not cached:
        return _built(closure, f"{name}_{next(_SERIAL)}")
    with _LOCK:
        return sys.modules.get(name) or _built(closure, name)


def rebuild_entry(closure: Closure, *, cached: bool = False) -> Any:
    """What the closure was captured from: the task, function or class; a `Cell` for a cell.

    Raises:
        NotPortable: The closure is bound to the kernel that recorded it.
    """
    module = rebuild(closure, cached=cached)
    if closure.kind == "cell":
        return Cell(module, closure)
    return getattr(module, closure.name)


def release(module: ModuleType) -> None:
    """Forget a rebuilt module and the modules it has imported from recorded text."""
    with _LOCK:
        _RECORDED.closures.pop(module.__name__, None)
        for name in list(sys.modules):
            if name == module.__name__ or name.startswith(module.__name__ + "."):
                del sys.modules[name]


class Cell:
    """A cell's body, to be run in its rebuilt module."""

    def __init__(self, module: ModuleType, closure: Closure) -> None:
        """Take the body from the closure; `module` is what the closure was rebuilt into."""
        self.module = module
        source = next(each.source for each in closure.fragments if each.kind == "cell")
        file = _remember(_file(closure, "<cell>"), source)
        self._codes: tuple[CodeType, ...]
        try:
            self._codes = split(source).compiled(file)
        except DeclarationError:
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            self._codes = (compile(source, file, "exec", flags, dont_inherit=True),)

    def __call__(self, **inputs: Any) -> Any:
        """Bind the inputs, run the body, and return its last value; a coroutine if it awaits."""
        vars(self.module).update(inputs)
        if any(code.co_flags & CO_COROUTINE for code in self._codes):
            return self._awaited()
        value = None
        for code in self._codes:
            value = eval(code, vars(self.module))
        return value

    async def _awaited(self) -> Any:
        value = None
        for code in self._codes:
            value = eval(code, vars(self.module))
            if code.co_flags & CO_COROUTINE:
                value = await value
        return value


def _built(closure: Closure, name: str) -> ModuleType:
    module = ModuleType(name, f"Rebuilt from the recorded source of {closure.name!r}.")
    file = _file(closure, closure.name)
    told = [each for each in closure.fragments if each.kind != "cell"]
    _remember(file, "\n\n\n".join(each.source for each in told) + "\n")
    spec = ModuleSpec(name, _RECORDED, origin=file, is_package=True)
    vars(module).update(
        __file__=file,
        __loader__=_RECORDED,
        __spec__=spec,
        __package__=name,
        __path__=[],
        __heirloom_closure__=closure,
        __builtins__=_builtins(name, closure.modules),
    )
    with _LOCK:
        _RECORDED.closures[name] = closure
        sys.modules[name] = module
    try:
        _execute(told, file, vars(module))
    except BaseException as error:
        release(module)
        error.add_note(
            f"while {closure.kind} {closure.name!r} was rebuilt from its recorded source"
        )
        raise
    return module


def _execute(fragments: Sequence[Fragment], file: str, namespace: dict[str, Any]) -> None:
    """Run each fragment under its own ``from __future__`` lines, at its place in the whole text."""
    line = 0
    for fragment in fragments:
        tree = ast.increment_lineno(parse(fragment.source), line)
        exec(compile(tree, file, "exec", dont_inherit=True), namespace)
        line += fragment.source.count("\n") + 3


def _short(closure: Closure) -> str:
    return closure.digest.removeprefix("sha256:")[:12]


def _file(closure: Closure, part: str) -> str:
    """What tracebacks call a text; the same for every module that is rebuilt of one closure."""
    return f"<heirloom {_short(closure)} {part}>"


def _remember(file: str, text: str) -> str:
    linecache.cache[file] = (len(text), None, lines_of(text), file)
    return file


def _builtins(prefix: str, modules: Mapping[str, str]) -> dict[str, Any]:
    """The builtins, with an import that finds recorded modules first, in later calls too."""
    roots = {name.partition(".")[0] for name in modules}

    def import_recorded(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        root = name.partition(".")[0]
        if level or root not in roots:
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        found = builtins.__import__(f"{prefix}.{name}", globals, locals, fromlist or (), 0)
        return found if fromlist else sys.modules[f"{prefix}.{root}"]

    return {**vars(builtins), "__import__": import_recorded} if roots else vars(builtins)


_GIVEN_ON = ("__builtins__", "__heirloom_closure__")
"""What a recorded module has of the rebuilt one: where it imports from, what tells its code."""


class _Recorded(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the modules below a rebuilt module in its closure."""

    def __init__(self) -> None:
        self.closures: dict[str, Closure] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        prefix, _, name = fullname.partition(".")
        closure = self.closures.get(prefix)
        if closure is None or name not in closure.modules:
            return None
        origin = _file(closure, f"{name}.py")
        return ModuleSpec(fullname, self, origin=origin, is_package=self.is_package(fullname))

    def is_package(self, fullname: str) -> bool:
        prefix, _, name = fullname.partition(".")
        return any(other.startswith(f"{name}.") for other in self.closures[prefix].modules)

    def get_source(self, fullname: str) -> str:
        prefix, _, name = fullname.partition(".")
        return self.closures[prefix].modules[name]

    def exec_module(self, module: ModuleType) -> None:
        prefix, _, name = module.__name__.partition(".")
        text = self.get_source(module.__name__)
        module.__file__ = _remember(_file(self.closures[prefix], f"{name}.py"), text)
        rebuilt = vars(sys.modules[prefix])
        vars(module).update({name: rebuilt[name] for name in _GIVEN_ON})
        exec(compile(text, module.__file__, "exec", dont_inherit=True), vars(module))


_RECORDED = _Recorded()
sys.meta_path.append(_RECORDED)
