"""The words of the command line."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any

from heirloom.cli import doctor, looks, payloads, plans, runs
from heirloom.cli.answer import Answer

__all__ = ["parser"]

_REF = "an artifact's version: sales, sales@7, 'sales[region=emea]@champion', 'sales?region=emea'"


def parser(version: str) -> ArgumentParser:
    """A parser whose result has the verb's function as `verb`, and whether it only `looks`."""
    top = ArgumentParser(prog="heirloom", description="Artifacts with their lineage.")
    top.add_argument("--version", action="version", version=f"heirloom {version}")
    top.set_defaults(version=version)
    _everywhere(top, json=False, home=None)
    verbs = _Verbs(top)
    _looks(verbs)
    _payloads(verbs)
    _runs(verbs)
    _plans(verbs)
    verbs.add("doctor", doctor.doctor, "settings, what is installed, what runs", looks=True)
    return top


class _Verbs:
    """Verbs as they are added; each takes the options that all take."""

    def __init__(self, top: ArgumentParser) -> None:
        self._verbs = top.add_subparsers(metavar="VERB", required=True)

    def add(
        self, name: str, verb: Callable[..., Answer], help: str | None, *, looks: bool = False
    ) -> ArgumentParser:
        """A verb; one without `help` is not listed."""
        listed: dict[str, Any] = {"help": help} if help else {}
        made = self._verbs.add_parser(name, description=help, **listed)
        made.set_defaults(verb=verb, looks=looks)
        _everywhere(made, json=SUPPRESS, home=SUPPRESS)
        return made


def _everywhere(where: ArgumentParser, *, json: Any, home: Any) -> None:
    """``--json`` and ``--home``, before the verb or after it."""
    where.add_argument("--json", action="store_true", default=json, help="answer in JSON")
    where.add_argument("--home", default=home, metavar="DIR", help="else $HEIRLOOM_HOME")


def _looks(verbs: _Verbs) -> None:
    search = verbs.add("search", looks.search, "versions, newest first", looks=True)
    search.add_argument(
        "query", nargs="*", metavar="Q", help="clauses and words: region=emea model"
    )
    search.add_argument("--limit", type=_count, default=100)
    show = verbs.add("show", looks.show, "one version, or an HTML page of it", looks=True)
    show.add_argument("ref", metavar="REF", help=_REF)
    show.add_argument("--html", metavar="FILE", help="write a page instead")
    lineage = verbs.add("lineage", looks.lineage, "where a version comes from", looks=True)
    lineage.add_argument("ref", metavar="REF", help=_REF)
    lineage.add_argument("--up", type=_hops, default=None, metavar="HOPS", help="default: all")
    lineage.add_argument("--down", type=_hops, default=1, metavar="HOPS", help="default: 1")
    lineage.add_argument("--mermaid", action="store_true", help="as Mermaid text")
    log = verbs.add("log", looks.log, "what an execution did", looks=True)
    log.add_argument("id", metavar="ID", help="an execution's id, or its first six signs or more")


def _payloads(verbs: _Verbs) -> None:
    pull = verbs.add("pull", payloads.pull, "the payload of a version")
    pull.add_argument("ref", metavar="REF", help=_REF)
    pull.add_argument("--to", metavar="PATH", help="nothing that exists is overwritten")
    publish = verbs.add("publish", payloads.publish, "a file or directory as a new version")
    publish.add_argument("file", metavar="FILE", help="a path, or with --link a URL too")
    publish.add_argument("ref", metavar="REF", help="'name', 'name[key=value]', 'name?key=value'")
    publish.add_argument("--card", metavar="FILE", help="Markdown beside it; - for standard input")
    publish.add_argument("--link", action="store_true", help="record where it is; copy nothing")
    publish.add_argument("--draft", action="store_true", help="not latest, and it starts nothing")


def _runs(verbs: _Verbs) -> None:
    run = verbs.add("run", runs.run, "run a notebook or a launch plan")
    run.add_argument("target", metavar="NOTEBOOK_OR_PLAN")
    _several(run, ("-p", "--parameter"), "parameters", "NAME=VALUE", "JSON, else a string")
    _several(run, ("--from",), "versions", "NAME=REF", "an input from the catalog")
    settle = verbs.add("settle", runs.settle, "run what is queued, until nothing moves")
    settle.add_argument("--timeout", type=_seconds, metavar="SECONDS")
    reactor = verbs.add("reactor", runs.reactor, "run events until interrupted")
    reactor.add_argument("--timeout", type=_seconds, default=30.0, metavar="SECONDS")
    verbs.add("worker", runs.worker, None)


def _several(
    where: ArgumentParser, flags: tuple[str, ...], dest: str, metavar: str, help: str
) -> None:
    where.add_argument(*flags, dest=dest, action="append", default=[], metavar=metavar, help=help)


def _plans(verbs: _Verbs) -> None:
    verbs.add("plans", plans.plans, "launch plans", looks=True)
    on = verbs.add("on", plans.on, "activate a plan")
    on.add_argument("plan", metavar="PLAN")
    on.add_argument("--version", type=_count, dest="plan_version", metavar="N")
    on.add_argument("--missed", choices=("none", "newest", "each"), default="none")
    for name, verb, help in (
        ("off", plans.off, "deactivate a plan"),
        ("approve", plans.approve, "let your reactors run a plan's code"),
    ):
        verbs.add(name, verb, help).add_argument("plan", metavar="PLAN")
    ledger = verbs.add("ledger", plans.ledger, "what became of each event", looks=True)
    ledger.add_argument("plan", nargs="?", metavar="PLAN")
    ledger.add_argument("--limit", type=_count, default=100)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        msg = f"takes a whole number from 1; got {text!r}"
        raise ArgumentTypeError(msg)
    return int(text)


def _hops(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal():
        msg = f"takes a whole number, or all; got {text!r}"
        raise ArgumentTypeError(msg)
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        msg = f"takes seconds; got {text!r}"
        raise ArgumentTypeError(msg)
    return seconds
