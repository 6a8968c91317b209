"""What a reactive cell listens to, is given, and is refused for."""

from __future__ import annotations

from typing import Any

import pytest

import heirloom as hl
from heirloom import errors


def test_a_pinned_input_stays_and_is_not_listened_to(notebook: Any) -> None:
    """``--from old=sales@1`` gives version 1 to every run; only the open input starts one."""
    notebook.run("%%artifact sales[region=emea]\n10")
    notebook.run("%%artifact sales[region=apac]\n1")
    notebook.run(
        "%%artifact growth --from old=sales@1 --from sales[region=apac]@latest --on\nsales - old"
    )
    for region, value in (("emea", 99), ("apac", 13)):
        notebook.run(f"%%artifact sales[region={region}]\n{value}")
    hl.settle()

    (plan,) = hl.plans()
    assert plan.trigger is not None
    assert [str(query.ref) for query in plan.trigger.on] == ["sales[region=apac]"]
    assert [hl.pull(version) for version in hl.search("name=growth")] == [3, -9]


def test_two_inputs_of_one_artifact_are_each_their_own(notebook: Any) -> None:
    """The input that the firing version meets is that version; the other is asked for."""
    notebook.run("%%artifact sales[region=emea]\n10")
    notebook.run("%%artifact sales[region=apac]\n1")
    notebook.run(
        "%%artifact both --from a=sales[region=emea] --from b=sales[region=apac] --on\na * 100 + b"
    )
    notebook.run("%%artifact sales[region=apac]\n2")
    hl.settle()

    assert hl.pull("both") == 1002


def test_on_another_artifact(notebook: Any) -> None:
    """``--on REF`` starts the cell; its inputs are asked for as they are then."""
    notebook.run("%%artifact sales\n10")
    notebook.run("%%artifact clock\n0")
    notebook.run("%%artifact double --from sales --on clock\n2 * sales")
    notebook.run("%%artifact sales\n20")
    hl.settle()
    assert hl.get("double").version == 1

    notebook.run("%%artifact clock\n1")
    hl.settle()
    assert hl.pull("double") == 40


def test_a_card_of_its_own_goes_with_every_run(notebook: Any) -> None:
    """``--card`` is part of the plan; a held ``%%card`` serves the run by hand alone."""
    notebook.run("%%artifact sales\n10")
    notebook.run('%%artifact one --from sales --on --card "Always"\nsales')
    notebook.run("%%card\nOnce")
    notebook.run("%%artifact two --from sales --on\nsales")
    notebook.run("%%artifact sales\n20")
    hl.settle()

    def cards(name: str) -> list[str | None]:
        found = list(hl.search(f"name={name}"))
        return [version.card.text.strip() if version.card else None for version in found]

    assert cards("one") == ["Always", "Always"]
    assert cards("two") == [None, "Once"]


def test_the_cell_stays_out_of_the_notebooks_names(notebook: Any) -> None:
    """Neither the task that is made of it nor our module is bound."""
    notebook.run("del hl\nbefore = set(globals())")
    notebook.run("%%artifact sales\n10")
    notebook.run("%%artifact double --from sales --on\n2 * sales")

    new = {
        n for n in notebook.names if n not in notebook.names["before"] and n.strip("_i0123456789")
    }
    assert new == {"before", "sales"}
    notebook.run("import heirloom as hl")


REFUSED = [
    ("%%artifact x --on\n1", errors.DeclarationError, "nothing to listen to"),
    ("%%artifact x --from sales@1 --on\n1", errors.DeclarationError, "nothing to listen to"),
    ("%%artifact x --from sales --on sales@1\n1", errors.DeclarationError, "yet to come"),
    ("%%artifact x --from sales --on\nn = n + sales", errors.DeclarationError, "'n' before"),
    ("%%artifact x --from sales --on\nfrom math import *\npi", errors.DeclarationError, "line 1"),
    ("%%artifact x --from sales --on\nawait go()", errors.DeclarationError, "'await' outside"),
    ("%%artifact x --from sales --on\nlist(live)", errors.NotPortable, "--from live=REF"),
    ("%%artifact x --from sales --on\n!ls\n1", errors.NotPortable, "other cells"),
]


@pytest.mark.parametrize(("cell", "error", "says"), REFUSED)
def test_what_cannot_run_apart_is_refused_before_it_runs(
    notebook: Any, cell: str, error: type[Exception], says: str
) -> None:
    """One line says why; nothing ran, was emitted or registered."""
    notebook.run("%%artifact sales\n10")
    notebook.run("n = 1\nlive = iter([])")
    notebook.run("async def go(): return 1")
    with pytest.raises(error, match=says) as raised:
        notebook.run(cell)

    assert "\n" not in str(raised.value)
    assert notebook.names["n"] == 1
    assert len(hl.executions()) == 1
    assert hl.plans() == []
