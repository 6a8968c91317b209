"""What starts a plan: new versions of artifacts, and what the run is then given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

from heirloom.declare.artifact import Artifact
from heirloom.declare.specs import as_query
from heirloom.errors import DeclarationError, did_you_mean
from heirloom.records.binds import FiringPartition, FiringTime, Input
from heirloom.records.names import fold
from heirloom.records.periods import MOST_TIMES, WINDOWS, beginnings
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.tracebacks import users_own

__all__ = ["Firing", "OnArtifact", "is_count"]

CONDITIONS = ("any", "all", "all-latest")
WHENS = ("version", "change")
_TIMES = ("debounce", "cooldown", "countdown")
_LEAP = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Firing:
    """In a trigger's inputs: the version of `artifact` that fired, or `many` of a window."""

    artifact: str
    many: bool = False


@dataclass(frozen=True)
class OnArtifact:
    """Start on every new version of an artifact, or of those that a query matches.

    Attributes:
        trigger_on: An artifact or a query; or several.
        inputs: By input of the workflow: the artifact itself (the version that fired), a
            query (asked when it fires; what it leaves open of the same artifact is the
            firing version's), ``artifact.partitions.key``, ``artifact.time_partition``
            plus or minus a timedelta, or a constant.
        condition: ``any``: each version of one of them starts a run. ``all``: one version of
            each, each used once, in commit order, starts one. ``all-latest``: each version of
            one starts a run with the latest of the others, once there is one of each. Versions
            that go together have the same values under the partition keys that both have.
        when: ``version``: every version fires; ``change``: only one whose payload,
            partitions, kind or card differ from the last that this plan fired on.
        debounce: Seconds, or a timedelta: versions of one artifact with the same partition
            values that come closer behind each other start one run, on the last of them.
        max_depth: Triggered executions in one chain; `None` for ever.
        cooldown: Seconds, or a timedelta: what comes closer behind the start of a run on the same
            artifact and partition values waits, and starts one run, on the last, when it is over.
        window: ``hour``, ``day``, ``week`` (from Monday), ``month`` or ``year``, in UTC: versions
            of one time-partitioned artifact start a run together, once there is one for each time
            in it; the artifact in `inputs` is the list of them, in the order of their times. One
            that comes later starts a run with the latest of the others.
        countdown: Seconds, or a timedelta, from being queued to the start: meanwhile `hl.hold`,
            `hl.start` and `hl.cancel` hold, start or skip the run.
    """

    trigger_on: Any
    inputs: Mapping[str, Any] = field(default_factory=dict)
    _: KW_ONLY
    condition: str = "any"
    when: str = "version"
    debounce: float | timedelta | None = None
    max_depth: int | None = 25
    cooldown: float | timedelta | None = None
    window: str | None = None
    countdown: float | timedelta | None = None

    def __post_init__(self) -> None:
        _check_choice("condition", self.condition, CONDITIONS)
        _check_choice("when", self.when, WHENS)
        if self.max_depth is not None and not is_count(self.max_depth):
            msg = f"max_depth is at least 1, or None for ever; got {self.max_depth!r}."
            raise DeclarationError(msg)
        given: Any = self.inputs
        if given is None:  # as Flyte writes that there are none
            object.__setattr__(self, "inputs", {})
        elif not isinstance(given, Mapping):
            msg = f"A trigger's inputs are a mapping by input; got {given!r:.60}."
            raise DeclarationError(msg)
        if not self.queries:
            msg = "A trigger needs at least one artifact or query."
            raise DeclarationError(msg)
        given_times = {name: self.seconds(name) for name in _TIMES}
        for name in ("debounce", "cooldown"):
            if given_times[name] is not None and self.condition == "all":
                msg = (
                    f"condition='all' uses every version once, and {name} would leave some out. "
                    f"condition='all-latest' goes with {name}."
                )
                raise DeclarationError(msg)
        if self.window is not None:
            _check_choice("window", self.window, WINDOWS)
            self._check_window(self.window)
        if self.condition != "any":
            _check_apart(self.queries)

    def _check_window(self, window: str) -> None:
        """Hold that versions of one artifact, a few for each window, can come together in it."""
        if len(self.queries) != 1 or self.condition != "any":
            msg = f"window={window!r} is for the versions of one artifact, with no condition."
            raise DeclarationError(msg)
        (query,) = self.queries
        on = self.trigger_on[0] if isinstance(self.trigger_on, Sequence) else self.trigger_on
        if any(clause.key == "time" for clause in query.clauses):
            msg = f"window={window!r} waits for every time, and {str(query)!r} names some."
            raise DeclarationError(msg)
        if not isinstance(on, Artifact) or on.refers:
            return
        if on.granularity is None:
            msg = (
                f"window={window!r} brings times together, and {on.name!r} has none: "
                f"Artifact({on.name!r}, time_partitioned=True)."
            )
            raise DeclarationError(msg)
        count = sum(1 for _ in beginnings(on.granularity, window, _LEAP))
        if not 1 < count <= MOST_TIMES:
            msg = (
                f"A {window} has {count} times of {on.name!r} (one for each {on.granularity}); "
                f"a window has from 2 to {MOST_TIMES}."
            )
            raise DeclarationError(msg)

    def seconds(self, name: str) -> float | None:
        """The seconds of `debounce`, `cooldown` or `countdown`; `None` for none."""
        given = getattr(self, name)
        seconds = given.total_seconds() if isinstance(given, timedelta) else given
        if seconds is None:
            return None
        number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if not number or not 0 < seconds < float("inf"):
            msg = f"{name} is seconds above 0, a timedelta, or None; got {given!r}."
            raise DeclarationError(msg)
        return float(seconds)

    @property
    def queries(self) -> tuple[Query, ...]:
        """What is listened to."""
        several = self.trigger_on
        if isinstance(several, str) or not isinstance(several, Sequence):
            several = [several]
        queries = tuple(map(_listened, several))
        for query in queries:
            if query.at is not None or query.binds or query.each:
                msg = f"A trigger listens to versions yet to come; {str(query)!r} names one."
                raise DeclarationError(msg)
        return queries

    def input_spec(self, name: str) -> Any:
        """The value of one input: a `Firing`, a `Query`, a `Bind` or a constant."""
        value = self.inputs[name]
        listened = {query.name for query in self.queries}
        if isinstance(value, Artifact) and value.name in listened and value.version is None:
            return Firing(value.name, many=self.window is not None)
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
        times = ", ".join(f"{name}={self.seconds(name)!r}" for name in _TIMES)
        return (
            f"heirloom.OnArtifact(trigger_on=[{', '.join(on)}], inputs={{{pairs}}}, "
            f"condition={self.condition!r}, when={self.when!r}, "
            f"max_depth={self.max_depth!r}, window={self.window!r}, {times})"
        )


