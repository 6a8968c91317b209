"""Looking through the command line: search, show, lineage, log, doctor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom import opening
from heirloom.cli.text import block, facts, line, table
from heirloom.testing.maker import Maker

Call = Callable[..., Any]
VERSION_FIELDS = (
    "project name version ref uri partitions time_partition kind type_name format size digest "
    "schema created_at created_by execution_id root_id card attachments notes aliases state "
    "partial snippet"
)
EXECUTION_FIELDS = (
    "id kind name code_version plan state inputs outputs started_at ended_at parent_id root_id "
    "attempt depth triggered_by cached_from rerun_of error log not_before held_by"
)


def test_search(heirloom: Call, sales: Any) -> None:
    """A table of versions, newest first; the words of the line need no quotes."""
    hl.publish(7, "other")
    said = heirloom("search")
    assert [row.split()[0] for row in said.lines] == ["version", "other@1", "sales[region=emea]@1"]
    found = heirloom("search", "region=emea", "kind=file", "daily").lines
    assert len(found) == 2
    assert found[1].startswith("sales[region=emea]@1 file File 8 ")
    assert found[1].endswith(" tester")
    assert heirloom("search", "nothing").out == "nothing found\n"


def test_more_than_the_limit(heirloom: Call) -> None:
    """What a limit leaves out is counted."""
    for number in range(5):
        hl.publish(number, "n")
    assert heirloom("search", "--limit", "2").lines[-1] == "… 3 more; --limit shows them"


def test_a_version_as_json(heirloom: Call, sales: Any) -> None:
    """With ``--json`` a version has the fields that the front promises, as JSON."""
    told = heirloom("show", "sales", "--json").document
    assert " ".join(told) == VERSION_FIELDS
    assert told["ref"] == "heirloom://default/sales@1"
    assert told["partitions"] == {"region": "emea"}
    assert told["card"] == {"text": "# Sales\nDaily.", "kind": ""}
    assert told["created_at"].endswith("Z")
    assert heirloom("search", "--json").document == {"total": 1, "versions": [told]}


@pytest.mark.parametrize(
    "ref", ["sales", "sales@1", "sales[region=emea]", "sales?region=emea", "SALES@latest"]
)
def test_a_version_by_any_ref(heirloom: Call, sales: Any, ref: str) -> None:
    """Refs are the grammar's, and brackets may be written as a query string."""
    said = heirloom("show", ref)
    assert said.code == 0
    assert said.lines[0] == "version heirloom://default/sales@1"
    assert 'pull sales = hl.pull("sales@1")' in said.lines
    assert said.out.endswith("\n\n# Sales\nDaily.\n")


def test_a_page_of_a_version(heirloom: Call, tmp_path: Path) -> None:
    """``show --html`` writes a page without script, in which text is text."""
    hl.publish("<script>alert(1)</script>", 'odd[x="<b>"]', "<script>alert(2)</script>")
    page = tmp_path / "page.html"
    said = heirloom("show", "odd", "--html", str(page))
    assert said.out == f"{page}\n"
    text = page.read_text()
    assert "<script" not in text
    assert "&lt;b&gt;" in text
    assert "publish odd" in text


def test_partial_provenance_is_told(heirloom: Call, tmp_path: Path) -> None:
    """Wherever a version is shown, so that nobody takes a hole for the beginning."""
    Maker(hl.current().catalog, "default").emit("out", partial=("mystery",))
    line = "provenance partial: no recorded cell bound mystery"
    assert line in heirloom("show", "out").lines
    assert heirloom("show", "out", "--json").document["partial"] == ["mystery"]
    page = tmp_path / "page.html"
    heirloom("show", "out", "--html", str(page))
    text = page.read_text()
    assert "partial provenance" in text
    assert text.count("hl.pull(") == 1


