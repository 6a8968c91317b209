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
