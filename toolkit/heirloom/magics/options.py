"""What each magic takes on its line."""

from __future__ import annotations

from heirloom.magics.command import Options

__all__ = ["ALL"]

_FIELDS = "{expr} is filled in from the notebook's names; {{ and }} are braces."


def _artifact() -> Options:
    options = Options(
        "%%artifact",
        "NAME[key=value,...] [--from [x=]REF]... [--card TEXT] [--on [REF]]",
        "Run the cell, and record its last value as the next version of an artifact. The value is\n"
        "that of the last statement: an expression, or the one name that it assigns.\n"
        f"%artifact REF gives the record of a version. {_FIELDS}",
    )
    options.add_argument("name", metavar="NAME", help="what is emitted, all its keys given")
    options.add_argument(
        "--from",
        dest="inputs",
        metavar="[x=]REF",
        action="append",
        default=[],
        help="bind a version's value under the last word of its name, or under x",
    )
    options.add_argument("--card", metavar="TEXT", help="Markdown beside the version")
    options.add_argument(
        "--on",
        nargs="?",
        const="",
        metavar="REF",
        help="run it again whenever what --from names, or REF, has a new version",
    )
    return options


def _card() -> Options:
    options = Options(
        "%%card",
        "[REF]",
        "Render the cell's Markdown, and hold it as the card of the next %%artifact cell that\n"
        f"gives none; with REF, revise the card of that version. {_FIELDS}",
    )
    options.add_argument("ref", nargs="?", metavar="REF", help="a version that exists")
    return options


def _declaring(kind: str, example: str) -> Options:
    return Options(
        f"%%{kind}",
        "NAME(signature) [-> artifact]",
        f"Declare a {kind}: the line is its signature, the cell its body, the last value its\n"
        f"result. Nothing runs; the name is bound. Example: {example}",
    )


def _pull() -> Options:
    options = Options(
        "%pull",
        "REF [--as NAME] [--frame]",
        f"Pull the value of a version: a read, so an edge of this cell. {_FIELDS}",
    )
    options.add_argument("ref", metavar="REF", help="sales, sales[region=emea], sales@7")
    options.add_argument("--as", dest="name", metavar="NAME", help="bind it, and show what it is")
    options.add_argument("--frame", action="store_true", help="as a pandas DataFrame")
    return options


def _artifacts() -> Options:
    return Options(
        "%artifacts",
        "[SEARCH]",
        "Search the catalog, newest first: clauses and words with blanks (and), or, not, ( ).\n"
        "Example: %artifacts kind=model region=emea since=7d",
    )


def _lineage() -> Options:
    options = Options(
        "%lineage",
        "REF [--up N|all] [--down N|all]",
        f"Show what a version came from, and what came of it. {_FIELDS}",
    )
    options.add_argument("ref", metavar="REF", help="sales, sales[region=emea], sales@7")
    options.add_argument("--up", default="1", metavar="N", help="hops to what it came from, or all")
    options.add_argument("--down", default="1", metavar="N", help="hops to what came of it, or all")
    return options


def _trigger() -> Options:
    options = Options(
        "%trigger",
        "[PLAN [on|off|approve]]",
        "List the launch plans with what became of their last events; show one, or switch it.",
    )
    options.add_argument("plan", nargs="?", metavar="PLAN", help="its name")
    options.add_argument(
        "act", nargs="?", choices=("on", "off", "approve"), metavar="on|off|approve"
    )
    return options


def _reactor() -> Options:
    options = Options(
        "%reactor", "[start|stop|status]", "Start, stop or see what runs the events of this home."
    )
    acts = ("start", "stop", "status")
    options.add_argument("act", nargs="?", choices=acts, default="status", metavar="|".join(acts))
    return options


def _heirloom() -> Options:
    return Options("%heirloom", "", "Where this notebook records: home, project, counts, reactor.")


ALL = {
    "artifact": _artifact(),
    "card": _card(),
    "task": _declaring("task", "%%task clean(raw: pd.DataFrame) -> cleaned"),
    "workflow": _declaring(
        "workflow", '%%workflow refresh(raw: pd.DataFrame = sales.query(region="emea"))'
    ),
    "pull": _pull(),
    "artifacts": _artifacts(),
    "lineage": _lineage(),
    "trigger": _trigger(),
    "reactor": _reactor(),
    "heirloom": _heirloom(),
}
"""By the magic's name."""
