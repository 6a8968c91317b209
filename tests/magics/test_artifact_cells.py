"""``%%artifact``: what it runs, records, reads, and refuses."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from IPython.core.interactiveshell import ExecutionInfo

import heirloom as hl
from heirloom import errors

SALES = 'pd.DataFrame({"amount": [1.0, 2.0, None]})'


def versions() -> list[tuple[str, int]]:
    """Every version, newest first."""
    return [(version.name, version.version) for version in hl.search(limit=1000)]


def reads(ref: str) -> dict[str, str]:
    """What went into a version, and how it is known."""
    producer = hl.current().catalog.view().producer(hl.get(ref).ref)
    assert producer is not None
    return {read.item.rpartition("/")[2]: read.how for read in producer.all_reads()}


def test_the_last_expression_is_emitted(notebook: Any) -> None:
    """The last value becomes a version, and the cell's names stay."""
    notebook.run(
        f'%%artifact sales[region=emea] --card "Daily, {{1 + 1}}"\nraw = {SALES}\nraw.dropna()'
    )

    version = hl.get("sales[region=emea]")
    assert (version.kind, (version.schema or {})["rows"]) == ("data", 2)
    assert version.card is not None
    assert version.card.text == "Daily, 2"
    assert len(notebook.names["raw"]) == 3
    assert "sales[region=emea]@1" in notebook.notice


def test_the_single_assigned_name_is_emitted(notebook: Any) -> None:
    """A last assignment to one name is the payload, and nothing else is bound."""
    notebook.run("%%artifact total\nanswer = 40 + 2")

    assert hl.pull("total") == 42
    assert notebook.names["answer"] == 42
    assert "total" not in notebook.names


def test_every_run_by_hand_is_an_emission(notebook: Any) -> None:
    """Running a cell again gives the next version, also of equal content."""
    for _ in range(2):
        notebook.run("%%artifact total\n42")

    assert versions() == [("total", 2), ("total", 1)]
    assert hl.get("total@1").digest == hl.get("total@2").digest


def test_from_binds_and_is_an_edge(notebook: Any) -> None:
    """``--from`` binds the value under the last word, or the name given, as a declared read."""
    notebook.run(f"%%artifact team/sales\n{SALES}")
    notebook.run(
        "%%artifact count --from team/sales --from again=team/sales@1\nlen(sales), len(again)"
    )

    assert hl.pull("count") == (3, 3)
    assert reads("count") == {"sales@1": "declared"}
    assert "read team/sales@1, team/sales@1" in notebook.notice


def test_a_free_variable_is_an_edge(notebook: Any) -> None:
    """A name that holds a version is read by the cell that uses it."""
    notebook.run(f"%%artifact sales\n{SALES}")
    notebook.run("%pull sales --as mine")
    notebook.run("%%artifact count\nlen(mine)")

    assert reads("count") == {"sales@1": "free-variable"}


def test_what_went_through_ordinary_cells_is_derived(notebook: Any) -> None:
    """A version made from what came of a version has the edge, with the cells between."""
    notebook.run(f"%%artifact sales\n{SALES}")
    notebook.run('table = hl.pull("sales")')
    notebook.run("def summed(): return table.amount.sum()")
    notebook.run("mean = summed() / 2")
    notebook.run("other = 3")
    notebook.run("%%artifact derived\nfloat(mean)")
    notebook.run("%%artifact unrelated\nother")

    assert reads("derived") == {"sales@1": "derived"}
    assert reads("unrelated") == {}


def test_a_name_bound_anew_is_no_longer_the_version(notebook: Any) -> None:
    """An ordinary assignment ends what a name came from."""
    notebook.run(f"%%artifact sales\n{SALES}")
    notebook.run("%pull sales --as mine")
    notebook.run("mine = 5")
    notebook.run("%%artifact count\nmine")

    assert reads("count") == {}


def test_an_ordinary_cell_that_reads_is_recorded(notebook: Any) -> None:
    """A pull in an ordinary cell is an edge of that cell; other cells record nothing."""
    notebook.run("%%artifact total\n42")
    notebook.run('hl.pull("total")')
    notebook.run("1 + 1")

    consumers = hl.current().consumers(hl.get("total"))
    assert [execution.kind for execution in consumers] == ["cell"]
    assert len(hl.executions()) == 2


