"""A form that starts a workflow, a plan or a notebook, and shows how it goes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from heirloom.errors import UserFault
from heirloom.render import Html, join
from heirloom_widgets.background import Newest
from heirloom_widgets.launch_offers import Offers, offer_row
from heirloom_widgets.launch_rows import field_row
from heirloom_widgets.launch_run import Launched, Open, Select
from heirloom_widgets.launch_targets import offered, target_of
from heirloom_widgets.launch_values import read
from heirloom_widgets.launch_view import CLOSED, LaunchView
from heirloom_widgets.panel import Panel, column
from heirloom_widgets.trouble import complaint
from heirloom_widgets.view import Message

__all__ = ["Launch"]


class Launch(Panel):
    """One control for each input of a target; what is wrong is said before anything starts.

    What a query means now stands in the form, and any version that fits may take its place.
    What is started runs on a thread beside the kernel; its steps show while it lasts, then what
    it made.

    Attributes:
        form: What ``hl.launch_form`` gives; `None` while no target is chosen.
    """

    title = "Launch"

    def __init__(
        self,
        target: Any = None,
        session: Any = None,
        *,
        live: bool = True,
        on_open: Open | None = None,
        on_select: Select | None = None,
    ) -> None:
        """Show the form of `target`; without one, ask which.

        Args:
            target: As of ``hl.launch_form``.
            session: What to run in; by default the current session.
            live: Follow what others write.
            on_open: Shows an execution elsewhere; by default it is shown below the form.
            on_select: Shows a version elsewhere, by its ref; the same.

        Raises:
            TargetNotFound: Nothing of that name can be run.
        """
        super().__init__(session)
        self.form = None if target is None else self.session.launch_form(target)
        self._target = target
        self._offers: Offers | None = None
        self._worker = Newest("heirloom-offers")
        self.view = LaunchView(chooses=target is None)
        self._launched = Launched(self.session, self.view, on_open, on_select)
        self._ends += [self._worker.drop, self._launched.close]
        self._answer()
        self.widget = column(self.view, self._launched.details, name="hl-panel hl-launching")
        self.refresh()
        if live:
            self.live()

    def show(self, version: Any) -> None:
        """Offer what can be run; what has been filled in stays."""
        self.refresh()

    def choose(self, text: str) -> None:
        """Show the form of what the notebook calls by that name, of a plan, or of a path.

        Raises:
            TargetNotFound: There is no such thing; the form stays as it was.
            UserFault: What was started still runs, or nothing is named; the same.
        """
        name = text.strip()
        if not name:
            msg = "Write the name of a plan or of a workflow, or the path of a notebook."
            raise UserFault(msg)
        if self.view.busy:
            msg = "What was started here still runs. Cancel it, or wait for its end."
            raise UserFault(msg)
        target = target_of(name)
        self.form = self.session.launch_form(target)
        self._target, self.view.target = target, name
        self._launched.forget()
        self.offer("")
        self.view.given, self.view.faults = {}, {}
        self._fill()

    def offer(self, name: str) -> None:
        """List what fits an input; an empty name closes the list."""
        self._worker.drop()
        self._offers = Offers(self.form[name]) if name and self.form is not None else None
        self.view.offers = CLOSED
        self.more()

    def more(self) -> None:
        """List a page more."""
        if self._offers is not None:
            self.view.offers = self._offers.told(busy=True)
            self._worker.ask(self._offers.more, self._put)

    def give(self, name: str, ref: Any) -> None:
        """Give an input the version that `ref` means, in place of what stands there.

        What is wrong with it is said at the input.
        """
        try:
            row = offer_row(self.session.get(ref))
        except Exception as error:  # the form lives, whatever a person wrote
            self.view.faults = {**self.view.faults, name: complaint(error)}
            return
        self.view.given = {**self.view.given, name: row}
        self.offer("")

    def launch(self) -> threading.Thread | None:
        """Check what is given and start; where something is wrong, say what and start nothing.

        Returns:
            The thread that runs it, or `None`; `view.said` says what came of it.
        """
        if self.form is None or self.view.busy:
            return None
        inputs, faults = self._inputs()
        if faults:
            self._launched.forget()
            self.view.faults = faults
            self.view.failed = True
            self.view.said = f"Nothing was started: see {', '.join(faults)}."
            return None
        self.view.faults = {}
        return self._launched.start(self._target, self.form, inputs, self.refresh)

    def refresh(self) -> None:
        """Show what the form's queries mean now, and how far the run is."""
        self.view.renew(self._fill)

    def twin(self) -> str:
        """The form, and what is shown below it, as HTML without script."""
        if self.form is None:
            return ""
        shown = (self.form.listing.bundle()["text/html"], self._launched.details.value)
        return join(map(Html, shown))

    def text(self) -> str:
        """The form as a table of text."""
        return repr(self if self.form is None else self.form.listing)

    def subject(self) -> str:
        """What the form starts."""
        return str(self.view.title)

    def _answer(self) -> None:
        answers = self.view.answers
        answers("target", lambda message: self.choose(message["text"]))
        answers("offer", lambda message: self.offer(message["name"]))
        answers("more", lambda _message: self.more())
        answers("give", lambda message: self.give(message["name"], message["ref"]))
        answers("launch", self._start)
        self.view.observe(lambda _change: self.view.attempt(self._check), "given")

    def _start(self, message: Message) -> None:
        # What was typed last may come after the message: a page holds traits back, and no message.
        self.view.given = message.get("given", self.view.given)
        self.launch()

    def _put(self, told: dict[str, Any]) -> None:
        self.view.offers = told

    def _fill(self) -> None:
        if self.view.chooses:
            self.view.targets = offered(self.session)
        if self.form is None:
            return
        self.form = self.session.launch_form(self._target)
        by = f", by plan {self.form.plan}" if self.form.plan else ""
        self.view.title = f"{self.form.kind} {self.form.name}{by}"
        self.view.fields = [field_row(field) for field in self.form.fields]
        self._launched.refresh()

    def _check(self) -> None:
        """Say at each input that is given what is wrong with it."""
        _, faults = self._inputs()
        self.view.faults = {name: said for name, said in faults.items() if name in self.view.given}

    def _inputs(self) -> tuple[dict[str, Any], dict[str, str]]:
        """What to run with, and what is wrong, both by input."""
        inputs: dict[str, Any] = {}
        faults: dict[str, str] = {}
        for field in self.form.fields if self.form is not None else ():
            given = self.view.given.get(field.name)
            if given is None:
                if field.required:
                    faults[field.name] = field.reason or "This must be given."
                continue
            try:
                inputs[field.name] = self._value(field, given)
            except Exception as error:  # all that is wrong is said at once
                faults[field.name] = complaint(error)
        return inputs, faults

    def _value(self, field: Any, given: Mapping[str, Any]) -> Any:
        return self.session.get(given["ref"]) if "ref" in given else read(field, given["text"])
