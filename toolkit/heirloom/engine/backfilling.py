"""History run through a plan: events that came before it listened, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from heirloom.catalog import Batch
from heirloom.catalog.protocol import View
from heirloom.engine.hearing import heard_by
from heirloom.engine.looks import Looks
from heirloom.errors import DeclarationError
from heirloom.react.approvals import Approvals
from heirloom.react.replay import backfill
from heirloom.records.clock import now
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.versions import ArtifactVersion
from heirloom.render import counted

__all__ = ["Backfilling"]


@dataclass(slots=True)
class Backfilling:
    """Gives past versions to plans of one session."""

    approvals: Approvals
    looks: Looks

    def run(self, plan: LaunchPlanRecord, since: Any, where: str) -> str:
        """Open a row for each past version that a plan has none of; what became of them, in words.

        One transaction; who comes second, even at the same time, finds the rows there.

        Raises:
            DeclarationError: The plan is off, or has no trigger; nothing is written.
            InputError: `since` is no time.
            RefError: `where` does not parse.
        """
        if plan.trigger is None:
            msg = f"Plan {plan.name!r} runs by hand: it has no events to run again."
            raise DeclarationError(msg)
        history = heard_by(self.looks, plan, since)
        asked = heard_by(self.looks, plan, since, where) if where else history
        known: set[str] = set()
        states: Counter[str] = Counter()

        def prepare(view: View) -> Batch:
            _check_on(view, plan)
            known.clear()
            states.clear()
            known.update(_rows_of(view, plan, asked))
            events = {version.ref for version in asked} - known
            if not events:
                return Batch()
            waiting = view.ledger(plan=plan.name, project=plan.project, state="waiting")[::-1]
            rows, executions = backfill(
                view, plan, history, events, waiting, now(), self.approvals.allows
            )
            states.update(row.state for row in rows if row.refs[0] in events)
            return Batch(rows=rows, executions=executions)

        self.looks.catalog.commit(prepare)
        told = ", ".join(f"{n} {state}" for state, n in states.items()) or "nothing to do"
        had = f"; {len(known)} had a row already" if known else ""
        return f"{counted(len(asked), 'past version')}: {told}{had}"


def _check_on(view: View, plan: LaunchPlanRecord) -> None:
    switch = view.switch(plan.project, plan.name)
    if switch is None or not switch.active or switch.version != plan.version:
        msg = f"Plan {plan.name!r} v{plan.version} is off: only a plan that is on is backfilled."
        raise DeclarationError(f"{msg} Activate it first.")


def _rows_of(
    view: View, plan: LaunchPlanRecord, versions: Sequence[ArtifactVersion]
) -> Iterator[str]:
    """Full refs of those that some version of the plan has a row of."""
    for version in versions:
        if view.ledger(plan=plan.name, project=plan.project, ref=version.ref, limit=1):
            yield version.ref
