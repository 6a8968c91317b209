"""Launch plans: a workflow with given inputs, and the artifacts whose new versions start it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from heirloom.declare.interface import Interface, as_query
from heirloom.declare.port import port
from heirloom.declare.trigger import Firing, OnArtifact
from heirloom.declare.types import compatible, spell
from heirloom.errors import DeclarationError, InputError, did_you_mean
from heirloom.records.binds import Bind, FiringPartition, FiringTime
from heirloom.records.names import check_name
from heirloom.records.queries import Query
from heirloom.records.refs import Ref

__all__ = ["LaunchPlan", "Target"]


class Target(Protocol):
    """What a plan can run: a workflow, a task, a notebook."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def kind(self) -> str:
        """What its executions are: ``workflow``, ``task``, ``cell`` or ``notebook``."""
        ...

    @property
    def interface(self) -> Interface:
        """Its typed inputs and outputs."""
        ...

    @property
    def closure(self) -> Any:
        """Its recorded source."""
        ...

    @property
    def defaults(self) -> dict[str, Any]:
        """Defaults by input: constants and queries."""
        ...


def _plan_name(name: str) -> str:
    """A name, or the ref of what a reactive cell emits: ``forecast[region=emea]``."""
    if "[" not in name:
        return check_name(name)
    ref = Ref.parse(name)
    if ref.project is not None or ref.at is not None:
        msg = f"A plan is named name[key=value], without project and version; got {name!r}."
        raise DeclarationError(msg)
    ref.values()
    return str(ref)


class LaunchPlan:
    """A workflow, some of its inputs, and what starts it. Inactive until it is activated."""

    def __init__(
        self,
        name: str,
        workflow: Target,
        *,
        trigger: OnArtifact | None = None,
        default_inputs: Mapping[str, Any] | None = None,
        fixed_inputs: Mapping[str, Any] | None = None,
        max_concurrent: int | None = 1,
        auto_activate: bool = False,
    ) -> None:
        self.name = _plan_name(name)
        self.workflow = workflow
        self.trigger = trigger
        self.default_inputs = {k: as_query(v) for k, v in (default_inputs or {}).items()}
        self.fixed_inputs = {k: as_query(v) for k, v in (fixed_inputs or {}).items()}
        self.max_concurrent = max_concurrent
        self.auto_activate = auto_activate
        self.trigger_inputs = {n: trigger.input_spec(n) for n in trigger.inputs} if trigger else {}
        self._check()

    def _check(self) -> None:
        if self.max_concurrent is not None and self.max_concurrent < 1:
            msg = f"max_concurrent is at least 1, or None for any; got {self.max_concurrent}."
            raise DeclarationError(msg)
        interface = self.workflow.interface
        for given in (self.default_inputs, self.fixed_inputs, self.trigger_inputs):
            for name, value in given.items():
                if name not in interface.inputs:
                    near = did_you_mean(name, interface.inputs)
                    msg = (
                        f"Plan {self.name!r} gives {name!r}, which {interface.owner!r} does not "
                        f"take.{near} It takes {list(interface.inputs)}."
                    )
                    raise InputError(msg, name=name)
                self._check_value(name, value)
        fixed_twice = set(self.fixed_inputs) & set(self.trigger_inputs)
        if fixed_twice:
            msg = (
                f"Input {min(fixed_twice)!r} of plan {self.name!r} is fixed; the trigger gives it."
            )
            raise InputError(msg, name=min(fixed_twice))
        defaults = {*self.workflow.defaults, *self.default_inputs, *self.fixed_inputs}
        lacking = [n for n in interface.inputs if n not in {*defaults, *self.trigger_inputs}]
        if lacking and self.trigger is not None:
            msg = (
                f"Nothing gives {lacking[0]!r} to {interface.owner!r} when plan {self.name!r} is "
                "triggered. Give it in the trigger's inputs, or as a default or fixed input."
            )
            raise InputError(msg, name=lacking[0])

    def _check_value(self, name: str, value: Any) -> None:
        spec = self.workflow.interface.inputs[name]
        if isinstance(value, FiringPartition) and not compatible(str, spec.type):
            msg = f"Input {name!r} takes {spell(spec.type)}; a partition value is str."
            raise InputError(msg, name=name)
        if isinstance(value, FiringTime) and not compatible(datetime, spec.type):
            msg = f"Input {name!r} takes {spell(spec.type)}; a time partition is a datetime."
            raise InputError(msg, name=name)
        if not isinstance(value, Query | Bind | Firing):
            spec.check(value, self.workflow.name)

    @classmethod
    def get_or_create(
        cls,
        name: str,
        workflow: Target,
        *,
        trigger: OnArtifact | None = None,
        default_inputs: Mapping[str, Any] | None = None,
        fixed_inputs: Mapping[str, Any] | None = None,
        max_concurrent: int | None = 1,
        auto_activate: bool = False,
    ) -> LaunchPlan:
        """Register the plan: the version that says the same, or the next one.

        Args:
            name: The plan's; versions count from 1 under it.
            workflow: A workflow, a task, or what ``notebook_workflow`` gives.
            trigger: What starts it; `None` for by hand only.
            default_inputs: In place of the workflow's own defaults.
            fixed_inputs: Nobody can give these otherwise.
            max_concurrent: Executions at one time, in commit order; `None` for any number.
            auto_activate: Activate it at once.

        Raises:
            InputError: An input that the workflow lacks, or that cannot fit.
            NotPortable: It has a trigger, and its code needs what lives only in this kernel.
        """
        plan = cls(
            name,
            workflow,
            trigger=trigger,
            default_inputs=default_inputs,
            fixed_inputs=fixed_inputs,
            max_concurrent=max_concurrent,
            auto_activate=auto_activate,
        )
        port().register(plan)
        return plan

    create = get_or_create

    @property
    def interface(self) -> Interface:
        """The workflow's."""
        return self.workflow.interface

    @property
    def handle(self) -> Any:
        """The plan as the catalog has it now."""
        return port().plan_handle(self.name)

    def activate(self, version: int | None = None, *, missed: str = "none") -> Any:
        """Start listening; what was missed while off is skipped, or run.

        Args:
            version: `None` for the newest.
            missed: ``none``, ``newest`` or ``each``.
        """
        return self.handle.activate(version, missed=missed)

    def deactivate(self) -> Any:
        """Stop starting anything; events are ``paused`` until it is on again."""
        return self.handle.deactivate()

    @property
    def is_active(self) -> bool:
        """Whether a new version would start it."""
        return bool(self.handle.is_active)

    def __call__(self, **inputs: Any) -> Any:
        """Run the workflow with the plan's inputs and return its value."""
        given = {**self.default_inputs, **inputs}
        for name in self.fixed_inputs:
            if name in inputs:
                msg = f"Input {name!r} of plan {self.name!r} is fixed and cannot be given."
                raise InputError(msg, name=name)
        workflow: Any = self.workflow
        return workflow(**{**given, **self.fixed_inputs})

    def __repr__(self) -> str:
        on = f" on {', '.join(map(str, self.trigger.queries))}" if self.trigger else ""
        return f"<launch plan {self.name}: {self.workflow.name}{on}>"
