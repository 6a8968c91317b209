"""Whose a module is (Python's, a distribution's, the user's own), and which module gives what."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
import types
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any, TypeAlias

from heirloom.rebuilt import REBUILT

__all__ = [
    "Place",
    "distribution",
    "find",
    "is_local",
    "is_notebook",
    "own_name",
    "place",
    "search",
]

Place: TypeAlias = tuple[str, str]
"""A module and a name in it."""

_OURS = frozenset({"heirloom", "heirloom_widgets"})


def is_notebook(module: object) -> bool:
    """Whether what is defined in that module is told piece by piece instead of imported."""
    if not isinstance(module, str):
        return False
    return module == "__main__" or (module.startswith(REBUILT) and "." not in module)


def own_name(module: str) -> str:
    """The name of a module as text imports it: of one that was rebuilt, without its prefix."""
    return module.partition(".")[2] if module.startswith(REBUILT) else module


def find(module: str) -> ModuleSpec | None:
    """The spec of a module, found without importing anything; `None` if there is no such module."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    if isinstance(spec, ModuleSpec):
        return spec
    parent = module.rpartition(".")[0]
    if not parent:
        return PathFinder.find_spec(module)
    holder = find(parent)
    paths = holder.submodule_search_locations if holder else None
    return PathFinder.find_spec(module, paths) if paths else None


def is_local(module: str) -> bool:
    """Whether a module is the user's own: neither of the standard library nor installed."""
    if module.startswith(REBUILT):
        return not is_notebook(module)
    if module.partition(".")[0] in _OURS or module == "__main__":
        return False
    spec = find(module)
    if spec is None or spec.origin in ("built-in", "frozen"):
        return False
    files = [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())
    return bool(files) and not any(_is_installed(file) for file in files)


def _is_installed(file: str) -> bool:
    path = os.path.realpath(file)
    if {"site-packages", "dist-packages"} & set(path.split(os.sep)):
        return True
    return path.startswith(_installations())


@cache
def _installations() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    roots = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    roots.add(site.getusersitepackages())
    return tuple(os.path.realpath(root) + os.sep for root in sorted(roots))


def place(value: Any) -> Place | None:
    """Where an import gives this very object, by its own account; `None` if nowhere.

    Of an installed package the shortest public path is given: ``pandas.DataFrame``.
    """
    module, name = getattr(value, "__module__", None), _own_name(value)
    if not isinstance(module, str) or is_notebook(module) or not name.isidentifier():
        return None
    for candidate in [module] if is_local(module) else _paths(module):
        if _gives(candidate, name, value):
            return own_name(candidate), name
    return None


def _own_name(value: Any) -> str:
    for key in ("__qualname__", "__name__", "_name"):
        name = getattr(value, key, None)
        if isinstance(name, str):
            return name
    return ""


def _paths(module: str) -> list[str]:
    parts = module.split(".")
    paths = [".".join(parts[: end + 1]) for end in range(len(parts))]
    public = [path for path in paths if not any(part[0] == "_" for part in path.split(".") if part)]
    # `_functools` and the like hand out through the module without the underscore.
    return [*public, module.lstrip("_"), module]


def _gives(module: str, name: str, value: Any) -> bool:
    loaded = sys.modules.get(module)
    try:
        return loaded is not None and getattr(loaded, name) is value
    except Exception:  # a module's __getattr__ is someone else's code
        return False


def search(value: Any, *names: str) -> Place | None:
    """The loaded module that holds this very object under one of the names; `None` if none does."""
    own = getattr(value, "__name__", None)
    known = [*names, _own_name(value), own if isinstance(own, str) else ""]
    for name in filter(str.isidentifier, known):
        holders = [
            module
            for module, loaded in list(sys.modules.items())
            if not is_notebook(module)
            and module != "builtins"
            and getattr(loaded, "__dict__", {}).get(name) is value
        ]
        if holders:
            return own_name(min(holders, key=_obscurity)), name
    # Types of the interpreter bear other names than `types` gives them.
    builtin = isinstance(value, type) and value.__module__ == "builtins"
    named = [name for name, held in vars(types).items() if builtin and held is value]
    return ("types", named[0]) if named else None


def _obscurity(module: str) -> tuple[int, int, str]:
    parts = module.split(".")
    return sum(part.startswith("_") for part in parts), len(parts), module


# Asking which distribution owns a module means reading all of them; these are asked for often.
_NAMED_OTHERWISE = {
    "PIL": "Pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "heirloom": "jupyter-heirloom",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}


@cache
def distribution(root: str) -> Place | None:
    """Which distribution a top-level module comes from, and its version; `None` if from none."""
    from importlib.metadata import PackageNotFoundError, packages_distributions, version

    if root in sys.stdlib_module_names:
        return None
    name = _NAMED_OTHERWISE.get(root, root)
    try:
        return name, version(name)
    except PackageNotFoundError:
        owners = packages_distributions().get(root) if root not in _OURS else None
    return (owners[0], version(owners[0])) if owners else None
