"""Lineage from free variables: each rule as a small notebook."""

from __future__ import annotations

import pytest
from cases import CASES, Case
from marked import marks_in
from plain_notebook import PlainNotebook


def test_a_text_that_nests_too_deep_to_be_visited() -> None:
    """It loses no source: any word in it may be read and bound."""
    notebook = PlainNotebook()
    notebook.run(f"x = s{' + 1' * 900}")
    value, traced = notebook.value("x")
    assert marks_in(value) == traced.items.keys() == {"s"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_what_is_in_a_value_is_among_what_it_is_traced_to(case: Case) -> None:
    """No source is lost, and no more is added than the rule says."""
    notebook = PlainNotebook()
    for cell in case.cells:
        notebook.run(cell)
    value, traced = notebook.value(case.result)
    assert marks_in(value) <= traced.items.keys()
    assert traced.items.keys() == case.sources
    assert not traced.unknown
