"""The verb that looks at the installation and the home, however broken that is."""

from __future__ import annotations

import os
import platform
from argparse import Namespace
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from heirloom.cli.answer import Answer
from heirloom.cli.findings import Finding, findings
from heirloom.cli.text import facts, line
from heirloom.engine.lives import Lives
from heirloom.errors import HeirloomError
from heirloom.opening import connect
from heirloom.session import Session
from heirloom.settings import Settings

__all__ = ["doctor"]

_EXTRAS = {
    "frames": ("pandas", "pyarrow", "tabulate"),
    "notebooks": ("nbclient", "nbformat", "ipykernel"),
    "widgets": ("ipywidgets", "anywidget", "pyvis", "jupyterlab", "markdown_it", "nh3"),
    "models": ("sklearn", "skops", "matplotlib", "numpy"),
}
_LIBRARIES = ("tinydb", "fsspec", "orjson")


def doctor(args: Namespace) -> Answer:
    """What is installed, how the home stands, who is at work, and what to do about it.

    Whatever of the home cannot be opened is a finding, not an end; nothing is made or mended.
    """
    told: dict[str, object] = {"heirloom": args.version, "python": platform.python_version()}
    told |= {library: _version(library) for library in _LIBRARIES}
    found: list[Finding] = []
    try:
        settings = Settings.read(args.home)
    except HeirloomError as error:
        found.append(Finding.of(error))
    else:
        told |= _said_of(settings)
        found += findings(settings)
        told |= _catalog(settings, found)
    lacks = {extra: _lacking(modules) for extra, modules in _EXTRAS.items()}
    told |= {f"extra {extra}": _said(missing) for extra, missing in lacks.items()}
    spoken = [f"! {line(each)}" for each in found] or ["nothing to mend"]
    document = told | {"findings": [{"what": each.what, "do": each.do} for each in found]}
    return Answer(document, "\n".join([facts(told), *spoken]), 1 if found else 0)


def _said_of(settings: Settings) -> dict[str, object]:
    home = settings.home
    journal = home / "journal.jsonl"
    return {
        "home": str(home),
        "writable": os.access(journal if journal.exists() else home, os.W_OK),
        "store": settings.store,
        "project": settings.project,
        "user": settings.user,
        "journal bytes": _size(journal),
        "index bytes": _size(home / "index.sqlite"),
        **_at_work(home),
    }


def _at_work(home: Path) -> dict[str, object]:
    """How many reactors live, and the processes of reactors, workers and sessions."""
    lives = Lives(home, read_only=True)
    names = {kind: lives.names(kind) for kind in ("reactor", "worker", "session")}
    told: dict[str, object] = {"reactors": len(names["reactor"])}
    for kind, living in names.items():
        told[f"{kind} pids"] = " ".join(sorted({name.split("-")[1] for name in living}))
    return told


def _catalog(settings: Settings, found: list[Finding]) -> dict[str, object]:
    """What the catalog holds; what keeps it from being read is a finding."""
    if not (settings.home / "journal.jsonl").exists():
        return {}
    try:
        session = connect(settings.home, read_only=True)
        waits = _waiting(session)
        if waits:
            found.append(waits)
        return {
            "commits": session.catalog.position(),
            "artifacts": len(session.names()),
            "versions": session.search("", limit=1).total,
            "plans": len(session.plans()),
        }
    except HeirloomError as error:
        found.append(Finding.of(error))
        return {}


def _waiting(session: Session) -> Finding | None:
    queued = len(session.executions(state="queued", limit=1000))
    if not queued or session.reactor.runs_anywhere():
        return None
    what = f"{queued} queued executions wait, and nothing runs them."
    return Finding(what, "heirloom reactor, or heirloom settle")


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _lacking(modules: tuple[str, ...]) -> list[str]:
    return [module for module in modules if find_spec(module) is None]


def _said(missing: list[str]) -> str:
    return f"lacks {', '.join(missing)}" if missing else "installed"
