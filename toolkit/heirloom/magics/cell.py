"""The cell magics: ``%%artifact``, ``%%card``, ``%%task``, ``%%workflow``."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand

import heirloom
from heirloom import render
from heirloom.declare.artifact import Artifact
from heirloom.declare.cell import declaration, define, reactive
from heirloom.declare.closure import capture_cell
from heirloom.declare.launch import LaunchPlan
from heirloom.declare.reactive import reactive_plan
from heirloom.engine.cell_emission import Order, artifact_of, emitting
from heirloom.engine.cells import CellFrame
from heirloom.engine.frame import current_frame
from heirloom.errors import DeclarationError
from heirloom.magics.fields import filled
from heirloom.magics.notice import Notice
from heirloom.magics.options import ALL
from heirloom.magics.running import Prepared, at_once, prepared
from heirloom.magics.words import inputs_of, said_on, show
from heirloom.records.refs import Ref
from heirloom.records.versions import Card
from heirloom.session import Session, current

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
        said = said_on("artifact", line, self.shell.user_ns)
        if said is None:
            return None
        session, ref = current(), Ref.parse(said.name)
        body = prepared(self.shell, f"%%artifact {line}", cell)
        artifact, partitions = artifact_of(session.cells, ref)
        own = None if said.card is None else Card(said.card)
        order = Order(
            artifact=artifact,
            partitions=partitions,
            inputs=inputs_of(said.inputs),
            card=own or self.held,
        )
        plan = None if said.on is None else self._plan(ref, order, own, body.source, said.on)
        work = self._emission(session, order, plan, body)
        return work if body.awaits else at_once(work)

    async def _emission(
        self, session: Session, order: Order, plan: LaunchPlan | None, body: Prepared
    ) -> None:
        """Run the cell, record it, and show its value with the line under it."""
        names = self.shell.user_ns
        with emitting(session.cells, _frame(), order, body.source, names) as emission:
            names.update(emission.values)
            value = await body.run()
            body.show(value)
            version = emission.emit(value, body.assigned)
        self.held = None if order.card is self.held else self.held
        show(Notice.of(session, version, emission.reads, self._activated(session, plan)))

    def _plan(self, ref: Ref, order: Order, card: Card | None, source: str, on: str) -> LaunchPlan:
        """The plan of a reactive cell; what cannot leave this kernel is found before it runs."""
        names = dict(self.shell.user_ns)
        code = capture_cell(source, names, name=str(ref), bound_names=list(order.inputs))
        code.require_portable(f"The reactive cell {str(ref)!r}")
        written = reactive(
            order.artifact,
            order.partitions,
            source,
            inputs=list(order.inputs),
            card=card,
            module=_module(names),
        )
        task = define(written, names, f"cell {ref.name}")
        return reactive_plan(str(ref), task, order.inputs, Ref.parse(on) if on else None)

    def _activated(self, session: Session, plan: LaunchPlan | None) -> str:
        if plan is None:
            return ""
        shown = session.register(plan).activate()
        on = ", ".join(str(query.ref) for query in plan.trigger.queries) if plan.trigger else ""
        return f"runs again on {on}" + (f" ({shown.note})" if shown.note else "")

    @no_var_expand
    @cell_magic
    def card(self, line: str, cell: str) -> CardShown | None:
        """Hold Markdown for the next emission, or revise the card of a version."""
        said = said_on("card", line, self.shell.user_ns)
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
        if line.strip() == "--help":
            show(ALL[kind].help())
            return
        names = self.shell.user_ns
        written = declaration(
            kind,
            line,
            self.shell.transform_cell(cell),
            artifacts=self._declared,
            around=names,
            module=_module(names),
        )
        show(define(written, names, f"{kind} {written.name}"))

    def _declared(self, name: str) -> Artifact | None:
        """The artifact that a name in a signature means: declared ones, then the notebook's."""
        found = current().declaration(name)
        if found is not None:
            return Artifact(found.name, {key: found.types.get(key, "str") for key in found.keys})
        held = self.shell.user_ns.get(name)
        return held if isinstance(held, Artifact) else None


for _name in ("artifact", "card", "task", "workflow"):
    getattr(CellMagics, _name).__doc__ = ALL[_name].help()


def _frame() -> CellFrame:
    frame = current_frame()
    if not isinstance(frame, CellFrame):
        msg = "%%artifact records a cell of a notebook; in a task, hl.publish(value, name) emits."
        raise DeclarationError(msg)
    return frame


def _module(names: dict[str, Any]) -> str:
    """The name under which a notebook has our module, bound if it has none."""
    for name, value in names.items():
        if value is heirloom:
            return name
    names["heirloom"] = heirloom
    return "heirloom"
