"""What the site takes from the code: ``{verbs}`` is the reference of the command line."""

from __future__ import annotations

from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from heirloom import __version__
from heirloom.cli.parser import parser

__all__ = ["Verbs", "setup", "verbs"]


class Verbs(SphinxDirective):
    """A section for each verb: its usage, what it does, its arguments and options."""

    def run(self) -> list[nodes.Node]:
        """Parse the Markdown of all sections where the directive stands."""
        text = "\n".join(_section(verb) for verb in verbs().values())
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def verbs() -> dict[str, ArgumentParser]:
    """The verbs that the command line lists, by name."""
    top = parser(__version__)
    made = next(action for action in top._actions if action.dest == "==SUPPRESS==")
    choices: dict[str, ArgumentParser] = dict(made.choices or {})  # type: ignore[arg-type]
    return {name: verb for name, verb in choices.items() if verb.description}


def _section(verb: ArgumentParser) -> str:
    usage = verb.format_usage().rstrip()
    name = verb.prog.removeprefix("heirloom ")
    lines = [
        f"## `{name}`",
        "",
        f"{_sentence(verb.description or '')}",
        "",
        "```text",
        usage,
        "```",
    ]
    rows = [f"| {_spelling(action)} | {_help(action)} |" for action in _shown(verb)]
    table = ["", "| argument | is |", "|---|---|", *rows] if rows else []
    return "\n".join([*lines, *table, ""])


def _shown(verb: ArgumentParser) -> Iterator[Action]:
    """What is the verb's own: what all take is said once, above."""
    everywhere = {"help", "json", "home"}
    return (a for a in verb._actions if a.dest not in everywhere and a.help != SUPPRESS)


def _spelling(action: Action) -> str:
    value = "" if action.nargs == 0 else str(action.metavar or "")
    if not value and action.choices:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    if not value and action.nargs != 0:
        value = action.dest.upper()
    if not action.option_strings:
        return f"`{value}`"
    optional = action.nargs == "?"
    shown = f" [{value}]" if optional else f" {value}" if value else ""
    return ", ".join(f"`{flag}{shown}`" for flag in action.option_strings)


def _help(action: Action) -> str:
    return (action.help or "").replace("|", "\\|").replace("$", "\\$")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _bare(
    _: Sphinx, what: str, name: str, of: object, options: object, signature: str | None, __: str
) -> tuple[str, str] | None:
    """An error is caught, not made: how it is made says nothing to who reads of it."""
    return ("", "") if what == "exception" and signature else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Make what is here known to Sphinx."""
    app.add_directive("verbs", Verbs)
    app.connect("autodoc-process-signature", _bare)
    return {"parallel_read_safe": True}
