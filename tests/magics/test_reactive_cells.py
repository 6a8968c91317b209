"""``--on``: a cell that runs again by itself."""

from __future__ import annotations

from typing import Any

import pytest

import heirloom as hl
from heirloom import errors


def test_it_runs_again_on_what_from_names(notebook: Any) -> None:
    """A new version runs the cell in a fresh namespace, bound to the version that fired."""
    notebook.run("%%artifact sales[region=emea]\n10")
    notebook.run("factor = 2\ndef scaled(value): return value * factor")
    notebook.run("%%artifact forecast --from sales[region=emea] --on\nscaled(sales)")
    notebook.run("%%artifact sales[region=emea]\n20")
    settled = hl.settle()

    assert [execution.state for execution in settled.done] == ["succeeded"]
    assert [hl.pull(version) for version in hl.search("name=forecast")] == [40, 20]
    (plan,) = hl.plans()
    assert plan.trigger is not None
    assert (plan.name, plan.is_active, plan.trigger.when) == ("forecast", True, "change")
    assert "started forecast" in notebook.notice


def test_two_artifacts_of_one_last_word_are_told_apart(notebook: Any) -> None:
    """What a cell read and what its plan waits for stand with the whole name, as in the log."""
    notebook.run("%%artifact emea/sales\n1")
    notebook.run("%%artifact apac/sales\n2")
    notebook.run("%%artifact total --from a=emea/sales --from b=apac/sales --on\na + b")
    assert "read emea/sales@1, apac/sales@1" in notebook.notice
    notebook.run("%%artifact emea/sales\n3")
    listed = notebook.run("%trigger total")
    assert "emea/sales@2" in repr(listed)
    (row,) = hl.ledger("total")
    assert repr(row).startswith("<emea/sales@2 at total")


def test_equal_content_starts_nothing(notebook: Any) -> None:
    """A version that says the same as the last one that fired is ``unchanged``."""
    notebook.run("%%artifact sales\n10")
    notebook.run("%%artifact forecast --from sales --on\nsales + 1")
    for _ in range(2):
        notebook.run("%%artifact sales\n20")

    assert [row.state for row in hl.ledger("forecast")] == ["unchanged", "queued"]


def test_running_the_cell_again_moves_the_plan(notebook: Any) -> None:
    """An edited cell is the plan's next version, active in place of the one before: it says so."""
    notebook.run("%%artifact sales\n10")
    notebook.run("%%artifact forecast --from sales --on\nsales + 1")
    notebook.run("%%artifact forecast --from sales --on\nsales + 2")
    assert "v2 registered and active in place of v1" in notebook.notice
    notebook.run("%%artifact sales\n20")
    hl.settle()

    assert hl.plan("forecast").version == 2
    assert hl.pull("forecast") == 22


def test_partitions_name_the_plan(notebook: Any) -> None:
    """The plan is named as the cell's ref, and its versions have the partitions."""
    notebook.run("%%artifact sales\n10")
    notebook.run("%%artifact forecast[region=emea] --from sales --on\nsales + 1")
    notebook.run("%%artifact sales\n20")
    hl.settle()

    assert [plan.name for plan in hl.plans()] == ["forecast[region=emea]"]
    assert hl.pull("forecast[region=emea]") == 21


def test_a_live_value_is_refused_before_anything_runs(notebook: Any) -> None:
    """Code that needs what lives in this kernel is one line that names it."""
    notebook.run("%%artifact sales\n10")
    notebook.run("import threading\nlock = threading.Lock()\nran = []")
    with pytest.raises(errors.NotPortable, match="'lock'"):
        notebook.run("%%artifact forecast --from sales --on\n(lock, sales)[1]")

    assert hl.plans() == []
    assert hl.search("name=forecast").total == 0


def test_inputs_are_the_versions_behind(notebook: Any) -> None:
    """``hl.inputs`` gives the version, by hand and triggered alike."""
    notebook.run("%%artifact sales[region=emea]\n10")
    notebook.run(
        "%%artifact region --from sales[region=emea] --on\n"
        'hl.inputs["sales"].partitions["region"] + str(hl.inputs["sales"].version)'
    )
    notebook.run("%%artifact sales[region=emea]\n20")
    hl.settle()

    assert [hl.pull(version) for version in hl.search("name=region")] == ["emea2", "emea1"]


def test_a_page_break_in_a_cell_changes_nothing(notebook: Any) -> None:
    """What it records by itself is what it gave by hand: Python takes a form feed for a blank."""
    notebook.run("%%artifact sales\n1")
    notebook.run("%%artifact out --from sales --on\nx = sales\n\f\nx = x + 1\nx + 10\nx + 100")
    notebook.run("%%artifact sales\n2")
    hl.settle()

    assert [hl.pull(version) for version in hl.search("name=out")] == [103, 102]
    notebook.run("%%task counted() -> int\nx = 1\n\f\nx = 2\nx + 10\nx + 100")
    assert notebook.run("counted()") == 102
