"""Lineage from free variables in a real shell: magics, shown values, calls, what is not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.records.executions import Execution


@pytest.fixture(autouse=True)
def _sources(notebook: Any) -> None:
    """Two versions, each in a name."""
    for name in ("sales", "rates"):
        hl.publish([1.0, 2.0], name)
    notebook.run("sales = hl.pull('sales')")
    notebook.run("rates = hl.pull('rates')")


def producer(name: str) -> Execution:
    """What made the newest version of a name."""
    made = hl.current().catalog.view().producer(hl.get(name).ref)
    assert made is not None
    return made


def reads(name: str) -> set[str]:
    """The names of the artifacts that it read."""
    return {
        read.item.rpartition("/")[2].partition("@")[0]
        for read in producer(name).all_reads()
        if "://" in read.item
    }


CELLS = [
    ("a shown value", ["sum(sales)"], "_"),
    ("the one before", ["sum(sales)", "1"], "__"),
    ("the one before that", ["sum(sales)", "1", "2"], "___"),
    ("Out", ["sum(sales)"], "max(Out)"),
    ("a shown value changed", ["x = []\nx", "x.append(sales)"], "str(_)"),
    ("the value of a failed cell's names", ["x = sum(sales)\n1 / 0"], "x"),
    ("%time", ["%time x = sum(sales)"], "x"),
    ("%%time", ["%%time\nx = sum(sales)"], "x"),
    ("%%time around a magic", ["%%time\n%time x = sum(sales)"], "x"),
    ("%%capture", ["%%capture said\nprint(sales)"], "str(said)"),
    ("%timeit", ["x = []", "%timeit -n1 -r1 x.append(sales)"], "str(x)"),
    ("the system shell", ["said = !echo {sales[0]}"], "str(said)"),
    ("an emitting cell", ["%%artifact made\nx = sum(sales)\nx"], "x"),
    ("an emitting cell with inputs", ["%%artifact made --from x=sales\nx.append(0)\n1"], "x"),
    ("a preview runs nothing", ["x = sum(sales)", "%%artifact made --preview\nx = 1"], "x"),
    ("a cell in a cell", ["get_ipython().run_cell('x = sum(sales)')\ny = x"], "y"),
    ("await", ["import asyncio\nx = await asyncio.sleep(0, sales)"], "str(x)"),
    ("a pull", ["x = sum(hl.pull('sales'))"], "x"),
    ("a function that pulls", ["def load(): return hl.pull('sales')", "x = load()"], "sum(x)"),
]


@pytest.mark.parametrize(
    ("cells", "result"), [case[1:] for case in CELLS], ids=[case[0] for case in CELLS]
)
def test_the_source_is_found(notebook: Any, cells: list[str], result: str) -> None:
    """Through whatever IPython does, the version is an ancestor, and the other is not."""
    for cell in cells:
        notebook.shell.run_cell(cell, store_history=True)
    notebook.run(f"%%artifact out\n{result}")
    found = reads("out")
    if "made" in found:
        found = found - {"made"} | reads("made")
    assert found == {"sales"}
    assert not hl.get("out").partial


def test_a_name_bound_anew_by_a_magic_forgets(notebook: Any) -> None:
    """``%time`` runs its line once; ``%timeit`` may not have."""
    notebook.run("x = sales")
    notebook.run("%time x = rates")
    notebook.run("%%artifact out\nstr(x)")
    assert reads("out") == {"rates"}


def test_what_a_user_calls_underscore_is_the_users(notebook: Any) -> None:
    """IPython then no longer keeps what it shows there."""
    notebook.run("_ = rates")
    notebook.run("sum(sales)")
    notebook.run("%%artifact out\nsum(_)")
    assert reads("out") == {"rates"}


def test_a_cell_that_only_reads_is_called_as_it_is_found(
    notebook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its notebook, where that is known, and the number beside it: its id says nothing."""
    notebook.run("hl.pull('sales')", "d3c4d8c2-3469")
    count = notebook.shell.execution_count - 1
    assert hl.executions()[0].name == f"[{count}]"
    monkeypatch.setenv("JPY_SESSION_NAME", "team/plan b.ipynb")
    notebook.run("hl.pull('sales')", "d3c4d8c2-3469")
    assert hl.executions()[0].name == f"plan b [{count + 1}]"


