"""What each cell magic takes on its line."""

from __future__ import annotations

from heirloom.declare.trigger import WHENS
from heirloom.lines.arguments import FIELDS, Options
from heirloom.records.payloads import KINDS

__all__ = ["CELLS"]


def _artifact() -> Options:
    options = Options(
        "%%artifact",
        "NAME[key=value,...] [--from [x=]REF]... [--on [REF] [--when WHEN]] [--card CARD]\n"
        "    [--time TIME] [--format F] [--kind KIND] [--draft] [--cache] [--preview] "
        "[--allow-shared]",
        "Run the cell, and record its last value as the next version of an artifact. The value is\n"
        "that of the last statement: an expression, or the one name that it assigns.\n"
        f"{FIELDS}",
    )
    options.take("name", offers="name", metavar="NAME", help="what is emitted, all its keys given")
    options.take(
        "--from",
        offers="x=ref",
        dest="inputs",
        metavar="[x=]REF",
        action="append",
        default=[],
        help="bind a version's value under the last word of its name, or under x",
    )
    options.take(
        "--card",
        offers="card",
        metavar="CARD",
        help="Markdown, a file.md of it, or the name of a card or text",
    )
    options.add_argument("--time", metavar="TIME", help="the time partition: 2026-01-31")
    options.take(
        "--format", offers="format", metavar="F", help="a codec other than the type's own: arrow"
    )
    options.take("--kind", offers=KINDS, metavar="KIND", help="what it is, other than by its type")
    options.add_argument(
        "--draft", action="store_true", help="never latest, and fires nothing until released"
    )
    options.add_argument(
        "--cache", action="store_true", help="reuse what the same code made of the same inputs"
    )
    options.take(
        "--on",
        offers="ref",
        nargs="?",
        const="",
        metavar="REF",
        help="run it again whenever what --from names, or REF, has a new version",
    )
    options.take(
        "--when",
        offers=WHENS,
        metavar="WHEN",
        help="what --on waits for: any new version, or a change (of content; where not said)",
    )
    options.add_argument(
        "--preview", action="store_true", help="show what it would make and start; run nothing"
    )
    options.add_argument(
        "--allow-shared", action="store_true", help="emit under a name that is another user's"
    )
    return options


def _card() -> Options:
    options = Options(
        "%%card",
        "[REF]",
        "Render the cell's Markdown, and hold it as the card of the next %%artifact cell that\n"
        f"gives none; with REF, revise the card of that version.\n{FIELDS}",
    )
    options.take("ref", offers="ref", nargs="?", metavar="REF", help="a version that exists")
    return options


def _declaring(kind: str, example: str) -> Options:
    return Options(
        f"%%{kind}",
        "NAME(signature) [-> artifact]",
        f"Declare a {kind}: the line is its signature, the cell its body, the last value its\n"
        f"result. Nothing runs; the name is bound. Example: {example}",
    )


CELLS = (
    _artifact(),
    _card(),
    _declaring("task", "%%task clean(raw: pd.DataFrame) -> cleaned"),
    _declaring("workflow", '%%workflow refresh(raw: pd.DataFrame = sales.query(region="emea"))'),
)
"""The cell magics."""
