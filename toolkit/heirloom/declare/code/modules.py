"""The texts of the user's own modules, and of the modules that these import in turn."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import resolve_name
from types import FunctionType, ModuleType

from heirloom.declare.code.bound import Bound
from heirloom.declare.code.compiled import made_of
from heirloom.declare.code.home import distribution, find, is_local, is_notebook, own_name
from heirloom.declare.code.parsing import parse

__all__ = ["Modules", "attribute_chains", "import_lines", "imported", "parts_used"]


class Modules:
    """What a closure imports: own modules with their text, distributions with their version."""

    def __init__(self, recorded: Mapping[str, str] | None = None) -> None:
        """Start with nothing.

        Args:
            recorded: Texts to use instead of what modules of these names are by now.
        """
        self._recorded = recorded or {}
        self.texts: dict[str, str] = {}
        self.distributions: dict[str, str] = {}

    def follow(self, tree: ast.AST, package: str = "") -> None:
        """Take in what a text imports, wherever in it the import stands.

        Raises:
            Bound: An own module has no text, or not the one that was imported.
        """
        for name in imported(tree, package):
            self._need(name)

    def _need(self, name: str) -> None:
        root = name.partition(".")[0]
        owner = None if root in self._recorded or is_local(root) else distribution(root)
        if owner is not None:
            self.distributions[owner[0]] = owner[1]
        parts = name.split(".")
        for end in range(len(parts)):
            module = ".".join(parts[: end + 1])
            if module not in self.texts:
                self._take(module)

    def _take(self, module: str) -> None:
        if module in self._recorded:
            text = self._recorded[module]
            is_package = any(name.startswith(f"{module}.") for name in self._recorded)
        elif is_local(module) and (spec := find(module)) is not None:
            text = _text(module, spec)
            is_package = spec.submodule_search_locations is not None
        else:
            return
        self.texts[module] = text
        try:
            tree = parse(text)
        except SyntaxError:
            return
        self.follow(tree, module if is_package else module.rpartition(".")[0])


def imported(tree: ast.AST, package: str) -> Iterator[str]:
    """Every dotted name that may be a module, in the order of the text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level
            try:
                base = resolve_name(dots + (node.module or ""), package) if dots else node.module
            except ImportError:
                continue
            if base and base != "__future__" and not is_notebook(base):
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names if alias.name != "*")


def import_lines(module: str, name: str, parts: Collection[str] = ()) -> str:
    """The lines that import a module under a name, and the parts of it that are used."""
    if name == module:
        return "\n".join(f"import {each}" for each in parts or [module])
    lines = [f"import {each} as {name}__{each.rpartition('.')[2]}" for each in parts]
    return "\n".join([*lines, f"import {module} as {name}"])


def parts_used(chains: Iterable[tuple[str, ...]], name: str, module: str) -> list[str]:
    """The submodules, by their dotted names, that texts use as attributes of `name`.

    Args:
        chains: What `attribute_chains` gives of the texts.
        name: The name that is bound to the module.
        module: The module's own dotted name.
    """
    used = set[str]()
    for root, *path in chains:
        for end in range(1, len(path) + 1 if root == name else 0):
            part = ".".join([module, *path[:end]])
            if not isinstance(sys.modules.get(part), ModuleType):
                break
            used.add(own_name(part))
    inner = {part.rpartition(".")[0] for part in used}
    return sorted(used - inner)


def attribute_chains(trees: Iterable[ast.AST]) -> set[tuple[str, ...]]:
    """Every ``name.attribute.attribute`` of some texts, as its parts."""
    chains = set[tuple[str, ...]]()
    for tree in trees:
        for node in ast.walk(tree):
            path, inner = list[str](), node
            while isinstance(inner, ast.Attribute):
                path.insert(0, inner.attr)
                inner = inner.value
            if path and isinstance(inner, ast.Name):
                chains.add((inner.id, *path))
    return chains


def _text(module: str, spec: ModuleSpec) -> str:
    if spec.origin is None:
        return ""  # a package without __init__
    source = getattr(spec.loader, "get_source", lambda _: None)(module)
    if not isinstance(source, str):
        raise Bound(f"module {module!r} has no Python text", "install it as a distribution")
    if _is_stale(module, spec, source):
        raise Bound(f"module {module!r} was edited after it was imported", "import it again")
    return source


def _is_stale(module: str, spec: ModuleSpec, text: str) -> bool:
    """Whether a loaded module's functions are not those of its text."""
    if type(spec.loader) is not SourceFileLoader:
        return False
    held = vars(sys.modules[module]).values() if module in sys.modules else ()
    return any(
        isinstance(value, FunctionType)
        and value.__code__.co_filename == spec.origin
        and value.__module__ == module
        # IPython's autoreload compiles an edited function alone: it begins at line 1 of that.
        and not made_of(value.__code__, text, anywhere=value.__code__.co_firstlineno == 1)
        for value in held
    )
