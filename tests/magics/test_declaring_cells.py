"""``%%task`` and ``%%workflow``: the twins of the decorators."""

from __future__ import annotations

from typing import Any

import pytest

import heirloom as hl
from heirloom import errors


def test_a_task_and_a_workflow_from_cells(notebook: Any) -> None:
    """The line is the signature, the cell the body; names after the arrow are artifacts."""
    notebook.run("%%artifact sales[region=emea]\npd.DataFrame({'a': [1.0, None]})")
    notebook.run("%%task clean(raw: pd.DataFrame) -> measurements\nraw.dropna()")
    notebook.run(
        '%%workflow refresh(raw: pd.DataFrame = sales.query(region="emea"))\nclean(raw=raw)'
    )
    assert hl.search("name=measurements").total == 0
    notebook.run("refresh()")

    version = hl.get("measurements")
    assert (version.schema or {})["rows"] == 1
    text = hl.lineage(version, up=None).to_text()
    assert "workflow refresh" in text
    assert "sales[region=emea]@1  (query)" in text


def test_a_new_artifact_is_declared_with_its_keys(notebook: Any) -> None:
    """``-> measurements(batch=Inputs.batch)`` partitions what the task emits."""
    notebook.run("%%task measure(batch: str) -> measurements(batch=Inputs.batch)\nlen(batch)")
    notebook.run('measure(batch="b1")')

    assert dict(hl.get("measurements").partitions) == {"batch": "b1"}


def test_a_bad_signature_points_at_its_spot(notebook: Any) -> None:
    """A line that is no signature is one line with a mark."""
    with pytest.raises(errors.DeclarationError, match="▸"):
        notebook.run("%%task clean(raw\nraw")
    assert "clean" not in notebook.names


def test_an_artifact_with_a_time_is_named_as_any(notebook: Any) -> None:
    """Its granularity is what is declared: in a default and after ``->``."""
    notebook.run("%%artifact daily --time 2026-01-31\n2")
    notebook.run("from datetime import datetime")
    notebook.run("%%task double(n: int) -> daily(time_partition=datetime(2026, 2, 1, 12))\n2 * n")
    notebook.run('%%workflow next(n: int = daily.query(time_partition="2026-01-31"))\ndouble(n)')
    notebook.run("next()")

    version = hl.get("daily")
    assert (version.conditions, hl.pull(version)) == ({"time": "2026-02-01"}, 4)
