"""Launch plans: a workflow with given inputs, and the artifacts whose new versions start it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Protocol

from heirloom.declare.artifact import Artifact
from heirloom.declare.interface import Interface, as_query
from heirloom.declare.port import port
from heirloom.declare.types import compatible, spell
from heirloom.errors import DeclarationError, InputError, NotSupported, did_you_mean
from heirloom.records.binds import Bind, FiringPartition, FiringTime, Input
from heirloom.records.names import check_name
from heirloom.records.queries import Query
from heirloom.records.refs import Ref

__all__ = ["Firing", "LaunchPlan", "OnArtifact", "Target"]

CONDITIONS = ("any",)
WHENS = ("version", "change")


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


@dataclass(frozen=True, slots=True)
class Firing:
    """In a trigger's inputs: the version of `artifact` that fired."""

    artifact: str


@dataclass(frozen=True)
class OnArtifact:
    """Start on every new version of an artifact, or of those that a query matches.

    Attributes:
        trigger_on: An artifact or a query; or several.
        inputs: By input of the workflow: the artifact itself (the version that fired), a
            query (asked when it fires; what it leaves open of the same artifact is the
            firing version's), ``artifact.partitions.key``, ``artifact.time_partition``
            plus or minus a timedelta, or a constant.
        condition: ``any``.
        when: ``version``: every version fires; ``change``: only one whose payload,
            partitions, kind or card differ from the last that this plan fired on.
        max_depth: Triggered executions in one chain; `None` for ever.
    """

    trigger_on: Any
    inputs: Mapping[str, Any] = field(default_factory=dict)
    _: KW_ONLY
    condition: str = "any"
    when: str = "version"
    max_depth: int | None = 25

    def __post_init__(self) -> None:
        if self.condition not in CONDITIONS:
            msg = f"condition is {' or '.join(map(repr, CONDITIONS))}; got {self.condition!r}."
            raise NotSupported(msg)
        if self.when not in WHENS:
            msg = f"when is 'version' or 'change'; got {self.when!r}."
            raise DeclarationError(msg)
        if self.max_depth is not None and self.max_depth < 1:
            msg = f"max_depth is at least 1, or None for ever; got {self.max_depth}."
            raise DeclarationError(msg)
        if not self.queries:
            msg = "A trigger needs at least one artifact or query."
            raise DeclarationError(msg)

    @property
    def queries(self) -> tuple[Query, ...]:
        """What is listened to."""
        several = self.trigger_on
        if isinstance(several, str) or not isinstance(several, Sequence):
            several = [several]
        queries = tuple(map(_listened, several))
        for query in queries:
            if query.at is not None or query.binds:
                msg = f"A trigger listens to versions yet to come; {str(query)!r} names one."
                raise DeclarationError(msg)
        return queries

    def input_spec(self, name: str) -> Any:
        """The value of one input: a `Firing`, a `Query`, a `Bind` or a constant."""
        value = self.inputs[name]
        listened = {query.name for query in self.queries}
        if isinstance(value, Artifact) and value.name in listened and value.version is None:
            return Firing(value.name)
        value = as_query(value)
        binds = value.binds if isinstance(value, Query) else (value,)
        for bind in binds:
            if isinstance(bind, Input):
                msg = f"Trigger input {name!r} uses {bind}: a triggered run has no caller's inputs."
                raise DeclarationError(msg)
            foreign = isinstance(bind, FiringPartition | FiringTime) and (
                bind.artifact not in listened
            )
            if foreign:
                msg = (
                    f"Trigger input {name!r} refers to {bind}, which this trigger does not "
                    f"listen to. It listens to {sorted(listened)}."
                )
                raise DeclarationError(msg)
        return value

    def __heirloom_source__(self) -> str:
        on = [query.__heirloom_source__() for query in self.queries]
        inputs = {
            n: getattr(v, "__heirloom_source__", v.__repr__)() for n, v in self.inputs.items()
        }
        pairs = ", ".join(f"{name!r}: {text}" for name, text in inputs.items())
        return (
            f"heirloom.OnArtifact(trigger_on=[{', '.join(on)}], inputs={{{pairs}}}, "
            f"condition={self.condition!r}, when={self.when!r}, max_depth={self.max_depth!r})"
        )


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


def _listened(value: Any) -> Query:
    if isinstance(value, Artifact):
        return value.query()
    if isinstance(value, Query):
        return value
    if isinstance(value, Ref):
        return Query.of(value)
    msg = f"A trigger is on an artifact or a query; got a {type(value).__name__}."
    raise DeclarationError(msg)


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

    def _check_value(self, name: str, value: Any) -> None:
        spec = self.workflow.interface.inputs[name]
        if isinstance(value, FiringPartition) and not compatible(str, spec.type):
            msg = f"Input {name!r} takes {spell(spec.type)}; a partition value is str."
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
