"""The cell magics: ``%%artifact``, ``%%card``, ``%%task``, ``%%workflow``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Coroutine
from typing import Any

from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand

from heirloom import render
from heirloom.declare.artifact import Artifact
from heirloom.declare.cell import declaration, define
from heirloom.declare.closure import capture_cell
from heirloom.declare.launch import LaunchPlan
from heirloom.declare.reactive import listening, module_in, reactive_plan, reactive_task
from heirloom.engine.cell_emission import emitting
from heirloom.engine.cell_order import Order, output_of
from heirloom.engine.cells import CellFrame
from heirloom.engine.declaring import as_artifact
from heirloom.engine.frame import current_frame
from heirloom.errors import DeclarationError, did_you_mean
from heirloom.lines.fields import filled
from heirloom.lines.inputs import inputs_of
from heirloom.lines.options import ALL
from heirloom.magics import preview
from heirloom.magics.notice import Notice
from heirloom.magics.running import Prepared, at_once, prepared, show_from
from heirloom.magics.words import card_of, said_on, show, text_on
from heirloom.opening import current
from heirloom.records.refs import Ref
from heirloom.records.versions import Card
from heirloom.session import Session

__all__ = ["CardShown", "CellMagics"]


class CardShown:
    """A card's Markdown as it is shown under its cell; nothing in it runs."""

    def __init__(self, text: str, note: str) -> None:
        self.text = text
        self.note = note

    def __repr__(self) -> str:
        return f"{self.text}\n({self.note})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        html = render.join([render.card_html(self.text), render.line_html([self.note])])
        return {"text/plain": repr(self), "text/html": html}


@magics_class
class CellMagics(Magics):
    """What a cell declares or emits."""

    shell: Any
    held: Card | None = None

    @no_var_expand
    @cell_magic
    def artifact(self, line: str, cell: str) -> Coroutine[Any, Any, None] | None:
        """Run the cell, and record its last value as the next version of an artifact."""
        said = said_on("%%artifact", line, self.shell.user_ns)
        if said is None:
            return None
        session, body = current(), prepared(self.shell, f"%%artifact {line}", cell)
        order = self._order(session, said)
        plan = self._plan(said, order, body.source)
        if said.preview:
            show(preview.made(session, order, plan))
            for started in preview.started(session, order, plan):
                show(started)
            return None
        work = self._emission(session, order, plan, body)
        return work if body.awaits else at_once(work)

    def _order(self, session: Session, said: Namespace) -> Order:
        """What the line says; nothing has run."""
        own = card_of(said.card, self.shell.user_ns)
        output = output_of(
            session.cells,
            Ref.parse(said.name),
            time=said.time,
            card=own,
            format=said.format,
            kind=said.kind,
            draft=said.draft,
            allow_shared=said.allow_shared,
        )
        inputs = inputs_of(said.inputs)
        return Order(output=output, inputs=inputs, card=own or self.held, cache=said.cache)

    async def _emission(
        self, session: Session, order: Order, plan: LaunchPlan | None, body: Prepared
    ) -> None:
        """Run the cell, record it, and show its value with the line under it."""
        names = self.shell.user_ns
        with emitting(session.cells, _frame(), order, body.source, names) as emission:
            names.update(emission.values)
            hit = emission.cached(body.assigned)
            if hit is None:
                value = await body.run()
                body.show(value)
                version = emission.emit(value, body.assigned)
            else:
                version, value = hit
                names.update({body.assigned: value} if body.assigned else {})
                body.show(value)
        also = self._activated(session, plan)
        if hit is not None:
            show(Notice.cached(version, body.unbound(), also))
            return
        self.held = None if order.card is self.held else self.held
        show(Notice.of(session, version, emission.reads, also))

    def _plan(self, said: Namespace, order: Order, source: str) -> LaunchPlan | None:
        """The plan of a reactive cell; what cannot leave this kernel is found before it runs."""
        heard = listening(order.inputs, said.on, said.when)
        if heard is None:
            return None
        names, name = self.shell.user_ns, str(order.output.ref)
        code = capture_cell(source, names, name=name, bound_names=list(order.inputs))
        code.require_portable(f"The reactive cell {name!r}")
        task = reactive_task(order.output, source, names, inputs=order.inputs, cache=order.cache)
        return reactive_plan(name, task, heard)

    def _activated(self, session: Session, plan: LaunchPlan | None) -> str:
        if plan is None:
            return ""
        shown = session.register(plan)
        names = [str(query.ref) for query in plan.trigger.queries] if plan.trigger else []
        on = render.events_of(names, plan.trigger.condition) if plan.trigger else ""
        runs = "runs again" if shown.is_active else "does not run again"
        return f"{runs} on {on}" + (f" ({shown.note})" if shown.note else "")

    @no_var_expand
    @cell_magic
    def card(self, line: str, cell: str) -> CardShown | None:
        """Hold Markdown for the next emission, or revise the card of a version."""
        said = said_on("%%card", line, self.shell.user_ns)
        if said is None:
            return None
        text = filled(cell, self.shell.user_ns)
        if said.ref:
            version = current().annotate(said.ref, card=text)
            return CardShown(text, f"the card of {version.name}@{version.version} from now on")
        self.held = Card(text)
        return CardShown(text, "held for the next %%artifact cell")

    @no_var_expand
    @cell_magic
    def task(self, line: str, cell: str) -> None:
        """Declare a task: the line is its signature, the cell its body."""
        self._declare("task", line, cell)

    @no_var_expand
    @cell_magic
    def workflow(self, line: str, cell: str) -> None:
        """Declare a workflow: the line is its signature, the cell its body."""
        self._declare("workflow", line, cell)

    def _declare(self, kind: str, line: str, cell: str) -> None:
        signature = text_on(f"%%{kind}", line)
        if signature is None:
            return
        names = self.shell.user_ns
        written = declaration(
            kind,
            signature,
            self.shell.transform_cell(cell),
            artifacts=self._declared,
            around=names,
            module=module_in(names),
        )
        label = f"{kind} {written.name}"
        try:
            show(define(written, names, label))
        except NameError as error:
            raise self._unknown(f"%%{label}", error) from error
        except Exception as error:
            show_from(self.shell, error, f"<heirloom {label} ")
            raise

    def _unknown(self, what: str, error: NameError) -> DeclarationError:
        """Why a name of a signature, or of a workflow's body, means nothing."""
        session = current()
        known = [name for name in self.shell.user_ns if not name.startswith("_")]
        near = did_you_mean(error.name or "", [*known, *session.catalog.names("", session.project)])
        msg = f"{what}: {error.name!r} is neither an artifact nor a name of the notebook.{near}"
        return DeclarationError(msg)

    def _declared(self, name: str) -> Artifact | None:
        """The artifact that a name in a signature means: declared ones, then the notebook's."""
        found = current().declaration(name)
        if found is not None:
            return as_artifact(found)
        held = self.shell.user_ns.get(name)
        return held if isinstance(held, Artifact) else None


for _name in CellMagics.magics["cell"]:
    getattr(CellMagics, _name).__doc__ = ALL[f"%%{_name}"].help()


def _frame() -> CellFrame:
    frame = current_frame()
    if not isinstance(frame, CellFrame):
        msg = "%%artifact records a cell of a notebook; in a task, hl.publish(value, name) emits."
        raise DeclarationError(msg)
    return frame
