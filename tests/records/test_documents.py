"""Every record as JSON, and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heirloom.records.binds import FiringTime, Input
from heirloom.records.clauses import Clause
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution, Item, Read
from heirloom.records.ids import new_id
from heirloom.records.ledger import WAITS, LedgerRow
from heirloom.records.marks import Mark, marked
from heirloom.records.payloads import Payload
from heirloom.records.plans import LaunchPlanRecord, Switch, Trigger
from heirloom.records.queries import Query
from heirloom.records.versions import ArtifactVersion, Card

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_TIME = st.datetimes(min_value=datetime(1, 1, 2), timezones=st.just(UTC))  # noqa: DTZ001
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_STRINGS = st.dictionaries(_TEXT, _TEXT, max_size=2)
_PAYLOADS = st.builds(
    Payload,
    format=_TEXT,
    type_name=_TEXT,
    kind=st.sampled_from(["data", "model", "file", "value"]),
    size=st.integers(0, 2**40),
    digest=st.none() | _TEXT,
    schema=st.none() | st.dictionaries(_TEXT, _JSON, max_size=2),
    meta=st.dictionaries(_TEXT, _JSON, max_size=2),
    link=st.none() | _TEXT,
) | st.builds(Payload, format=st.just("json"), type_name=_TEXT, kind=st.just("value"), value=_JSON)
_BOUND = st.builds(Item, _TEXT, _TEXT) | _PAYLOADS
_QUERIES = st.builds(
    Query,
    name=_TEXT,
    project=st.none() | _TEXT,
    clauses=st.lists(
        st.builds(Clause, _TEXT, _TEXT, st.tuples(_TEXT | st.builds(Input, _TEXT)), st.booleans()),
        max_size=2,
    ).map(tuple),
    at=st.none() | st.integers(1, 9) | _TEXT,
    types=_STRINGS,
)
_TRIGGERS = st.builds(
    Trigger,
    on=st.lists(_QUERIES, min_size=1, max_size=2).map(tuple),
    when=st.sampled_from(["version", "change"]),
    inputs=st.dictionaries(_TEXT, st.dictionaries(_TEXT, _JSON, max_size=1), max_size=2),
    debounce=st.none() | st.floats(0, 100),
    max_depth=st.none() | st.integers(1, 99),
    cooldown=st.none() | st.floats(0, 100),
    window=st.none() | st.sampled_from(["hour", "year"]),
    countdown=st.none() | st.floats(0, 100),
)
_SPECS = st.dictionaries(_TEXT, st.dictionaries(_TEXT, _JSON, max_size=2), max_size=2)
_RECORDS: dict[type[Any], st.SearchStrategy[Any]] = {
    Payload: _PAYLOADS,
    ArtifactVersion: st.builds(
        ArtifactVersion,
        project=_TEXT,
        name=_TEXT,
        version=st.integers(0, 10**9),
        payload=_PAYLOADS,
        partitions=_STRINGS,
        created_at=_TIME,
        created_by=_TEXT,
        execution_id=_TEXT,
        root_id=_TEXT,
        path=_TEXT,
        output=_TEXT,
        time_partition=st.none() | _TIME,
        card=st.none() | st.builds(Card, _TEXT, _TEXT),
        attachments=_STRINGS,
        state=st.sampled_from(["live", "draft"]),
    ),
    Execution: st.builds(
        Execution,
        id=_TEXT,
        kind=_TEXT,
        name=_TEXT,
        state=_TEXT,
        root_id=_TEXT,
        project=_TEXT,
        created_by=_TEXT,
        started_at=_TIME,
        code_version=_TEXT,
        plan=st.none() | st.text("ab", min_size=1, max_size=3),
        plan_version=st.none() | st.integers(1, 9),
        inputs=st.dictionaries(_TEXT, _BOUND, max_size=2),
        outputs=st.dictionaries(_TEXT, _BOUND, max_size=2),
        reads=st.lists(
            st.builds(Read, _TEXT, _TEXT, _TEXT, st.lists(_TEXT, max_size=2).map(tuple)),
            max_size=2,
        ).map(tuple),
        ended_at=st.none() | _TIME,
        parent_id=st.none() | st.text("ab", min_size=1, max_size=3),
        path=_TEXT,
        attempt=st.integers(0, 4),
        depth=st.integers(0, 30),
        chain=_TEXT,
        triggered_by=st.lists(_TEXT, max_size=2).map(tuple),
        anchor=st.dictionaries(_TEXT, _JSON, max_size=1),
    ),
    Declaration: st.builds(
        Declaration,
        project=_TEXT,
        name=_TEXT,
        version=st.integers(1, 9),
        keys=st.lists(_TEXT, max_size=3).map(tuple),
        declared_at=_TIME,
        declared_by=_TEXT,
        types=_STRINGS,
        granularity=st.none() | _TEXT,
        owner=_TEXT,
        description=_TEXT,
        where=_TEXT,
    ),
    Mark: st.builds(
        Mark,
        project=_TEXT,
        name=_TEXT,
        version=st.integers(1, 9),
        kind=_TEXT,
        at=_TIME,
        by=_TEXT,
        data=_STRINGS,
    ),
    Query: _QUERIES,
    Trigger: _TRIGGERS,
    LaunchPlanRecord: st.builds(
        LaunchPlanRecord,
        project=_TEXT,
        name=_TEXT,
        version=st.integers(1, 9),
        workflow=_TEXT,
        kind=_TEXT,
        code=_TEXT,
        digest=_TEXT,
        registered_at=_TIME,
        registered_by=_TEXT,
        session_id=_TEXT,
        trigger=st.none() | _TRIGGERS,
        defaults=_SPECS,
        fixed=_SPECS,
        max_concurrent=st.none() | st.integers(1, 9) | st.just("partition"),
        emits=st.lists(_TEXT, max_size=2).map(tuple),
        max_per_hour=st.none() | st.integers(1, 9),
    ),
    Switch: st.builds(
        Switch,
        project=_TEXT,
        plan=_TEXT,
        version=st.integers(1, 9),
        active=st.booleans(),
        person=st.booleans(),
        at=_TIME,
        by=_TEXT,
        session_id=_TEXT,
    ),
    LedgerRow: st.builds(
        LedgerRow,
        project=_TEXT,
        plan=_TEXT,
        plan_version=st.integers(1, 9),
        refs=st.lists(_TEXT, min_size=1, max_size=2).map(tuple),
        state=_TEXT,
        at=_TIME,
        reason=_TEXT,
        due=st.none() | _TIME,
        execution_id=st.none() | _TEXT,
    )
    | st.builds(
        LedgerRow,
        project=_TEXT,
        plan=_TEXT,
        plan_version=st.integers(1, 9),
        refs=st.tuples(_TEXT),
        state=st.just("waiting"),
        at=_TIME,
        waits=st.sampled_from(WAITS),
        lane=_TEXT,
    ),
}


@pytest.mark.parametrize("kind", _RECORDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_a_record_comes_back_from_its_document(kind: type[Any], data: st.DataObject) -> None:
    """`from_doc` of what went through JSON is the record again."""
    record = data.draw(_RECORDS[kind])
    assert kind.from_doc(json.loads(json.dumps(record.to_doc()))) == record


def test_a_value_of_none_is_a_value() -> None:
    """`None` in the record is not the absence of a value."""
    payload = Payload(format="json", type_name="NoneType", kind="value", value=None)
    assert payload.inline
    assert Payload.from_doc(payload.to_doc()) == payload
    assert not Payload(format="json", type_name="int", kind="value").inline


def test_times_that_move_come_back() -> None:
    """The offset of a firing time adds up, and survives its document."""
    moved = FiringTime("a") - timedelta(days=1) - timedelta(hours=1)
    assert moved.offset == -timedelta(hours=25)
    query = Query(name="b", clauses=(Clause("time", "=", (moved,)),))
    assert Query.from_doc(query.to_doc()) == query


def test_marks_leave_a_version_in_their_order() -> None:
    """Cards are revised, notes gathered, and a yank changes the state."""
    at = datetime(2026, 1, 1, tzinfo=UTC)

    def mark(kind: str, **data: str) -> Mark:
        return Mark(project="p", name="a", version=1, kind=kind, at=at, by="ada", data=data)

    payload = Payload(format="json", type_name="int", kind="value", value=1)
    version = ArtifactVersion(
        project="p",
        name="a",
        version=1,
        payload=payload,
        partitions={},
        created_at=at,
        created_by="ada",
        execution_id="x",
        root_id="x",
        path="",
        output="o0",
        card=Card("first"),
    )
    marks = [mark("card", text="second"), mark("note", text="n"), mark("note", text="m")]
    told = marked(version, [*marks, mark("alias", alias="best")])
    assert told == replace(version, card=Card("second"), notes=("n", "m"))
    assert marked(told, [mark("yank", reason="bad")]).state == "yanked"


def test_ids_sort_by_the_time_they_were_made() -> None:
    """An id is sixteen signs, and no two are the same."""
    ids = [new_id() for _ in range(500)]
    assert {len(each) for each in ids} == {16}
    assert len(set(ids)) == 500
    assert [each[:9] for each in ids] == sorted(each[:9] for each in ids)
