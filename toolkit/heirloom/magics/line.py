"""The line magics: looks, pulls, switches."""

from __future__ import annotations

import keyword
from importlib.metadata import entry_points
from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from heirloom.errors import DeclarationError, MissingExtra
from heirloom.magics.listing import Listing, overview, triggers
from heirloom.magics.options import ALL
from heirloom.magics.words import said_on
from heirloom.session import current

__all__ = ["LineMagics"]


@magics_class
class LineMagics(Magics):
    """Each is the twin of a function of the front, and returns what that returns."""

    shell: Any

    @no_var_expand
    @line_magic
    def pull(self, line: str) -> Any:
        """Pull a version's value; with ``--as NAME``, bind it."""
        said = said_on("pull", line, self.shell.user_ns)
        if said is None:
            return None
        if said.name and (not said.name.isidentifier() or keyword.iskeyword(said.name)):
            msg = f"--as takes a name; got {said.name!r}."
            raise DeclarationError(msg)
        session = current()
        version = session.get(said.ref)
        value = session.pull_frame(version) if said.frame else session.pull(version)
        if said.name is None:
            return value
        self.shell.user_ns[said.name] = value
        session.bind(said.name, version)
        return None

    @no_var_expand
    @line_magic
    def artifact(self, line: str) -> Any:
        """The record of a version."""
        return current().get(line.strip())

    @no_var_expand
    @line_magic
    def artifacts(self, line: str) -> Any:
        """Search the catalog: the Explorer where panels are, else a table."""
        panel = self._panel("explorer")
        return panel(line.strip()) if panel else current().search(line.strip())

    @no_var_expand
    @line_magic
    def lineage(self, line: str) -> Any:
        """What a version came from and what came of it: the graph, else text."""
        said = said_on("lineage", line, self.shell.user_ns)
        if said is None:
            return None
        up, down = _hops(said.up), _hops(said.down)
        panel = self._panel("graph")
        if panel is not None:
            return panel(said.ref, up=up, down=down)
        return current().lineage(said.ref, up, down)

    @no_var_expand
    @line_magic
    def trigger(self, line: str) -> Any:
        """List the launch plans, or switch one."""
        said = said_on("trigger", line, self.shell.user_ns)
        if said is None:
            return None
        session = current()
        if said.plan is None:
            return triggers(session)
        plan = session.plan(said.plan)
        match said.act:
            case "on":
                return plan.activate()
            case "off":
                return plan.deactivate()
            case "approve":
                return plan.approve()
        return triggers(session, said.plan)

    @no_var_expand
    @line_magic
    def reactor(self, line: str) -> Any:
        """Start, stop or see what runs events."""
        said = said_on("reactor", line, self.shell.user_ns)
        return None if said is None else getattr(current().reactor, said.act)()

    @no_var_expand
    @line_magic
    def heirloom(self, line: str) -> Listing | None:
        """Where this notebook records, and what is there."""
        said = said_on("heirloom", line, self.shell.user_ns)
        return None if said is None else overview(current())

    def _panel(self, name: str) -> Any:
        """A panel's class, in a kernel that has the panels installed."""
        if not hasattr(self.shell, "kernel"):
            return None
        found = next(iter(entry_points(group="heirloom.panels", name=name)), None)
        try:
            return found.load() if found else None
        except (ImportError, MissingExtra):
            return None


for _name in ("pull", "artifacts", "lineage", "trigger", "reactor", "heirloom"):
    getattr(LineMagics, _name).__doc__ = ALL[_name].help()


def _hops(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdigit():
        msg = f"A number of hops, or all; got {text!r}."
        raise DeclarationError(msg)
    return int(text)
