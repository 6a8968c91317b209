"""What the code imports, pyproject.toml declares."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = {"heirloom", "heirloom_widgets"}


def _declared() -> set[str]:
    """The distributions of the core and of every extra but `dev`."""
    extras = dict(PROJECT["optional-dependencies"])
    del extras["dev"]
    texts = [*PROJECT["dependencies"], *(text for wishes in extras.values() for text in wishes)]
    return {canonicalize_name(Requirement(text).name) for text in texts}


def _imported() -> Iterator[tuple[str, Path]]:
    """Each top-level module of others that a file imports when it runs, wherever in the file."""
    for source in (*ROOT.glob("toolkit/**/*.py"), *ROOT.glob("widgets/**/*.py")):
        for name in _names(ast.parse(source.read_bytes())):
            top = name.partition(".")[0]
            if top in {"pytest", "hypothesis"} and "testing" in source.parts:
                continue  # a contract runs in the tests of those who bring it
            if top not in OURS | sys.stdlib_module_names:
                yield top, source


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (name.name for name in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
    elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
        for inner in ast.iter_child_nodes(node):
            yield from _names(inner)


def test_every_package_that_the_code_imports_is_declared() -> None:
    """Nothing works only because another package happened to bring its own dependency along."""
    declared, distributions = _declared(), packages_distributions()
    missing = {
        f"{source.relative_to(ROOT)} imports {top}"
        for top, source in _imported()
        if not declared & {canonicalize_name(name) for name in distributions.get(top, [top])}
    }
    assert missing == set()
