"""The line magics: looks, pulls, switches."""

from __future__ import annotations

import keyword
import os
from argparse import Namespace
from importlib.metadata import entry_points
from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from heirloom.engine.query_lock import LockMoved
from heirloom.engine.written import inputs_of
from heirloom.errors import DeclarationError, MissingExtra
from heirloom.lines.fields import filled
from heirloom.lines.options import ALL
from heirloom.magics.listing import events, overview, triggers
from heirloom.magics.notice import Notice
from heirloom.magics.targets import named
from heirloom.magics.words import said_on, show, text_on
from heirloom.opening import current
from heirloom.records.versions import ArtifactVersion
from heirloom.render.listing import Listing
from heirloom.session import Session
from heirloom.tracebacks import users_own

__all__ = ["LineMagics"]


@magics_class
class LineMagics(Magics):
    """Each is the twin of a function of the front, and returns what that returns."""

    shell: Any

    @no_var_expand
    @line_magic
    def pull(self, line: str) -> Any:
        """Pull a version's value; with ``--as NAME``, bind it."""
        said = said_on("%pull", line, self.shell.user_ns)
        if said is None:
            return None
        if said.name and (not said.name.isidentifier() or keyword.iskeyword(said.name)):
            msg = f"--as takes a name; got {said.name!r}."
            raise DeclarationError(msg)
        session = current()
        version = session.get(said.ref)
        value = self._pulled(session, version, said)
        if said.name is None:
            return value
        self.shell.user_ns[said.name] = value
        session.bind(said.name, version)
        show(Notice.pulled(version, said.name))
        return None

    def _pulled(self, session: Session, version: ArtifactVersion, said: Namespace) -> Any:
        if not said.frame:
            options = {"as_": said.type, "to": said.to, "allow_pickle": said.allow_pickle}
            return session.pull(version, **options)
        if said.type or said.to or said.allow_pickle:
            msg = "--frame goes without --type, --to and --allow-pickle: it says what comes."
            raise DeclarationError(msg)
        return session.pull_frame(version)

    @no_var_expand
    @line_magic
    def artifact(self, line: str) -> Any:
        """The record of a version, and the cell that made it."""
        said = said_on("%artifact", line, self.shell.user_ns)
        if said is None:
            return None
        session = current()
        version = session.get(said.ref)
        if (cell := session.anchor(version)) is not None:
            show(cell)
        return version

    @no_var_expand
    @line_magic
    def artifacts(self, line: str) -> Any:
        """Search the catalog: the Explorer where panels are, else a table."""
        search = text_on("%artifacts", line)
        if search is None:
            return None
        search, panel = filled(search, self.shell.user_ns), self._panel("explorer")
        return panel(search) if panel else current().search(search)

    @no_var_expand
    @line_magic
    def lineage(self, line: str) -> Any:
        """What a version came from and what came of it: the graph, else text."""
        said = said_on("%lineage", line, self.shell.user_ns)
        if said is None:
            return None
        up, down = _hops(said.up), _hops(said.down)
        panel = self._panel("graph")
        if panel is not None:
            return panel(said.ref, up=up, down=down)
        return current().lineage(said.ref, up, down)

    @no_var_expand
    @line_magic
    def why(self, line: str) -> Any:
        """What made a version, beside the one before it or another."""
        said = said_on("%why", line, self.shell.user_ns)
        if said is None:
            return None
        session = current()
        return session.diff(said.other, said.ref) if said.other else session.why(said.ref)

    @no_var_expand
    @line_magic
    @users_own
    def run_workflow(self, line: str) -> Any:
        """Run a workflow, or show what it takes."""
        said = said_on("%run_workflow", line, self.shell.user_ns)
        if said is None:
            return None
        session = current()
        target = named(said.target, self.shell.user_ns)
        interface = session.targets.find(target).target.interface
        given = inputs_of(session.get, interface, said.parameters, said.versions)
        if interface.inputs and not (given or said.now or said.locked):
            panel = self._panel("launch")
            return panel(target) if panel is not None else session.launch_form(target)
        return session.run(target, given, locked=said.locked)

    @no_var_expand
    @line_magic
    def trigger(self, line: str) -> Any:
        """List the launch plans, or switch one."""
        said = said_on("%trigger", line, self.shell.user_ns)
        if said is None:
            return None
        session = current()
        if said.plan is None:
            return triggers(session)
        plan = session.plan(said.plan)
        match said.act:
            case "on":
                return plan.activate(said.version, missed=said.missed)
            case "off":
                return plan.deactivate()
            case "approve":
                return plan.approve(said.version)
            case "review":
                return plan.review(said.version)
            case "preview":
                return plan.preview(since=said.since, version=said.version)
            case "backfill":
                return plan.backfill(since=said.since, where=said.where)
        return events(session, said.plan)

    @no_var_expand
    @line_magic
    def reactor(self, line: str) -> Any:
        """Start, stop or see what runs events."""
        said = said_on("%reactor", line, self.shell.user_ns)
        return None if said is None else getattr(current().reactor, said.act)()

    @no_var_expand
    @line_magic
    def heirloom(self, line: str) -> Listing | LockMoved | None:
        """Where this notebook records, and what is there; or its lock, moved."""
        said = said_on("%heirloom", line, self.shell.user_ns)
        if said is None:
            return None
        if said.act is None:
            return overview(current())
        own = os.environ.get("JPY_SESSION_NAME") or self.shell.user_ns.get("__vsc_ipynb_file__")
        if not (said.notebook or own):
            msg = "This front end does not tell the notebook's path: %heirloom update PATH."
            raise DeclarationError(msg)
        return current().update_lock(said.notebook or own)

    def _panel(self, name: str) -> Any:
        """A panel's class, in a kernel that has the panels installed."""
        if not hasattr(self.shell, "kernel"):
            return None
        found = next(iter(entry_points(group="heirloom.panels", name=name)), None)
        try:
            return found.load() if found else None
        except (ImportError, MissingExtra):
            return None


for _name in LineMagics.magics["line"]:
    getattr(LineMagics, _name).__doc__ = ALL[f"%{_name}"].help()


def _hops(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal():
        msg = f"A number of hops, or all; got {text!r}."
        raise DeclarationError(msg)
    return int(text)