def test_an_ordinary_cell_is_read_as_the_notebook_read_it(
    notebook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its magics become Python once, where IPython hands on what came of that."""
    times: list[str] = []
    transform = notebook.shell.transform_cell

    def counted(cell: str) -> Any:
        times.append(cell)
        return transform(cell)

    monkeypatch.setattr(notebook.shell, "transform_cell", counted)
    notebook.run("x = 1")
    hands_on = "transformed_cell" in inspect.signature(ExecutionInfo).parameters
    assert times == ["x = 1"] * (1 if hands_on else 2)


def test_top_level_await_works(notebook: Any) -> None:
    """A cell may await."""
    notebook.run("%%artifact waited\nimport asyncio\nawait asyncio.sleep(0)\n3")

    assert hl.pull("waited") == 3


def test_a_card_cell_is_held_for_the_next_emission(notebook: Any) -> None:
    """``%%card`` fills braces in and serves one emission."""
    notebook.run("%%card\n# Of {6 * 7}")
    notebook.run("%%artifact total\n42")
    notebook.run("%%artifact total\n43")

    first, second = hl.get("total@1"), hl.get("total@2")
    assert first.card is not None
    assert first.card.text.strip() == "# Of 42"
    assert second.card is None


def test_a_card_of_an_existing_version_is_revised(notebook: Any) -> None:
    """``%%card REF`` gives a version another card."""
    notebook.run('%%artifact total --card "old"\n42')
    notebook.run("%%card total@1\nnew")

    version = hl.get("total@1")
    assert version.card is not None
    assert version.card.text.strip() == "new"


REFUSED = [
    ("%%artifact total\nfor i in range(3): pass", errors.DeclarationError, "no value"),
    ("%%artifact total\nNone", errors.DeclarationError, "last value is None"),
    ("%%artifact sales\n1", errors.PartitionError, "needs partitions"),
    ("%%artifact sales[regio=emea]\n1", errors.PartitionError, "Did you mean 'region'"),
    ("%%artifact total[\n1", errors.RefError, "▸"),
    ("%%artifact total@3\n1", errors.RefError, "without '@'"),
    ("%%artifact total --from nosuch\n1", errors.ArtifactNotFound, "nosuch"),
    ("%%artifact total --from sale\n1", errors.ArtifactNotFound, "Did you mean 'sales'"),
    ("%%artifact total --frm sales\n1", errors.DeclarationError, "no option"),
    ("%%artifact total --card {nosuch}\n1", errors.DeclarationError, "no value"),
    ("%%artifact total\nobject()", errors.CodecError, "No safe format"),
    ("%%artifact total\n1/0", ZeroDivisionError, "division"),
    ("%%artifact total\n1 +", SyntaxError, "invalid syntax"),
]


@pytest.mark.parametrize(("cell", "error", "says"), REFUSED)
def test_bad_input_is_one_line_and_no_version(
    notebook: Any, cell: str, error: type[Exception], says: str
) -> None:
    """What cannot be recorded says so in one line, and no version comes of it."""
    notebook.run("%%artifact sales[region=emea]\n1")
    with pytest.raises(error, match=says) as raised:
        notebook.run(cell)

    assert "\n" not in str(raised.value)
    assert versions() == [("sales", 1)]


def test_a_failing_cell_is_recorded_with_its_own_traceback(notebook: Any) -> None:
    """The user's error is kept with the execution and shown from the cell on."""
    with pytest.raises(ZeroDivisionError) as raised:
        notebook.run("%%artifact total\n1/0")

    (execution,) = hl.executions()
    assert execution.state == "failed"
    assert "ZeroDivisionError" in (execution.error or "")
    shown = "\n".join(raised.value._render_traceback_())  # type: ignore[attr-defined]
    assert "heirloom" not in shown


def test_a_cell_under_anothers_name(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not run without ``--allow-shared``; with it, it emits under the name."""
    notebook.run("%%artifact total\n1")
    monkeypatch.setenv("HEIRLOOM_USER", "bob")
    hl.connect()
    with pytest.raises(errors.DeclarationError, match="'total' is tester's"):
        notebook.run("%%artifact total\nran = 2")
    assert "ran" not in notebook.names
    notebook.run("%%artifact total --allow-shared\nran = 2")
    assert (hl.get("total").version, hl.get("total").created_by) == (2, "bob")


def test_the_line_under_a_cell_opens_the_version(notebook: Any) -> None:
    """Of what is emitted, cached and pulled: its facts, its pull and its card, with no script."""
    cell = "%%artifact sales --cache --card '# Daily <script>'\n1 + 1"
    for line, says in ((cell, "sales@1 int"), (cell, "cached"), ("%pull sales --as x", "bound")):
        notebook.run(line)
        shown = notebook.shown[-1]["text/html"]
        summary, opened = shown.split("</summary>")
        assert shown.startswith("<details")
        assert says in summary
        assert "sales = hl.pull(&quot;sales@1&quot;)" in opened
        assert "Daily &lt;script&gt;" in opened
        assert "<script" not in shown
