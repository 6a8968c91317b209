"""Pull a version into the notebook under a name of the person's choice."""

from __future__ import annotations

import keyword
import re
import sys
import threading
from collections.abc import Callable, MutableMapping
from typing import Any

import ipywidgets as W

from heirloom.errors import UserFault
from heirloom.render import Html, block, code, escape, table
from heirloom_widgets.panel import Panel, column, row
from heirloom_widgets.view import complaint

__all__ = ["Pull", "preview_html"]

ITSELF, FRAME = "as itself", "as DataFrame"


class Pull(Panel):
    """A name, a choice and a button; the value is pulled on a thread of its own.

    The read is recorded as any other, and the line that was run is shown.
    """

    def __init__(
        self,
        session: Any,
        namespace: Callable[[], MutableMapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(session)
        self.version: Any = None
        self._namespace = namespace or notebook
        self.name = W.Text(description="name", layout={"width": "220px"})
        self.how = W.ToggleButtons(options=[ITSELF, FRAME])
        self.button = W.Button(description="Pull", icon="download", button_style="primary")
        self.said = W.HTML()
        self.button.on_click(lambda _button: self.pull())
        self.widget = column(
            row(self.name, self.how, self.button, name="hl-pullbar"), self.said, name="hl-pull"
        )

    def show(self, version: Any) -> None:
        """Offer `version`."""
        if self.version is not None and version.ref == self.version.ref:
            return
        self.version = version
        self.name.value = re.sub(r"\W", "_", version.name.rpartition("/")[2])
        self.said.value = ""

    def pull(self) -> threading.Thread:
        """Begin to pull what is offered.

        Returns:
            The thread that pulls; `said` shows what came of it.
        """
        self.button.disabled = True
        self.said.value = escape("Pulling …")
        work = threading.Thread(target=self._work, name="heirloom-pull", daemon=True)
        work.start()
        return work

    def _work(self) -> None:
        version, name, frame = self.version, self.name.value.strip(), self.how.value == FRAME
        try:
            space = self._named(name)
            pull = self.session.pull_frame if frame else self.session.pull
            value = pull(version.ref)
            replaced = f" It replaced the {name} that was there." if name in space else ""
            space[name] = value
            if hasattr(self.session, "bind"):
                self.session.bind(name, version)
            verb = "pull_frame" if frame else "pull"
            ran = f'{name} = hl.{verb}("{version.ref}")'
            self.said.value = Html(code(ran) + escape(replaced) + preview_html(value))
        except Exception as error:  # whatever a payload raises is shown here, beside the button
            self.said.value = block("hl-trouble", complaint(error))
        finally:
            self.button.disabled = False

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


def preview_html(value: Any) -> Html:
    """The first of what was pulled: a frame's head, or the beginning of its text."""
    if hasattr(value, "head") and hasattr(value, "columns"):
        head = value.iloc[:5, :8]
        rows = [[str(i), *map(str, row)] for i, row in zip(head.index, head.values, strict=True)]
        size = f"{len(value):,} rows of {len(value.columns):,} columns"
        shown = table(rows, ("", *map(str, head.columns)))
        return block("hl-preview", shown, block("hl-sub", size))
    text = value if isinstance(value, str) else repr(value)
    return code(text[:2000] + ("…" if len(text) > 2000 else ""))
