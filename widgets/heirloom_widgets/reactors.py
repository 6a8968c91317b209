"""What runs events in this home, and the buttons that start and stop this kernel's part of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from heirloom_widgets.assets import script, style
from heirloom_widgets.background import Newest
from heirloom_widgets.panel import Panel
from heirloom_widgets.trouble import complaint
from heirloom_widgets.view import View

__all__ = ["Reactors"]


class ReactorView(View):
    """A line on who runs events, with a button, and the processes; see ``reactors.js``."""

    _esm = script("reactors.js")
    _css = style("panel.css", "triggers.css")
    status = traitlets.Unicode("").tag(sync=True)
    here = traitlets.Bool(False).tag(sync=True)
    running = traitlets.Bool(False).tag(sync=True)
    headers: traitlets.List[str] = traitlets.List([]).tag(sync=True)
    processes: traitlets.List[list[str]] = traitlets.List([]).tag(sync=True)
    busy = traitlets.Unicode("").tag(sync=True)


class Reactors(Panel):
    """The reactors of the home, and this kernel's own to start and stop, beside the kernel."""

    def __init__(self, session: Any, on_done: Callable[[], None]) -> None:
        super().__init__(session)
        self._on_done = on_done
        self._worker = Newest("heirloom-reactors")
        self._ends.append(self._worker.drop)
        self.widget = self.view = ReactorView()
        self.view.answers("start", lambda _message: self.start())
        self.view.answers("stop", lambda _message: self.stop())

    def start(self) -> None:
        """Start this kernel's reactor."""
        self._do("Starting", self.session.reactor.start)

    def stop(self) -> None:
        """Stop this kernel's reactor: its workers finish what they run."""
        self._do("Stopping: workers finish what they run", self.session.reactor.stop)

    def refresh(self) -> None:
        """Show who runs events now."""
        status = self.session.reactor.status()
        listing = status.listing()
        view = self.view
        view.here, view.running = status.here, status.running
        view.status = listing.title
        view.headers = list(listing.headers)
        view.processes = [list(map(str, row)) for row in listing.rows]

    def _do(self, busy: str, act: Callable[[], Any]) -> None:
        self.view.busy = busy
        self._worker.ask(lambda: _told(act), self._done)

    def _done(self, trouble: str) -> None:
        self.view.busy = ""
        self._on_done()
        if trouble:
            self.view.tell(trouble)


def _told(act: Callable[[], Any]) -> str:
    try:
        act()
    except Exception as error:  # a worker that cannot be started is said beside the button
        return complaint(error)
    return ""
