"""What each magic takes on its line."""

from __future__ import annotations

from heirloom.magics.command import Options

__all__ = ["ALL"]

_FIELDS = "{expr} on the line is filled in from the notebook; {{ and }} are braces."


def _artifact() -> Options:
    options = Options(
        "%%artifact",
        "Run the cell, and record its last value as the next version of an artifact.\n\n"
        "The payload is the last statement's value: an expression, or the one name that it\n"
        "assigns. %artifact REF gives the record of a version.",
        _FIELDS,
    )
    options.add_argument("name", metavar="NAME[key=value,...]", help="what is emitted")
    options.add_argument(
        "--from",
        dest="inputs",
        metavar="[x=]REF",
        action="append",
        default=[],
        help="bind a version's value under the last word of its name, or under x; repeatable",
    )
    options.add_argument("--card", metavar="TEXT", help="Markdown beside the version")
    options.add_argument(
        "--on",
        nargs="?",
        const="",
        metavar="REF",
        help="run the cell again whenever what --from names, or REF, has a new version",
    )
    return options


def _card() -> Options:
    options = Options(
        "%%card",
        "Render the cell's Markdown, {expr} filled in, and hold it as the card of the next\n"
        "%%artifact cell that gives none; with REF, revise the card of that version.",
        _FIELDS,
    )
    options.add_argument("ref", nargs="?", metavar="REF", help="a version that exists")
    return options


def _declaring(kind: str, example: str) -> Options:
    return Options(
        f"%%{kind}",
        f"Declare a {kind}: the line is its signature, the cell its body, the last value its\n"
        "result. Nothing runs; the name is bound.",
        f"Example: {example}",
    )


def _pull() -> Options:
    options = Options("%pull", "Pull a version's value: a read, so an edge of this cell.", _FIELDS)
    options.add_argument("ref", metavar="REF", help="sales, sales[region=emea], sales@7")
    options.add_argument("--as", dest="name", metavar="NAME", help="bind it under this name")
    options.add_argument("--frame", action="store_true", help="as a pandas DataFrame")
    return options


def _artifacts() -> Options:
    options = Options(
        "%artifacts",
        "Search the catalog, newest first: clauses and words joined by blanks, or, not, ( ).",
        "Example: %artifacts kind=model region=emea since=7d",
    )
    options.add_argument("search", nargs="*", metavar="SEARCH")
    return options


def _lineage() -> Options:
    options = Options("%lineage", "Show what a version came from, and what came of it.", _FIELDS)
    options.add_argument("ref", metavar="REF")
    for word, meaning in (("up", "it came from"), ("down", "came of it")):
        options.add_argument(
            f"--{word}", default="1", metavar="N", help=f"hops to what {meaning}; all"
        )
    return options


def _trigger() -> Options:
    options = Options(
        "%trigger",
        "List the launch plans with what became of their events, or switch one.",
        _FIELDS,
    )
    options.add_argument("plan", nargs="?", metavar="PLAN")
    options.add_argument(
        "act", nargs="?", choices=("on", "off", "approve"), metavar="on|off|approve"
    )
    return options


def _reactor() -> Options:
    options = Options("%reactor", "Start, stop or see what runs the events of this home.")
    options.add_argument(
        "act",
        nargs="?",
        default="status",
        choices=("start", "stop", "status"),
        metavar="start|stop|status",
    )
    return options


def _heirloom() -> Options:
    return Options("%heirloom", "Where this notebook records: home, project, counts, reactor.")


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
