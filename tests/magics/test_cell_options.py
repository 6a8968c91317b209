"""``%%artifact``'s options: each is what the function of the front does with the same word."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom import errors


def test_a_time_declares_and_tells_versions_apart(notebook: Any) -> None:
    """``--time`` makes a new artifact time partitioned by day, and is cut to that."""
    notebook.run("%%artifact daily[region=emea] --time {'2026-01-' + str(30 + 1)}T15:00\n1")
    notebook.run("%%artifact daily[region=emea] --time 2026-02-01\n2")

    assert hl.get("daily[time=2026-01-31]").time_partition == datetime(2026, 1, 31, tzinfo=UTC)
    assert hl.pull("daily[region=emea,time=2026-02-01]") == 2


def test_a_time_is_needed_where_it_is_declared(notebook: Any) -> None:
    """A missing, surplus or malformed time is one line, and the cell does not run."""
    hl.publish(1, "daily", time_partition=datetime(2026, 1, 1, tzinfo=UTC))
    hl.publish(1, "plain")
    for cell, says in (
        ("daily", "give --time 2026-01-31"),
        ("plain --time 2026-01-31", "not time partitioned"),
        ("daily --time yesterday", "no date or time"),
        ("daily[time=2026-01-31]", "given as --time 2026-01-31"),
    ):
        with pytest.raises(errors.PartitionError, match=says):
            notebook.run(f"%%artifact {cell}\nran = 1")
    assert "ran" not in notebook.names
    assert hl.search().total == 2


def test_a_draft_is_not_latest_and_fires_nothing(notebook: Any) -> None:
    """``--draft`` records a version that only its number reaches."""
    notebook.run("%%artifact sales\n10")
    notebook.run("%%artifact double --from sales --on\n2 * sales")
    notebook.run("%%artifact sales --draft\n20")

    assert (hl.get("sales").version, hl.get("sales@2").state) == (1, "draft")
    assert hl.ledger() == []


def test_a_format_and_a_kind_are_the_versions(notebook: Any) -> None:
    """``--format`` and ``--kind`` stand in the record."""
    notebook.run("%%artifact table --format arrow --kind model\npd.DataFrame({'a': [1]})")

    version = hl.get("table")
    assert (version.format, version.kind) == ("arrow", "model")


def test_a_reactive_cell_says_the_same_of_every_version(notebook: Any) -> None:
    """What a run by itself makes has the time, format, kind and card of the line."""
    notebook.run("%%artifact sales\npd.DataFrame({'a': [1]})")
    notebook.run(
        "%%artifact copy --from sales --on --time 2026-01-31 --format arrow --kind file "
        "--card '# It'\nsales + 1"
    )
    notebook.run("%%artifact drafted --from sales --on --draft\nsales + 1")
    notebook.run("%%artifact sales\npd.DataFrame({'a': [2]})")
    hl.settle()

    first, second = hl.get("copy@1"), hl.get("copy@2")
    assert second.execution_id != first.execution_id
    assert hl.current().producer(second).plan == "copy[time=2026-01-31]"  # type: ignore[union-attr]
    for version in (first, second):
        assert (version.format, version.kind, str(version.card)) == ("arrow", "file", "# It")
        assert version.conditions == {"time": "2026-01-31"}
    assert [hl.get(f"drafted@{number}").state for number in (1, 2)] == ["draft", "draft"]


def test_when_says_what_starts_the_cell(notebook: Any) -> None:
    """``--when version`` runs the cell for a version of equal content too."""
    notebook.run("%%artifact sales\n10")
    notebook.run("%%artifact any --from sales --on --when version\nsales")
    notebook.run("%%artifact new --from sales --on\nsales")
    notebook.run("%%artifact sales\n20")
    notebook.run("%%artifact sales\n20")

    assert [row.state for row in hl.ledger("any")] == ["queued", "queued"]
    assert [row.state for row in hl.ledger("new")] == ["unchanged", "queued"]


def test_a_card_is_a_text_a_file_or_a_name(
    notebook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--card`` takes Markdown, a file of it, or the name of a card or a text."""
    monkeypatch.chdir(tmp_path)
    Path("notes.md").write_text("# From {a} file")
    notebook.run("said = 'named'\ndescribed = hl.ModelCard('# M')")
    found = []
    for card in ("'# Text'", "notes.md", "said", "described"):
        notebook.run(f"%%artifact total --card {card}\n1")
        version = hl.get("total")
        found.append((str(version.card), version.kind))

    assert found == [
        ("# Text", "value"),
        ("# From {a} file", "value"),
        ("named", "value"),
        ("# M", "model"),
    ]
    with pytest.raises(errors.InputError, match=r"none\.md"):
        notebook.run("%%artifact total --card none.md\n1")