def test_publish_has_the_edges_of_its_cell(notebook: Any) -> None:
    """What is published from names came from what they came from."""
    notebook.run("total = sum(sales)")
    notebook.run("hl.publish(total, 'out')")
    notebook.run("hl.publish(sales, 'copy')")
    assert {read.how for read in producer("out").reads} == {"derived"}
    assert {read.how for read in producer("copy").reads} == {"free-variable"}
    assert reads("out") == reads("copy") == {"sales"}


def test_a_task_has_the_edges_of_what_it_is_given(notebook: Any) -> None:
    """A call takes over what its arguments came from; a literal brings nothing along."""
    notebook.run("twice = hl.Artifact('twice')")
    notebook.run(
        "@hl.task\ndef double(n: float) -> Annotated[float, twice]: return n * 2".replace(
            "Annotated", "__import__('typing').Annotated"
        )
    )
    notebook.run("total = sum(sales)")
    notebook.run("x = double(n=total)")
    assert reads("twice") == {"sales"}
    notebook.run("y = rates, double(n=3.0)")
    assert reads("twice") == set()
    notebook.run("%%artifact out\nx + 1")
    assert reads("out") == {"sales", "twice"}


def test_what_a_cell_emitted_is_among_what_its_names_came_from(notebook: Any) -> None:
    """A workflow's output, used further, is an ancestor like a version that was pulled."""
    notebook.run("from typing import Annotated")
    notebook.run(
        "@hl.task\ndef one() -> Annotated[float, hl.Artifact('one')]: return 1.0\n"
        "@hl.workflow\ndef flow() -> float: return one()"
    )
    notebook.run("x = flow() + 1")
    notebook.run("%%artifact out\nx * 2")
    assert reads("out") == {"one"}


PARTIAL = [
    ("hidden", "exec('hidden = 1')", "hidden"),
    ("exec()", "exec('x = 1')\ny = 2", "y"),
    ("globals()", "x = globals()['sales']", "str(x)"),
    ("hidden", "get_ipython().user_ns['hidden'] = 1", "hidden"),
    ("hidden", "exec('def hidden(): return 1')", "hidden()"),
    ("hidden", "exec('hidden = 1')\ndef f(): return hidden", "f()"),
]


@pytest.mark.parametrize(("name", "cell", "result"), PARTIAL)
def test_a_name_that_no_cell_bound_is_told(
    notebook: Any, name: str, cell: str, result: str
) -> None:
    """The version's provenance is partial, and says by which name; what comes of it, too."""
    notebook.run(cell)
    notebook.run(f"%%artifact out\n{result}")
    version = hl.get("out")
    assert version.partial == (name,)
    assert producer("out").partial == (name,)
    assert f"no recorded cell bound {name}" in version._repr_mimebundle_()["text/html"]
    assert f"provenance partial: no cell bound {name}" in notebook.notice
    assert f"out@1  (partial: {name})" in hl.lineage("out").to_text()
    notebook.run(f"further = {result}")
    notebook.run("%%artifact further\nfurther")
    assert name in hl.get("further").partial


@pytest.mark.parametrize(
    "cell",
    [
        "for i in range(3):\n    last = i\nlast",
        "if True:\n    last = 2\nlast",
        "from math import *\nround(pi)",
        "%time last = 2\nlast",
        "def bind():\n    global last\n    last = 2\nbind()\nlast",
    ],
)
def test_what_the_cell_may_have_bound_itself_comes_from_it(notebook: Any, cell: str) -> None:
    """A name that was not there before is no hole, sure as it is not that the text has bound it."""
    notebook.run(f"%%artifact out\n{cell}")
    assert hl.get("out").partial == ()


def test_what_was_there_before_a_cell_that_may_bind_it_is_told(notebook: Any) -> None:
    """The cell may have read what nobody recorded."""
    notebook.names["early"] = 1
    notebook.run("%%artifact out\nif not sales:\n    early = 2\nearly")
    assert hl.get("out").partial == ("early",)


