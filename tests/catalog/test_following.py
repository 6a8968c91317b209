"""Executions as commits leave them: each state once, in order, whatever becomes of the journal."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heirloom.catalog import Catalog
from heirloom.catalog.salvage import salvage
from heirloom.records.executions import Execution
from heirloom.records.redactions import Text
from heirloom.testing.maker import Maker

SECRET = "hunter2-hunter2"
Told = list[tuple[str, str, int]]


def _said(executions: list[Execution]) -> Told:
    return [(each.id, each.state, each.attempt) for each in executions]


@contextmanager
def _followed(catalog: Catalog) -> Iterator[Any]:
    with closing(catalog.following()) as following:
        yield following


def test_a_state_is_told_once(catalog: Catalog, make: Maker) -> None:
    """A record that is written again in the same state and attempt tells nothing new."""
    run = make.execution(state="running")
    with _followed(catalog) as following:
        for each in (run, replace(run, code_version="c"), replace(run, attempt=2)):
            make.write(executions=[each])
        make.write(executions=[replace(run, state="failed", attempt=2)])
        assert _said(following.read()) == [
            (run.id, "running", 1),
            (run.id, "running", 2),
            (run.id, "failed", 2),
        ]


def test_what_ended_before_and_goes_on_is_told(catalog: Catalog, make: Maker) -> None:
    """The next attempt of a run that had ended when the following began."""
    run = make.execution(state="failed")
    make.write(executions=[run])
    with _followed(catalog) as following:
        assert following.read() == []
        make.write(executions=[replace(run, state="running", attempt=2)])
        assert _said(following.read()) == [(run.id, "running", 2)]


@pytest.mark.parametrize("attempt", [1, 2])
def test_what_ended_goes_on_in_another_journal(catalog: Catalog, make: Maker, attempt: int) -> None:
    """The next attempt is told also where the journal was replaced between two looks."""
    run = make.execution(state="failed", attempt=attempt, error=SECRET)
    make.write(executions=[run])
    with _followed(catalog) as following:
        for _ in range(3):
            catalog.redact(Text(SECRET), "ada", "")
            run = replace(run, state="running", attempt=run.attempt + 1, error=None)
            make.write(executions=[run])
            run = replace(run, state="failed", error=SECRET)
            make.write(executions=[run])
            assert _said(following.read()) == [
                (run.id, "running", run.attempt),
                (run.id, "failed", run.attempt),
            ]


def test_a_salvage_repeats_nothing(home: Path, opened: Callable[..., Catalog]) -> None:
    """What a damaged journal had told is not told again from the one that takes its place."""
    catalog = opened()
    make = Maker(catalog)
    before, left = make.execution(), make.execution(state="running")
    make.write(executions=[before])
    make.write(executions=[left, make.execution()])
    with _followed(catalog) as following:
        journal = home / "journal.jsonl"
        raw = bytearray(journal.read_bytes())
        raw[raw.index(before.id.encode())] ^= 1
        journal.write_bytes(raw)
        salvage(home, "ada")
        again = Maker(opened())
        new = again.execution()
        again.write(executions=[replace(left, state="dead"), new])
        assert _said(following.read()) == [(left.id, "dead", 1), (new.id, "succeeded", 1)]


_STEPS = st.lists(
    st.sampled_from(["begin", "secret", "end", "resume", "read", "purge", "redact"]), max_size=12
)


@settings(max_examples=15)
@given(_STEPS)
def test_whatever_takes_the_journals_place(steps: list[str]) -> None:
    """Purged and redacted between any two looks: all that was committed, once, in order."""
    with tempfile.TemporaryDirectory() as place, closing(Catalog(place, sync="none")) as catalog:
        make, committed = Maker(catalog), list[Execution]()
        open_, ended = list[Execution](), [make.execution(state="failed", attempt=2)]
        make.write(executions=ended)
        make.write(executions=[make.execution(), make.execution(state="running")])
        told: Told = []
        with _followed(catalog) as following:
            for step in [*steps, "read"]:
                if step in ("begin", "secret"):
                    error = SECRET if step == "secret" else None
                    open_.append(make.execution(state="running", error=error))
                    committed.append(open_[-1])
                    make.write(executions=committed[-1:])
                elif step == "end" and open_:
                    ended.append(replace(open_.pop(0), state="failed"))
                    committed.append(ended[-1])
                    make.write(executions=committed[-1:])
                elif step == "resume" and ended:
                    run = ended.pop(0)
                    open_.append(replace(run, state="running", attempt=run.attempt + 1))
                    committed.append(open_[-1])
                    make.write(executions=committed[-1:])
                elif step == "purge":
                    catalog.purge("ada")
                elif step == "redact":
                    _redact(catalog, make)
                if step in ("read", "purge", "redact"):
                    told += _said(following.read())
        ours = _said(committed)
        assert [each for each in told if each in ours] == ours
        assert len(told) == len(set(told))


def _redact(catalog: Catalog, make: Maker) -> None:
    make.write(executions=[make.execution(error=SECRET)])  # there is something to be redacted
    catalog.redact(Text(SECRET), "ada", "a test")
