"""Launch plans: a workflow with given inputs, and the artifacts whose new versions start it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from heirloom.declare.compatible import compatible
from heirloom.declare.interface import Interface
from heirloom.declare.keys import KEY_TYPES
from heirloom.declare.port import Target, port
from heirloom.declare.specs import as_query
from heirloom.declare.trigger import Firing, OnArtifact, is_count
from heirloom.declare.types import spell
from heirloom.errors import DeclarationError, InputError, did_you_mean
from heirloom.records.binds import Bind, FiringPartition, FiringTime
from heirloom.records.names import check_name
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.tracebacks import users_own

__all__ = ["LaunchPlan"]


def _plan_name(name: Any) -> str:
    """A name, or the ref of what a reactive cell emits: ``forecast[region=emea]``."""
    if not isinstance(name, str) or "[" not in name:
        return check_name(name, "A plan")
    ref = Ref.parse(name)
    if ref.project is not None or ref.at is not None:
        msg = f"A plan is named name[key=value], without project and version; got {name!r}."
        raise DeclarationError(msg)
    ref.values()
    return str(ref)


class LaunchPlan:
    """A workflow, some of its inputs, and what starts it. Inactive until it is activated.

    Attributes:
        note: What its registration did to the version that is active, in words; mostly empty.
    """

    @users_own
    def __init__(
        self,
        name: str,
        workflow: Target,
        *,
        trigger: Any = None,
        default_inputs: Mapping[str, Any] | None = None,
        fixed_inputs: Mapping[str, Any] | None = None,
        max_concurrent: int | str | None = 1,
        max_per_hour: int | None = None,
        auto_activate: bool = False,
    ) -> None:
        self.name = _plan_name(name)
        if not isinstance(getattr(workflow, "interface", None), Interface):
            msg = (
                f"Plan {self.name!r} runs a task, a workflow or a notebook; got {workflow!r:.60}. "
                "Write @workflow above it, or notebook_workflow(path)."
            )
            raise DeclarationError(msg)
        if trigger is not None and not isinstance(trigger, OnArtifact):
            msg = f"trigger= of plan {self.name!r} is an OnArtifact(…); got {trigger!r:.60}."
            raise DeclarationError(msg)
        self.workflow = workflow
        self.trigger: OnArtifact | None = trigger
        self.default_inputs = self._asked(default_inputs, "default_inputs")
        self.fixed_inputs = self._asked(fixed_inputs, "fixed_inputs")
        self.max_concurrent = max_concurrent
        self.max_per_hour = max_per_hour
        self.auto_activate = auto_activate
        self.note = ""
        self._registered = False
        told = {n: trigger.input_spec(n) for n in trigger.inputs} if trigger else {}
        self.trigger_inputs = self._asked(told, "inputs")
        self._check()
        self.trigger_inputs = {n: self._as_taken(n, v) for n, v in self.trigger_inputs.items()}

    def _asked(self, given: Any, what: str) -> dict[str, Any]:
        """Inputs by name, what names a version as the query for it."""
        if given is not None and not isinstance(given, Mapping):
            msg = f"{what} of plan {self.name!r} is a mapping by input; got {given!r:.60}."
            raise DeclarationError(msg)
        inputs = self.workflow.interface.inputs
        types = {name: spec.type for name, spec in inputs.items()}
        return {name: as_query(v, types.get(name, str)) for name, v in (given or {}).items()}

    def _as_taken(self, name: str, value: Any) -> Any:
        """A partition's value as a text, where its declared type is not what the input takes."""
        hint = self.workflow.interface.inputs[name].type
        if isinstance(value, FiringPartition) and not compatible(KEY_TYPES[value.kind], hint):
            return replace(value, kind="str")
        return value

    def _check(self) -> None:
        limit = self.max_concurrent
        if limit not in (None, "partition") and not is_count(limit):
            msg = (
                "max_concurrent is at least 1, 'partition' for one for each set of partition "
                f"values, or None for any; got {limit!r}."
            )
            raise DeclarationError(msg)
        if self.max_per_hour is not None and not is_count(self.max_per_hour):
            msg = f"max_per_hour is at least 1, or None for any number; got {self.max_per_hour!r}."
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
                interface.check_asked(name, value)
        for others, how in (
            (self.trigger_inputs, "the trigger gives it"),
            (self.default_inputs, "it has a default, too"),
        ):
            for name in sorted(others.keys() & self.fixed_inputs.keys()):
                msg = f"Input {name!r} of plan {self.name!r} is fixed, and {how}."
                raise InputError(msg, name=name)
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
        if isinstance(value, FiringPartition):
            kind = KEY_TYPES[value.kind]
            if not (compatible(kind, spec.type) or compatible(str, spec.type)):
                msg = (
                    f"Input {name!r} takes {spell(spec.type)}; {value.artifact}.partitions."
                    f"{value.key} is {spell(kind)}."
                )
                raise InputError(msg, name=name)
        if isinstance(value, Firing) and value.many and not compatible(list, spec.type):
            msg = (
                f"Input {name!r} takes {spell(spec.type)}; with window= it is given the list of "
                f"the versions of {value.artifact!r}: list[...]."
            )
            raise InputError(msg, name=name)
        if isinstance(value, FiringTime) and not compatible(datetime, spec.type):
            msg = f"Input {name!r} takes {spell(spec.type)}; a time partition is a datetime."
            raise InputError(msg, name=name)
        if not isinstance(value, Query | Bind | Firing):
            spec.check(value, self.workflow.name)

    @classmethod
    @users_own
    def get_or_create(
        cls,
        name: str,
        workflow: Target,
        *,
        trigger: OnArtifact | None = None,
        default_inputs: Mapping[str, Any] | None = None,
        fixed_inputs: Mapping[str, Any] | None = None,
        max_concurrent: int | str | None = 1,
        max_per_hour: int | None = None,
        auto_activate: bool = False,
    ) -> LaunchPlan:
        """Register the plan: the version that says the same, or the next one.

        Args:
            name: The plan's; versions count from 1 under it.
            workflow: A workflow, a task, or what ``notebook_workflow`` gives.
            trigger: What starts it; `None` for by hand only.
            default_inputs: In place of the workflow's own defaults.
            fixed_inputs: Nobody can give these otherwise.
            max_concurrent: Executions at one time, in commit order; ``partition``: one for each
                set of partition values; `None` for any number.
            max_per_hour: Triggered executions begun within any hour; the others wait in the queue.
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
            max_per_hour=max_per_hour,
            auto_activate=auto_activate,
        )
        plan.note = port().register(plan).note
        plan._registered = True
        return plan

    create = get_or_create

    @property
    def interface(self) -> Interface:
        """The workflow's."""
        return self.workflow.interface

    @property
    @users_own
    def handle(self) -> Any:
        """The plan as the catalog has it now.

        Raises:
            DeclarationError: This one is not in it: another of its name is not what is meant here.
        """
        if not self._registered:
            msg = (
                f"Plan {self.name!r} is not registered as it is written here; "
                f"LaunchPlan.get_or_create({self.name!r}, …) registers it."
            )
            raise DeclarationError(msg)
        return port().plan_handle(self.name)

    @users_own
    def activate(self, version: int | None = None, *, missed: str = "none") -> Any:
        """Start listening; what was missed while off is skipped, or run.

        Args:
            version: `None` for the newest.
            missed: ``none``, ``newest`` or ``each``.
        """
        return self.handle.activate(version, missed=missed)

    @users_own
    def deactivate(self) -> Any:
        """Stop starting anything; events are ``paused`` until it is on again."""
        return self.handle.deactivate()

    @users_own
    def preview(self, ref: Any = None, *, since: Any = None) -> Any:
        """What it would start as it is written here, registered or not; nothing is written.

        Args:
            ref: What comes: one more version of that, or with a number the same content again.
                `None` for one more of each artifact that it listens to.
            since: Instead: from when on it hears again what was recorded: a time, or ``"7d"``.
        """
        return port().previewed(self, ref, since)

    @users_own
    def backfill(self, *, since: Any = None, where: str = "") -> Any:
        """Run past versions through it, each that it has no row of, and none twice.

        Args:
            since: Only what was recorded from then on: a time, or ``"7d"``; `None` for all.
            where: Only what a search line finds, too: ``"region=emea"``.
        """
        return self.handle.backfill(since=since, where=where)

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
        note = f" — {self.note}" if self.note else ""
        return f"<launch plan {self.name}: {self.workflow.name}{on}{note}>"