OnArtifact.__init__ = users_own(OnArtifact.__init__)  # type: ignore[method-assign]  # a dataclass's


def _listened(value: Any) -> Query:
    if isinstance(value, Artifact):
        value = value.query()
    if isinstance(value, Query):
        return value
    if isinstance(value, Ref):
        return Query.of(value)
    msg = f"A trigger is on an artifact or a query; got a {type(value).__name__}."
    raise DeclarationError(msg)


def _check_choice(name: str, value: Any, known: Sequence[str]) -> None:
    if value not in known:
        near = did_you_mean(str(value), known)
        msg = f"{name} is {' or '.join(map(repr, known))}; got {value!r}.{near}"
        raise DeclarationError(msg)


def is_count(value: Any) -> bool:
    """Whether a value is a whole number from 1."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _check_apart(queries: Sequence[Query]) -> None:
    """Hold that no version can be one of two that are to come together."""
    for one, other in combinations(queries, 2):
        same = fold(one.name) == fold(other.name) and one.project == other.project
        if same and not _pinned_apart(one, other):
            msg = (
                f"A version of {one.name!r} could be both {str(one)!r} and {str(other)!r}. Of one "
                "artifact, two queries that are to come together name different values of one key."
            )
            raise DeclarationError(msg)


def _pinned_apart(one: Query, other: Query) -> bool:
    ours, theirs = one.pinned, other.pinned
    return any(ours[key] != theirs[key] for key in ours.keys() & theirs.keys())
