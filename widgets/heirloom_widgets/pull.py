"""Pull a version into the notebook under a name of the person's choice."""

from __future__ import annotations

import keyword
import sys
import threading
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import traitlets

from heirloom.errors import UserFault
from heirloom.render import Html, size_text
from heirloom_widgets.assets import script, style
from heirloom_widgets.facts import label
from heirloom_widgets.panel import Panel
from heirloom_widgets.preview import preview_html, words
from heirloom_widgets.trouble import complaint
from heirloom_widgets.view import View

__all__ = ["Pull", "PullView", "notebook"]


class PullView(View):
    """The name, the form, and the line that pulls, which is copied or run; see ``pull.js``."""

    _esm = script("copy.js", "pull.js")
    _css = style("panel.css")
    name = traitlets.Unicode("").tag(sync=True)
    frame = traitlets.Bool(False).tag(sync=True)
    code = traitlets.Unicode("").tag(sync=True)
    busy = traitlets.Unicode("").tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    shown = traitlets.Unicode("").tag(sync=True)


class Pull(Panel):
    """A name, a choice, and a line of code with a button that runs just that line.

    The value is pulled on a thread of its own. The read is recorded as any other.
    """

    def __init__(
        self,
        session: Any,
        namespace: Callable[[], MutableMapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(session)
        self.version: Any = None
        self._namespace = namespace or notebook
        self.widget = self.view = PullView()
        self.view.observe(lambda _change: self._write(), ["name", "frame"])
        self.view.answers("pull", lambda _message: self._begin())

    def show(self, version: Any) -> None:
        """Offer `version`."""
        if self.version is not None and version.ref == self.version.ref:
            return
        self.version = version
        self.view.name = version.variable
        self.view.said = self.view.shown = ""
        self.view.frame = False
        self._write()

    def pull(self) -> threading.Thread:
        """Begin to run the line as it stands, whatever is selected or written meanwhile.

        Returns:
            The thread that pulls; `view.said` says what came of it.
        """
        self.view.said = self.view.shown = ""
        self.view.busy = f"Pulling {size_text(self.version.size)}"
        args = (self.version, self.view.name, self._verb, self._ref)
        work = threading.Thread(target=self._work, args=args, name="heirloom-pull", daemon=True)
        work.start()
        return work

    def _begin(self) -> None:
        if not self.view.busy:  # Enter in the line is no button that can be off
            self.pull()

    def _write(self) -> None:
        if self.version is not None:
            self.view.code = f'{self.view.name} = hl.{self._verb}("{self._ref}")'

    @property
    def _verb(self) -> str:
        return "pull_frame" if self.view.frame else "pull"

    @property
    def _ref(self) -> str:
        """The shortest ref that means just this version in this session."""
        ours = self.version.project == self.session.project
        return label(self.version) if ours else str(self.version.ref)

    def _work(self, version: Any, name: str, verb: str, ref: str) -> None:
        view, began = self.view, time.monotonic()
        try:
            space = self._named(name)
            value = getattr(self.session, verb)(ref)
            replaced = f" It replaced the {name} that was there." if name in space else ""
            space[name] = value
            if hasattr(self.session, "bind"):
                self.session.bind(name, version)
            took = time.monotonic() - began
            another = verb == "pull_frame" and version.type_name != "pandas.DataFrame"
            view.shown = preview_html(value) if another else Html("")
            view.failed = False
            view.said = f"{name} is in this notebook: {words(value)}, in {took:.2f} s.{replaced}"
        except Exception as error:  # whatever a payload raises is said here, beside the button
            view.failed = True
            view.said = complaint(error)
        finally:
            view.busy = ""

    def _named(self, name: str) -> MutableMapping[str, Any]:
        if not name.isidentifier() or keyword.iskeyword(name):
            msg = f"{name!r} is no name for a variable. Choose one of letters, digits and '_'."
            raise UserFault(msg)
        return self._namespace()


def notebook() -> MutableMapping[str, Any]:
    """The names of the notebook that this runs in.

    Raises:
        UserFault: It runs in none.
    """
    # Where a notebook runs, IPython is loaded; only the magics' room imports it.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        msg = "There is no notebook here to bind a name in. Call hl.pull(...) instead."
        raise UserFault(msg)
    space: MutableMapping[str, Any] = shell.user_ns
    return space