def test_lineage(heirloom: Call, team: Any) -> None:
    """The ancestors as a tree, then what came of the version; or the graph itself."""
    team.double(n=3, region="emea")
    team.follow()
    opening.reset()
    assert heirloom("lineage", "raw").out.splitlines() == [
        "raw[region=emea]@1",
        "  task double",
        "",
        "what came of it",
        "  workflow follow  (query)",
        "    doubled[region=emea]@1",
    ]
    told = heirloom("lineage", "doubled", "--json").document
    assert told["centre"] == "heirloom://default/doubled@1"
    assert {"id", "kind", "label"} == set(told["nodes"][0])
    assert {"source", "target", "how"} == set(told["edges"][0])
    assert heirloom("lineage", "doubled", "--mermaid").lines[0] == "flowchart LR"
    assert len(heirloom("lineage", "doubled", "--up", "0", "--down", "0").lines) == 1


def test_the_log_of_a_run(heirloom: Call, team: Any) -> None:
    """An execution with what it was given, what it made, and its steps; by the start of its id."""
    execution = hl.run(team.begin, n=4)
    opening.reset()
    said = heirloom("log", execution.id[:12])
    assert f"execution {execution.id}" in said.lines
    assert "what workflow begin" in said.lines
    assert "in n 4" in said.lines
    assert any(row.startswith("task double ") and " succeeded " in row for row in said.lines)
    told = heirloom("log", execution.id, "--json").document
    assert " ".join(told) == f"{EXECUTION_FIELDS} steps printed"
    (step,) = told["steps"]
    assert step["outputs"] == {"o0": "heirloom://default/raw@1"}
    assert step["inputs"] == {"n": 4, "region": "emea"}


def test_the_log_of_a_failure(heirloom: Call, team: Any) -> None:
    """A failed step's log ends with its own traceback."""
    with pytest.raises(ValueError, match="too"):
        team.again(n=101)
    failed = hl.executions(state="failed")[0].id
    opening.reset()
    said = heirloom("log", failed)
    assert said.code == 0
    assert "state failed" in said.lines
    assert "Traceback (most recent call last):" in said.out
    assert said.out.rstrip().endswith("large")


def test_the_doctor(heirloom: Call, sales: Any, home: Path) -> None:
    """The settings that hold, what is installed, and that nothing runs events."""
    told = heirloom("doctor", "--json").document
    assert told["home"] == str(home)
    assert (told["artifacts"], told["versions"], told["plans"]) == (1, 1, 0)
    assert told["reactors"] == 0
    assert told["extra frames"] == "installed"
    assert f"home {home}" in heirloom("doctor").lines


# ------------------------------------------------------------------ text


def test_nothing_moves_the_terminal(heirloom: Call) -> None:
    """Control characters of a card or a note are not printed."""
    hl.publish(1, "odd", "red \x1b[31m and\tback\rwards \u202e txt\u2028line")
    said = heirloom("show", "odd")
    assert "red [31m and    back\nwards  txt\nline" in said.out
    assert not set(said.out) & set("\x1b\r\t\u202e\u2028")


def test_tables() -> None:
    """Columns are as wide as what stands in them; a cell is one line."""
    assert table([("a", 1), ("bb\nb", 22)], ("x", "long"), "none").splitlines() == [
        "x     long",
        "a     1",
        "bb b  22",
    ]
    assert table([], ("x",), "none") == "none"


def test_facts_and_lines() -> None:
    """Empty facts are left out; joiners that belong to words stay."""
    assert facts({"a": 1, "long": "x", "b": "", "c": None}) == "a     1\nlong  x"
    assert line("a\u200db\x00c\nd") == "a\u200dbc d"
    assert block("a\r\nb\x07") == "a\nb"


def test_why_and_diff(heirloom: Call) -> None:
    """What made a version beside the one before it, and how any two differ; as JSON as well."""
    for value in (1, 2):
        hl.publish(value, "n", f"# {value}")
    said = heirloom("why", "n").out
    assert said.startswith("n@2 by publish n, beside n@1\n  nothing that is recorded")
    told = heirloom("why", "n", "--json").document
    assert list(told) == ["version", "before", "producer", "given", "reasons", "diff"]
    assert (told["version"], told["producer"]["kind"]) == ("heirloom://default/n@2", "publish")
    diff = heirloom("diff", "n@1", "n@2", "--json").document
    assert diff == told["diff"]
    assert diff["card"].endswith("-# 1\n+# 2")
    assert [change["name"] for change in diff["record"]] == ["content"]
    assert "+# 2" in heirloom("diff", "n@1", "n@2").out
