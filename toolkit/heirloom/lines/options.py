"""What each magic takes on its line."""

from __future__ import annotations

from heirloom.engine.switching import MISSED
from heirloom.lines.arguments import FIELDS, Options
from heirloom.lines.cell_options import CELLS

__all__ = ["ALL"]


def _take_ref(options: Options) -> None:
    options.take("ref", offers="ref", metavar="REF", help="sales, sales[region=emea], sales@7")


def _record() -> Options:
    options = Options(
        "%artifact",
        "REF",
        "Show the record of a version, and the cell that made it: which, and whether it has\n"
        f"changed since.\n{FIELDS}",
    )
    _take_ref(options)
    return options


def _pull() -> Options:
    options = Options(
        "%pull",
        "REF [--as NAME] [--frame | --type TYPE] [--to PATH] [--allow-pickle]",
        f"Pull the value of a version: a read, so an edge of this cell.\n{FIELDS}",
    )
    _take_ref(options)
    options.add_argument("--as", dest="name", metavar="NAME", help="bind it, and show what it is")
    options.add_argument("--frame", action="store_true", help="as a pandas DataFrame")
    options.add_argument("--type", metavar="TYPE", help="as another type: arrow, dict, bytes")
    options.add_argument("--to", metavar="PATH", help="copy a file or directory there")
    options.add_argument(
        "--allow-pickle", action="store_true", help="load a pickled value, which runs its code"
    )
    return options


def _artifacts() -> Options:
    return Options(
        "%artifacts",
        "[SEARCH]",
        "Search the catalog, newest first: clauses and words with blanks (and), or, not, ( ).\n"
        f"Example: %artifacts kind=model region=emea since=7d\n{FIELDS}",
    )


def _lineage() -> Options:
    options = Options(
        "%lineage",
        "REF [--up N|all] [--down N|all]",
        f"Show what a version came from, and what came of it.\n{FIELDS}",
    )
    _take_ref(options)
    options.take(
        "--up", offers="hops", default="1", metavar="N", help="hops to what it came from, or all"
    )
    options.take(
        "--down", offers="hops", default="1", metavar="N", help="hops to what came of it, or all"
    )
    return options


def _why() -> Options:
    options = Options(
        "%why",
        "REF [OTHER]",
        "Show what made a version, and how that differs from what made the one before it with the\n"
        f"same partition values; with OTHER, how REF differs from that one.\n{FIELDS}",
    )
    _take_ref(options)
    options.take("other", offers="ref", nargs="?", metavar="OTHER", help="another version")
    return options


def _run_workflow() -> Options:
    options = Options(
        "%run_workflow",
        "NAME [-p NAME=VALUE]... [--from NAME=REF]... [--now] [--locked]",
        "Run a workflow of this notebook, a launch plan, or a notebook by its path. With no\n"
        "values it shows the form: what it takes, and what stands where nothing is given.\n"
        f"{FIELDS}",
    )
    options.take("target", offers="target", metavar="NAME", help="a workflow, a plan, or a path")
    options.take(
        *("-p", "--parameter"),
        offers="input",
        dest="parameters",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="an input: JSON, else a text",
    )
    options.take(
        "--from",
        offers="input=ref",
        dest="versions",
        metavar="NAME=REF",
        action="append",
        default=[],
        help="an input that is a version",
    )
    options.add_argument("--now", action="store_true", help="run it with what the form shows")
    options.add_argument(
        "--locked", action="store_true", help="by the lock beside the notebook, which update moves"
    )
    return options


ACTS = ("on", "off", "approve", "review", "preview", "backfill")


def _trigger() -> Options:
    options = Options(
        "%trigger",
        "[PLAN [off | backfill [--since WHEN] [--where Q]\n"
        "                 | (on [--missed WHICH] | approve | review | preview [--since WHEN])\n"
        "                   [--version N]]]",
        "List the launch plans with what became of their last events; show one, switch it,\n"
        "review and approve its code, see what it would start, now or since a time, or run\n"
        "past versions through it, each that it has no row of.",
    )
    options.take("plan", offers="plan", nargs="?", metavar="PLAN", help="its name")
    options.take("act", offers=ACTS, nargs="?", metavar="|".join(ACTS))
    options.take(
        "--version",
        offers="plan version",
        type=int,
        metavar="N",
        help="of the plan; where not said, on takes the newest, the others the one that is on",
    )
    options.take(
        "--missed",
        offers=MISSED,
        default="none",
        metavar="WHICH",
        help="of what came while it was off, what is run now: none, newest, each",
    )
    options.add_argument("--since", metavar="WHEN", help="a time, or how long ago: 7d")
    options.add_argument("--where", default="", metavar="Q", help="only these: region=emea")
    options.goes_with("--version", "on", "approve", "review", "preview")
    options.goes_with("--missed", "on")
    options.goes_with("--since", "preview", "backfill")
    options.goes_with("--where", "backfill")
    return options


def _reactor() -> Options:
    options = Options(
        "%reactor", "[start|stop|status]", "Start, stop or see what runs the events of this home."
    )
    acts = ("start", "stop", "status")
    metavar = "|".join(acts)
    options.take("act", offers=acts, nargs="?", default="status", metavar=metavar)
    return options


def _heirloom() -> Options:
    options = Options(
        "%heirloom",
        "[update [NOTEBOOK]]",
        "Where this notebook records: home, project, counts, reactor. With update: let the lock\n"
        "beside a notebook, this one if none is named, have what its smart defaults mean now.",
    )
    options.take("act", offers=("update",), nargs="?", metavar="update")
    options.add_argument("notebook", nargs="?", metavar="NOTEBOOK", help="a path: team.ipynb")
    return options


ALL = {
    each.magic: each
    for each in (
        *CELLS,
        _record(),
        _artifacts(),
        _pull(),
        _lineage(),
        _why(),
        _run_workflow(),
        _trigger(),
        _reactor(),
        _heirloom(),
    )
}
"""By the magic, as it is written: ``%%artifact``, ``%pull``."""
