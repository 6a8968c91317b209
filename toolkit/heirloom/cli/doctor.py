"""The verb that looks at the installation and the home."""

from __future__ import annotations

import platform
from argparse import Namespace
from importlib.util import find_spec

from heirloom.cli.answer import Answer
from heirloom.cli.text import facts
from heirloom.session import Session

__all__ = ["doctor"]

_EXTRAS = {
    "frames": ("pandas", "pyarrow", "tabulate"),
    "notebooks": ("nbclient", "nbformat", "ipykernel"),
    "widgets": ("ipywidgets", "anywidget", "pyvis", "jupyterlab", "markdown_it", "nh3"),
    "models": ("sklearn", "skops", "matplotlib", "numpy"),
}


def doctor(session: Session, args: Namespace) -> Answer:
    """Which settings hold, what is installed, and whether anything runs events."""
    settings = session.settings
    status = session.reactor.status()
    told: dict[str, object] = {
        "heirloom": args.version,
        "python": platform.python_version(),
        "home": str(settings.home),
        "writable": not session.read_only,
        "store": settings.store,
        "project": settings.project,
        "user": settings.user,
        "commits": session.catalog.position(),
        "artifacts": len(session.names()),
        "versions": session.search("", limit=1).total,
        "plans": len(session.plans()),
        "reactors": len(status.reactors),
    }
    lacks = {extra: _lacking(modules) for extra, modules in _EXTRAS.items()}
    told |= {f"extra {extra}": _said(missing) for extra, missing in lacks.items()}
    return Answer(told, facts(told))


def _lacking(modules: tuple[str, ...]) -> list[str]:
    return [module for module in modules if find_spec(module) is None]


def _said(missing: list[str]) -> str:
    return f"lacks {', '.join(missing)}" if missing else "installed"