class TestCache:
    """``--cache``: the rule of a task's cache, for a cell."""

    def test_an_equal_run_is_linked_and_nothing_fires(self, notebook: Any) -> None:
        """The same code on the same content does not run; its value is bound and shown."""
        notebook.run("%%artifact sales\n10")
        notebook.run("ran = []\n%reload_ext heirloom")
        cell = "%%artifact double --from sales --cache\nhalf = sales / 2\nresult = 4 * half"
        notebook.run(cell)
        notebook.run("del result, half\n")
        notebook.run("%%artifact sales\n10")
        notebook.run(cell)

        assert notebook.names["result"] == 20
        assert "double@1" in notebook.notice
        assert "the cell did not run · not bound: half" in notebook.notice
        assert hl.search("name=double").total == 1
        hit, made, *_ = hl.executions(name="double")
        assert (hit.state, hit.cached_from) == ("succeeded", made.id)
        assert hit.outputs["o0"] == hl.get("double")
        assert hl.get("sales@2") == hit.inputs["sales"]

    def test_other_code_inputs_or_partitions_run(self, notebook: Any) -> None:
        """What differs in any of them is another version; what is off runs every body."""
        notebook.run("%%artifact sales\n10")
        notebook.run("factor = 2")
        cell = "%%artifact double --from sales --cache\nfactor * sales"
        for before in ("1", "factor = 3", "%%artifact sales\n11"):
            notebook.run(before)
            notebook.run(cell)
        assert [hl.pull(version) for version in hl.search("name=double")] == [33, 30, 20]
        notebook.run(cell.replace("double", "other"))
        assert hl.pull("other") == 33

    def test_a_run_by_itself_finds_what_was_made_by_hand(self, notebook: Any) -> None:
        """A reactive cell with a cache links what it made of the same content."""
        for value in (10, 20, 10):
            notebook.run(f"%%artifact sales\n{value}")
            notebook.run("%%artifact double --from sales --cache --on\n2 * sales")
            hl.settle()

        assert [hl.pull(version) for version in hl.search("name=double")] == [40, 20]

    def test_what_is_gone_is_made_again(self, notebook: Any) -> None:
        """A yanked version is none to reuse."""
        for _ in range(2):
            notebook.run("%%artifact total --cache\n42")
        hl.yank("total")
        notebook.run("%%artifact total --cache\n42")

        assert hl.get("total").version == 2

    @pytest.mark.parametrize(
        ("body", "error", "says"),
        [
            ("len(list(live))", errors.NotPortable, "cannot be cached.*'live'.*--from live=REF"),
            ("await go()", errors.DeclarationError, "cannot be a function"),
        ],
    )
    def test_what_cannot_be_cached_is_refused_before_it_runs(
        self, notebook: Any, body: str, error: type[Exception], says: str
    ) -> None:
        """Code whose digest does not tell what it does is one line, and records nothing."""
        notebook.run("live = iter([])\nasync def go(): return 1")
        with pytest.raises(error, match=says) as raised:
            notebook.run(f"%%artifact total --cache\n{body}")
        assert "\n" not in str(raised.value)
        assert hl.executions() == []


def test_a_preview_runs_and_records_nothing(notebook: Any) -> None:
    """``--preview`` says what the cell would make, read, listen to and start."""
    notebook.run("%%artifact sales[region=emea]\n10")
    notebook.run("%%artifact double --from sales[region=emea] --on\n2 * sales")
    notebook.run(
        "%%artifact sales[region=emea] --from twice=double --on --card x --cache --preview\n"
        "ran = twice"
    )

    told, started, own = (shown["text/plain"] for shown in notebook.shown)
    assert "sales[region=emea]@2, with a card, unless an equal run made it" in told
    assert "double@1, as twice" in told
    assert "by plan sales[region=emea], on new content of double" in told
    assert started.startswith("<preview of sales[region=emea]@2: 1 queued")
    assert "double v1" in started
    assert own.startswith("<preview of double@2: 1 queued, 2 more in turn>")
    assert "sales[region=emea] v1  double@2  queued" in own
    assert "ran" not in notebook.names
    assert (hl.search().total, len(hl.executions()), len(hl.plans())) == (2, 2, 1)
    notebook.run("%%artifact new --preview\n1")
    assert notebook.notice == "%%artifact new would\n\nemit  new@1"


@pytest.mark.parametrize(
    ("line", "error", "says"),
    [
        ("total --when change", errors.DeclarationError, "goes with --on"),
        ("total --on sales --when chnge", errors.DeclarationError, "Did you mean 'change'"),
        ("total --kind modle", errors.DeclarationError, "Did you mean 'model'"),
        ("total --format arow", errors.CodecError, "Did you mean 'arrow'"),
        ("total --drft", errors.DeclarationError, "Did you mean '--draft'"),
        ("total --time", errors.DeclarationError, "expected one argument"),
        ("total --preview --from sale", errors.ArtifactNotFound, "Did you mean 'sales'"),
    ],
)
def test_a_wrong_option_is_one_line(
    notebook: Any, line: str, error: type[Exception], says: str
) -> None:
    """What, got, nearest; the cell does not run, nothing is recorded or registered."""
    notebook.run("%%artifact sales\n10")
    with pytest.raises(error, match=says) as raised:
        notebook.run(f"%%artifact {line}\nran = 1")
    assert "\n" not in str(raised.value)
    assert "ran" not in notebook.names
    assert (len(hl.executions()), hl.plans()) == (1, [])
