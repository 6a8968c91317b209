"""What a run of a plan is expected to emit, by its code and by what its last runs emitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from heirloom.catalog.protocol import View
from heirloom.engine.finding import with_types
from heirloom.engine.firing import partitions_of, wanted_by
from heirloom.engine.resolve import Resolver
from heirloom.errors import Unmet
from heirloom.react.circles import Emitted
from heirloom.react.imagined import Imagined
from heirloom.records.clauses import Clause
from heirloom.records.executions import Execution, Item
from heirloom.records.names import fold, parse_moment
from heirloom.records.payloads import Payload
from heirloom.records.plans import LaunchPlanRecord
from heirloom.records.queries import Query
from heirloom.records.refs import SCHEME, Ref
from heirloom.records.versions import ArtifactVersion

__all__ = ["Expected", "emitted_by", "one_more"]

_RUNS = 3
_BELOW = 200


def emitted_by(view: View, plan: LaunchPlanRecord) -> Emitted:
    """A plan with what its code is known to emit, and what its last runs did."""
    refs = [*plan.emits]
    for run in view.executions(plan=plan.name, project=plan.project, limit=_RUNS):
        for each in view.executions(root=run.root_id, limit=_BELOW):
            outputs = (bound for bound in each.outputs.values() if isinstance(bound, Item))
            refs += [item.id for item in outputs if item.id.startswith(SCHEME)]
    parsed = map(Ref.parse, refs)
    return Emitted(plan, frozenset((ref.project or "", fold(ref.name)) for ref in parsed))


@dataclass(slots=True)
class Expected:
    """One version of each artifact that a run would emit, on top of what is imagined."""

    view: View
    world: Imagined
    resolver: Resolver
    _known: dict[tuple[str, str], Emitted] = field(default_factory=dict)

    def __call__(self, execution: Execution) -> list[ArtifactVersion]:
        """What an execution would emit, under the partition values that started it.

        Raises:
            Unmet: An input's query finds nothing: no body would run.
        """
        plan = self.world.plan(execution.project, execution.plan or "", execution.plan_version)
        assert plan is not None
        fired = [self.world.version_of(ref) for ref in execution.triggered_by]
        self._check_met(plan, fired)
        key = (plan.project, plan.name)
        if key not in self._known:
            self._known[key] = emitted_by(self.view, plan)
        values = {key: value for each in reversed(fired) for key, value in each.conditions.items()}
        return [
            one_more(
                *(self.view, self.world, project, name),
                values if self.view.declaration(project, name) is not None else {},
                execution,
            )
            for project, name in sorted(self._known[key].names)
        ]

    def _check_met(self, plan: LaunchPlanRecord, fired: list[ArtifactVersion]) -> None:
        wanted = wanted_by(self.resolver, plan, fired)
        plain = self.resolver.plain(wanted.slots)
        for name, (query, _, optional) in wanted.queries.items():
            asked = with_types(self.view, replace(query, each=()).bind(plain, partitions_of(fired)))
            if not optional and self.world.resolve(asked) is None:
                asked = replace(asked, project=None)
                msg = f"Input {name!r}: no version meets {str(asked)!r}."
                raise Unmet(msg, name=query.name)


def one_more(
    view: View,
    world: Imagined,
    project: str,
    name: str,
    values: Mapping[str, str],
    by: Execution,
) -> ArtifactVersion:
    """The next version of a name as it would be: its content is new.

    Of `values` it has those that the artifact has keys for, under the others what the newest
    version like it has.
    """
    declaration = view.declaration(project, name)
    keys = declaration.condition_keys if declaration is not None else tuple(values)
    held = {key: values[key] for key in keys if key in values}
    like = world.newest(project, name) or _newest(view, project, name, held)
    known = like.conditions if like is not None else {}
    has = {key: held.get(key, known.get(key)) for key in keys}
    found = {key: value for key, value in has.items() if value is not None}
    when = found.pop("time", None)
    numbers = (like.version if like is not None else 0, view.latest_number(project, name))
    return ArtifactVersion(
        project=project,
        name=declaration.name if declaration is not None else name,
        version=max(numbers) + 1,
        payload=Payload(
            format="alive",
            type_name=like.type_name if like is not None else "",
            kind=like.kind if like is not None else "value",
        ),
        partitions=found,
        time_partition=parse_moment(when) if when is not None else None,
        created_at=by.started_at,
        created_by=by.created_by,
        execution_id=by.id,
        root_id=by.root_id,
        path="",
        output="o0",
    )


def _newest(view: View, project: str, name: str, held: Mapping[str, str]) -> ArtifactVersion | None:
    clauses = tuple(Clause(key, "=", (value,)) for key, value in held.items())
    alike = Query(name=name, project=project, clauses=clauses)
    return view.resolve(alike) or view.resolve(replace(alike, clauses=()))