def test_a_run_again_is_as_partial_as_the_first(notebook: Any) -> None:
    """What stands in its code as a constant came from nowhere the second time, too."""
    notebook.run("exec('hidden = 1')")
    notebook.run("%%artifact out\nhidden")
    assert hl.rerun(producer("out")).partial == hl.get("out@2").partial == ("hidden",)


def test_what_comes_from_no_cell_by_nature_is_not_told(notebook: Any) -> None:
    """Builtins, modules, libraries' functions and IPython's own names do not count."""
    notebook.shell.user_ns |= {"Path": Path, "dumps": __import__("json").dumps}
    notebook.run("%%artifact out\nstr([len(sales), Path, dumps, pd.NA, In, _, exit, __name__])")
    assert hl.get("out").partial == ()


def test_what_was_there_before_the_extension_is_told(notebook: Any) -> None:
    """A name bound before ``%load_ext``; once a cell binds it, it is known."""
    notebook.run("%unload_ext heirloom")
    notebook.run("early = 1")
    notebook.run("%load_ext heirloom")
    notebook.run("%%artifact out\nearly")
    assert hl.get("out").partial == ("early",)
    notebook.run("early = 2")
    notebook.run("%%artifact out\nearly")
    assert hl.get("out").partial == ()


def test_another_home_knows_nothing_of_this_one(notebook: Any, tmp_path: Path) -> None:
    """What came from one catalog's versions is unknown in another; in the same it stays known."""
    notebook.run("total = sum(sales)\nplain = 1")
    notebook.run("hl.connect()")
    notebook.run("%%artifact out\ntotal")
    assert reads("out") == {"sales"}
    notebook.run(f"hl.connect({str(tmp_path / 'other')!r})")
    notebook.run("%%artifact out\ntotal")
    assert hl.get("out").partial == ("total",)
    notebook.run("%%artifact out\nplain")


def test_cells_between_are_kept(notebook: Any) -> None:
    """The edge names the cells by which the version came here, in their order."""
    for at, cell in enumerate(["s = hl.pull('sales')", "x = sum(s)", "y = x + 1"]):
        notebook.shell.run_cell(cell, store_history=True, cell_id=f"c{at}")
    notebook.run("%%artifact out\ny")
    (read,) = producer("out").reads
    assert (read.how, read.via) == ("derived", ("c0", "c1", "c2"))


def test_what_a_run_gave_is_among_what_the_cells_names_came_from(notebook: Any) -> None:
    """Also a nameless value, taken out of the execution."""
    notebook.run(
        "@hl.task\ndef one() -> float: return 1.0\n@hl.workflow\ndef flow() -> float: return one()"
    )
    notebook.run("x = hl.run(flow).outputs['o0'] + 1")
    notebook.run("%%artifact out\nx * 2")
    (read,) = producer("out").reads
    assert (read.how, read.item.partition(":")[0]) == ("derived", "value")


def test_an_emission_is_no_source_of_what_went_into_it(notebook: Any) -> None:
    """A name that the cell only used did not come from the version that the cell made."""
    notebook.run("%%artifact first\nx = 5\nsales[:1]")
    notebook.run("%%artifact out\nsales[1:]")
    assert reads("out") == {"sales"}
    notebook.run("_")
    notebook.run("%%artifact again\nlen(_)")
    assert reads("again") == {"out"}


def test_a_task_keeps_nothing_of_its_calls(notebook: Any) -> None:
    """What a task, a workflow or a map was given before is no source of what it gives now."""
    notebook.run("@hl.task\ndef double(n: float) -> float: return n * 2")
    notebook.run("@hl.workflow\ndef flow(n: float) -> float: return double(n=n)")
    notebook.run("first = double(n=sum(sales)), flow(n=sum(sales))")
    notebook.run("hl.run(flow, n=sum(sales))")
    notebook.run("second = flow(n=sum(rates))")
    notebook.run("%%artifact out\nsecond + 1")
    found = hl.lineage("out", up=None, down=0).to_text()
    assert "rates@1" in found
    assert "sales@1" not in found
