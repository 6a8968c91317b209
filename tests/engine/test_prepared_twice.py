"""The catalog may prepare a transaction twice: nothing comes of the first time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import heirloom as hl
from heirloom.catalog import Batch, Catalog, View

TEAM = """
    sales, clean, seen = hl.Artifact("sales"), hl.Artifact("clean"), hl.Artifact("seen")

    @hl.task
    def scrub(x: int) -> Annotated[int, clean]:
        hl.publish(x, "seen")
        return clean.create_from(x * 10, "# Clean")

    @hl.workflow
    def scrubbed(x: int = sales.query()) -> Annotated[int, hl.Artifact("final")]:
        return scrub(x=x)

    plan = hl.LaunchPlan.get_or_create("scrubbed", scrubbed, trigger=hl.OnArtifact(sales))
"""


class Again(Exception):
    """The index has to be made anew: once more, please."""


@pytest.fixture
def twice(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every transaction is prepared once in vain, as where the index was found wanting."""
    commit = Catalog.commit
    prepared: list[int] = []

    def committed(self: Catalog, prepare: Any, decide: Any = None, **options: Any) -> Any:
        def vain(view: View) -> Batch:
            batch = prepare(view)
            fresh = [version for version in batch.versions if version.state != "draft"]
            if fresh and decide is not None:
                decide(view, fresh, batch)
            prepared.append(1)
            raise Again

        with pytest.raises(Again):
            commit(self, vain, None, **options)
        return commit(self, prepare, decide, **options)

    monkeypatch.setattr(Catalog, "commit", committed)
    return prepared


def test_a_whole_run_prepared_twice(
    load: Callable[[str], Any], record: Any, twice: list[int]
) -> None:
    """Plans, switches, events, claims, runs and marks: each is there once."""
    team = load(TEAM)
    plan = team.plan.activate()
    plan.deactivate()
    hl.publish(1, "sales")
    note = hl.plan("scrubbed").activate(missed="each").note
    hl.publish(2, "sales")
    hl.yank(hl.publish(0, "other"))
    done = hl.settle().done
    assert note.startswith("1 event waited: 1 queued, 0 skipped; nothing runs events now")
    assert [(e.state, e.attempt) for e in done] == [("succeeded", 1)] * 2
    assert [hl.search(f"name={name}").total for name in ("clean", "seen", "final")] == [2, 2, 2]
    assert [row.state for row in hl.ledger()] == ["queued", "queued"]
    assert len({row.execution_id for row in hl.ledger()}) == 2
    assert hl.plan("scrubbed").newest == 1
    assert [hl.pull(f"final@{n}") for n in (1, 2)] == [10, 20]
    assert str(hl.get("clean").card) == "# Clean"
    assert len(record.named("scrub")) == len(record.named("scrubbed")) == 2
    assert twice


def test_an_unmet_event_prepared_twice(load: Callable[[str], Any], twice: list[int]) -> None:
    """Its row is moved once."""
    load(TEAM.replace("sales.query()", "clean.query()")).plan.activate()
    hl.publish(1, "sales")
    (failed,) = hl.settle().done
    assert (failed.state, hl.ledger()[0].state) == ("failed", "unmet")


def test_a_registration_prepared_twice(load: Callable[[str], Any], twice: list[int]) -> None:
    """The note of a registration is said once."""
    load(TEAM).plan.activate()
    plan = load(TEAM.replace("x * 10", "x * 100")).plan
    assert (plan.handle.version, plan.handle.newest) == (2, 2)
