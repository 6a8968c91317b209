"""The words of the command line."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable
from typing import Any

from heirloom.cli import carry, doctor, init, looks, marks, payloads, plans, reactors, runs, upkeep
from heirloom.cli.answer import Answer
from heirloom.cli.readings import count, days, hops, rate, seconds
from heirloom.engine.switching import MISSED
from heirloom.records.payloads import KINDS

__all__ = ["parser"]

_RUN = "an execution's id, as `heirloom executions` lists it, or its first six signs or more"
_PLAN = "a plan's name, as `heirloom plans` lists it"
_PATH = "its path"
_LIMIT = "at most so many; default: 100"
_REF = "an artifact's version: sales, sales@7, 'sales[region=emea]@champion', 'sales?region=emea'"


def parser(version: str) -> ArgumentParser:
    """A parser whose result has the verb's function as `verb`.

    Beside it stand whether the verb only `looks`, and whether it `opens` a session to be given.
    """
    top = ArgumentParser(prog="heirloom", description="Artifacts with their lineage.")
    top.add_argument("--version", action="version", version=f"heirloom {version}")
    top.set_defaults(version=version, opens=False)
    top.set_defaults(verb=lambda _: Answer(None, top.format_help().rstrip(), 2))
    _everywhere(top, json=False, home=None)
    verbs = _Verbs(top)
    _homes(verbs)
    _looks(verbs)
    _payloads(verbs)
    _marks(verbs)
    _runs(verbs)
    _plans(verbs)
    _upkeep(verbs)
    return top


class _Verbs:
    """Verbs as they are added; each takes the options that all take."""

    def __init__(self, top: ArgumentParser) -> None:
        self._verbs = top.add_subparsers(metavar="VERB")

    def add(
        self,
        name: str,
        verb: Callable[..., Answer],
        help: str | None,
        *,
        looks: bool = False,
        opens: bool = True,
    ) -> ArgumentParser:
        """A verb; one without `help` is not listed."""
        listed: dict[str, Any] = {"help": help} if help else {}
        made = self._verbs.add_parser(name, description=help, **listed)
        made.set_defaults(verb=verb, looks=looks, opens=opens)
        _everywhere(made, json=SUPPRESS, home=SUPPRESS)
        return made


def _everywhere(where: ArgumentParser, *, json: Any, home: Any) -> None:
    """``--json`` and ``--home``, before the verb or after it."""
    where.add_argument("--json", action="store_true", default=json, help="answer in JSON")
    where.add_argument("--home", default=home, metavar="DIR", help="else $HEIRLOOM_HOME")


def _homes(verbs: _Verbs) -> None:
    made = verbs.add("init", init.init, "make a home, yours alone or a team's", opens=False)
    made.add_argument("path", nargs="?", metavar="PATH", help="else $HEIRLOOM_HOME")
    made.add_argument("--shared", action="store_true", help="its group may do what you may")
    made.add_argument("--group", metavar="NAME", help="the group of a shared home")
    out = verbs.add("export", carry.carry_out, "the catalog as a file", looks=True)
    out.add_argument("file", nargs="?", metavar="FILE", help="JSON that TinyDB opens")
    out.add_argument("--lines", metavar="DIR", help="JSON lines of each table")
    out.add_argument("--parquet", metavar="DIR", help="a Parquet file of each table")
    out.add_argument("--payloads", action="store_true", help="beside FILE, in FILE.payloads")
    into = verbs.add("import", carry.carry_in, "an export into this home", opens=False)
    into.add_argument("export", metavar="EXPORT", help="what `heirloom export FILE` wrote")
    into.add_argument("--project", metavar="NAME", help="as a new project of a home in use")
    verbs.add(
        "doctor", doctor.doctor, "what is installed, how the home stands, what runs", opens=False
    )


def _looks(verbs: _Verbs) -> None:
    search = verbs.add("search", looks.search, "versions, newest first", looks=True)
    search.add_argument(
        "query", nargs="*", metavar="Q", help="clauses and words: region=emea model"
    )
    search.add_argument("--limit", type=count, default=100, metavar="N", help=_LIMIT)
    show = verbs.add("show", looks.show, "one version, or an HTML page of it", looks=True)
    show.add_argument("ref", metavar="REF", help=_REF)
    show.add_argument("--html", metavar="FILE", help="write a page instead")
    lineage = verbs.add("lineage", looks.lineage, "where a version comes from", looks=True)
    lineage.add_argument("ref", metavar="REF", help=_REF)
    lineage.add_argument("--up", type=hops, default=None, metavar="HOPS", help="default: all")
    lineage.add_argument("--down", type=hops, default=1, metavar="HOPS", help="default: 1")
    lineage.add_argument("--mermaid", action="store_true", help="as Mermaid text")
    why = verbs.add("why", looks.why, "what made a version, beside the one before", looks=True)
    why.add_argument("ref", metavar="REF", help=_REF)
    diff = verbs.add("diff", looks.diff, "how two versions differ", looks=True)
    diff.add_argument("a", metavar="A", help=_REF)
    diff.add_argument("b", metavar="B", help="another, perhaps of another artifact")
    ran = verbs.add("executions", looks.executions, "what ran, newest first", looks=True)
    ran.add_argument("--name", metavar="NAME", help="of the task, workflow or cell that ran")
    ran.add_argument("--state", metavar="STATE", help="only executions in that state")
    ran.add_argument("--plan", metavar="PLAN", help="only what that plan started")
    ran.add_argument("--root", metavar="ID", help="only what is in that run, itself included")
    ran.add_argument("--limit", type=count, default=100, metavar="N", help=_LIMIT)
    log = verbs.add("log", looks.log, "what an execution did", looks=True)
    log.add_argument("id", metavar="ID", help=_RUN)
    log.add_argument("--notebook", metavar="FILE", help="write the notebook as it ran")


def _payloads(verbs: _Verbs) -> None:
    pull = verbs.add("pull", payloads.pull, "the payload of a version")
    pull.add_argument("ref", metavar="REF", help=_REF)
    pull.add_argument("--to", metavar="PATH", help="nothing that exists is overwritten")
    publish = verbs.add("publish", payloads.publish, "a file or directory as a new version")
    publish.add_argument("file", metavar="FILE", help="a path, or with --link a URL too")
    publish.add_argument("ref", metavar="REF", help="'name', 'name[key=value]', 'name?key=value'")
    publish.add_argument("--card", metavar="FILE", help="Markdown beside it; - for standard input")
    publish.add_argument("--kind", choices=KINDS, help="what it is, other than a file")
    publish.add_argument("--link", action="store_true", help="record where it is; copy nothing")
    publish.add_argument(
        "--allow-shared", action="store_true", help="even where the name is another user's"
    )
    publish.add_argument(
        "--force", action="store_true", help="even if it takes more than half of the free disk"
    )
    publish.add_argument("--draft", action="store_true", help="not latest, and it starts nothing")

    stores = verbs.add("stores", payloads.stores, "where the payloads are; with ID PLACE, now")
    stores.add_argument("id", nargs="?", metavar="ID", help="a store that was moved")
    stores.add_argument("place", nargs="?", metavar="PLACE", help="its path or URL now")


def _marks(verbs: _Verbs) -> None:
    history = verbs.add("history", marks.history, "where aliases were, cards, notes", looks=True)
    history.add_argument("ref", metavar="REF", help="a name, or one version of it")
    alias = verbs.add("alias", marks.alias, "let an alias point at a version")
    alias.add_argument("ref", metavar="REF", help=_REF)
    alias.add_argument("alias", metavar="ALIAS", help="a word: champion")
    annotate = verbs.add("annotate", marks.annotate, "revise a version's card, or add a note")
    annotate.add_argument("ref", metavar="REF", help=_REF)
    annotate.add_argument("--card", metavar="FILE", help="Markdown; - for standard input")
    annotate.add_argument("--note", metavar="TEXT", help="added to those that it has")
    yank = verbs.add("yank", marks.yank, "take a version out of latest and of queries")
    yank.add_argument("ref", metavar="REF", help=_REF)
    restore = verbs.add("restore", marks.restore, "take a yank back")
    restore.add_argument("ref", metavar="REF", help="the version: sales@7")
    for verb in (alias, yank, restore):
        verb.add_argument("--reason", default="", metavar="TEXT", help="kept in its history")
    release = verbs.add("release", marks.release, "emit a draft's payload as a new version")
    release.add_argument("ref", metavar="REF", help="the draft: sales@7")


def _runs(verbs: _Verbs) -> None:
    run = verbs.add("run", runs.run, "run a notebook or a launch plan")
    run.add_argument("target", metavar="NOTEBOOK_OR_PLAN", help="a path, or a plan's name")
    _several(run, ("-p", "--parameter"), "parameters", "NAME=VALUE", "JSON, else a string")
    _several(run, ("--from",), "versions", "NAME=REF", "an input from the catalog")
    run.add_argument("--form", action="store_true", help="only show what it takes; run nothing")
    run.add_argument(
        "--locked", action="store_true", help="by the lock beside the notebook, which update moves"
    )
    update = verbs.add("update", runs.update, "move a notebook's lock to what it asks for now")
    update.add_argument("notebook", metavar="NOTEBOOK", help=_PATH)
    update.add_argument("--run", metavar="ID", help="to what that run was given")
    update.add_argument("--dry-run", action="store_true", help="only show what would change")
    module = verbs.add("export-module", runs.export_module, "a notebook as a plain module")
    module.add_argument("notebook", metavar="NOTEBOOK", help=_PATH)
    module.add_argument("-o", "--output", metavar="FILE", help="else it is printed")
    rerun = verbs.add("rerun", runs.rerun, "run recorded code on recorded inputs again")
    rerun.add_argument("id", metavar="ID", help=_RUN)
    rerun.add_argument("--latest", action="store_true", help="ask queries anew")
    _several(rerun, ("-p", "--parameter"), "parameters", "NAME=VALUE", "JSON, else a string")
    _several(rerun, ("--from",), "versions", "NAME=REF", "an input from the catalog")
    rerun.add_argument("--apart", action="store_true", help=SUPPRESS)
    for name, verb, help in (
        ("resume", runs.resume, "run the next attempt of a run that ended badly"),
        ("cancel", runs.cancel, "end a run"),
        ("hold", runs.hold, "keep what is queued from starting"),
        ("start", runs.start, "let what is held, or counted down, start now"),
    ):
        verbs.add(name, verb, help).add_argument("id", metavar="ID", help=_RUN)
    settle = verbs.add("settle", runs.settle, "run what is queued, until nothing moves")
    settle.add_argument("--timeout", type=seconds, metavar="SECONDS", help="wait no longer")
    reactor = verbs.add("reactor", reactors.reactor, "run events until interrupted")
    reactor.add_argument(
        "--status", dest="looks", action="store_true", help="only say who runs what now"
    )
    reactor.add_argument("--workers", type=count, metavar="N", help="processes; default: 2")
    reactor.add_argument(
        "--timeout",
        type=seconds,
        default=30.0,
        metavar="SECONDS",
        help="for what runs when it is stopped; default: 30",
    )
    reactor.add_argument(
        "--log",
        nargs="?",
        const="",
        metavar="FILE",
        help="write what becomes of events, a JSON line each; - for standard output; "
        "default: logs/events.jsonl in the home",
    )
    verbs.add("worker", reactors.worker, None).add_argument("reactor")


def _several(
    where: ArgumentParser, flags: tuple[str, ...], dest: str, metavar: str, help: str
) -> None:
    where.add_argument(*flags, dest=dest, action="append", default=[], metavar=metavar, help=help)


def _plans(verbs: _Verbs) -> None:
    verbs.add("plans", plans.plans, "launch plans", looks=True)
    on = verbs.add("on", plans.on, "activate a plan")
    on.add_argument("plan", metavar="PLAN", help=_PLAN)
    on.add_argument(
        "--version", type=count, dest="plan_version", metavar="N", help="default: the newest"
    )
    on.add_argument(
        "--missed",
        choices=MISSED,
        default="none",
        help="what of the events since it was switched off runs now; default: none",
    )
    off = verbs.add("off", plans.off, "deactivate a plan")
    off.add_argument("plan", metavar="PLAN", help=_PLAN)
    approve = verbs.add("approve", plans.approve, "let your reactors run a plan's code")
    approve.add_argument("plan", metavar="PLAN", help=_PLAN)
    approve.add_argument(
        "--version",
        type=count,
        dest="plan_version",
        metavar="N",
        help="default: the one that is, or would be, active",
    )
    approve.add_argument("--show", action="store_true", help="only show the code, and what differs")
    preview = verbs.add("preview", plans.preview, "what a version would start", looks=True)
    preview.add_argument("of", metavar="REF_OR_PLAN", help="one more of sales; sales@7 once more")
    preview.add_argument("--plan", metavar="PLAN", help="only at that plan, as if it were on")
    preview.add_argument(
        "--version",
        type=count,
        dest="plan_version",
        metavar="N",
        help="the plan's; default: its own",
    )
    preview.add_argument(
        "--since", metavar="WHEN", help="what the plan would have made of all since then: 7d"
    )
    backfill = verbs.add("backfill", plans.backfill, "run past versions through a plan, once")
    backfill.add_argument("plan", metavar="PLAN", help=_PLAN)
    backfill.add_argument("--since", metavar="WHEN", help="only what was recorded since then: 7d")
    backfill.add_argument("--where", default="", metavar="Q", help="only these: region=emea")
    ledger = verbs.add("ledger", plans.ledger, "what became of each event", looks=True)
    ledger.add_argument("plan", nargs="?", metavar="PLAN", help="default: all plans")
    ledger.add_argument("--state", metavar="STATE", help="only rows in that state")
    ledger.add_argument("--ref", metavar="REF", help="only the events of that version")
    ledger.add_argument("--limit", type=count, default=100, metavar="N", help=_LIMIT)


def _upkeep(verbs: _Verbs) -> None:
    verify = verbs.add(
        "verify", upkeep.check, "whether all is what was written; 1 if not", opens=False
    )
    verify.add_argument("--full", action="store_true", help="every line, reference and index row")
    verify.add_argument("--payloads", action="store_true", help="every byte of every payload")
    verify.add_argument("--rate", type=rate, metavar="MB", help="a second at most, for payloads")
    verify.add_argument(
        "--anchor", metavar="ANCHOR", help="that --full gave: nothing before it changed"
    )
    salvage = verbs.add(
        "salvage", upkeep.rescue, "what is intact of a damaged journal", opens=False
    )
    redact = verbs.add("redact", upkeep.redact, "take a value out of the journal, for good")
    redact.add_argument("ref", nargs="?", metavar="REF", help=_REF)
    redact.add_argument(
        "--part", choices=("value", "card", "notes"), default="value", help="of REF; default: value"
    )
    redact.add_argument("--value", metavar="TEXT", help="wherever it stands; - for standard input")
    redact.add_argument("--execution", metavar="ID", help="the run whose parameter goes")
    redact.add_argument("--parameter", metavar="NAME", help="a parameter of --execution")
    redact.add_argument("--why", default="", metavar="TEXT", help="kept in the journal")
    purge = verbs.add("purge", upkeep.purge, "make the journal smaller: what was overtaken goes")
    purge.add_argument(
        "--runs", type=days, metavar="AGE", help="runs that ended longer ago and left nothing: 90d"
    )
    for each in (salvage, redact, purge):
        each.add_argument("--dry-run", action="store_true", help="only say what would be done")
