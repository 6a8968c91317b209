"""What artifacts hold, as far as the tasks that were declared in this session say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import GenericAlias
from typing import Any, get_args

from heirloom.declare.compatible import why_not
from heirloom.declare.interface import Interface
from heirloom.declare.launch import LaunchPlan
from heirloom.declare.specs import InputSpec
from heirloom.declare.trigger import Firing
from heirloom.declare.types import spell
from heirloom.engine.taking import wants_the_version
from heirloom.errors import InputError
from heirloom.rebuilt import REBUILT
from heirloom.records.names import fold
from heirloom.records.queries import Query

__all__ = ["Promises"]


@dataclass(slots=True)
class Promises:
    """Holds the inputs that ask for artifacts against what the last task promised of each.

    A version that there is promises nothing: the next one may be another. It is held against
    the input when a run is given it.
    """

    project: str
    _said: dict[tuple[str, str], tuple[str, Any]] = field(default_factory=dict)

    def declared(self, target: Any) -> None:
        """Take note of what a target emits, and hold its default queries against what is known.

        What is rebuilt from recorded text was held when it was declared; what it is given in a
        run is held then.

        Raises:
            InputError: A default query asks for what its input cannot take.
        """
        if _is_rebuilt(target):
            return
        self._check_all(target, target.interface, target.defaults)
        for output in target.interface.outputs:
            if output.emitted is None:
                continue
            artifact, hint = output.emitted.artifact, output.type
            if output.members is not None:
                hint = [each for each in get_args(hint) if each is not Ellipsis][-1]
            end = f"{target.name}.{output.name}"
            self._said[artifact.project or self.project, fold(artifact.name)] = end, hint

    def check_plan(self, plan: LaunchPlan) -> None:
        """Hold the queries of a plan, and what fires it, against the inputs that they are for.

        Raises:
            InputError: One is of a type that its input cannot take; both ends are named.
        """
        if not _is_rebuilt(plan.workflow):
            asked = {**plan.workflow.defaults, **plan.default_inputs, **plan.trigger_inputs}
            self._check_all(plan.workflow, plan.interface, {**asked, **plan.fixed_inputs})

    def _check_all(self, target: Any, interface: Interface, asked: Mapping[str, Any]) -> None:
        for name, value in asked.items():
            query = value
            if isinstance(value, Firing):
                query = Query(name=value.artifact, each=("time",) if value.many else ())
            spec = interface.inputs[name]
            if isinstance(query, Query) and not wants_the_version(spec.type, target.kind):
                self._check(interface, spec, query.within(self.project))

    def _check(self, interface: Interface, spec: InputSpec, query: Query) -> None:
        said = self._said.get((query.project or self.project, fold(query.name)))
        if said is None or query.at is not None:
            return
        end, hint = said
        if query.each:
            hint = GenericAlias(list, (hint,))
        if (why := why_not(hint, spec.type)) is not None:
            has, wants = spell(hint), spell(spec.type)
            msg = (
                f"{end}, artifact {query.name!r} ({has}) -> {interface.owner}.{spec.name} "
                f"({wants}) does not fit: {why}."
            )
            raise InputError(msg, name=spec.name, expected=wants, given=has)


def _is_rebuilt(target: Any) -> bool:
    """Whether it comes from recorded text: what a module of the user's does then is no news."""
    function = getattr(target, "function", target)
    return str(getattr(function, "__module__", "")).startswith(REBUILT)
