"""Why a version is as it is, and how two differ."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pytest

import heirloom as hl
from heirloom import errors


@pytest.fixture(autouse=True)
def _opened(home: Path) -> None:
    hl.connect(home)


def _source(text: str) -> Any:
    """A task of that text, as a cell of a notebook defines it."""
    names: dict[str, Any] = {"hl": hl, "Annotated": Annotated, "pd": pd, "__name__": "__main__"}
    import linecache

    file = f"<cell {abs(hash(text))}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), names)
    return names["made"]


TASK = """\
@hl.task
def made(sales: int, factor: int = 2) -> Annotated[int, hl.Artifact("total")]:
    return sales * factor
"""


def test_the_first_of_its_values_has_nothing_beside_it() -> None:
    """Its producer and what that was given are told; there is no difference."""
    hl.publish(10, "sales")
    _source(TASK)(hl.get("sales"))

    why = hl.why("total")
    assert why.producer is not None
    assert (why.producer.kind, why.producer.name) == ("task", "made")
    assert why.given == (("sales", "sales@1"), ("factor", "2"))
    assert (why.before, why.diff) == (None, None)
    assert why.reasons == ("it is the first of its partition values",)


def test_what_went_into_it_beside_the_one_before() -> None:
    """An input, a parameter and the code that changed are each a reason, in words and as data."""
    hl.publish(10, "sales")
    _source(TASK)(hl.get("sales"))
    hl.publish(11, "sales")
    _source(TASK.replace("* factor", "* factor + 1"))(hl.get("sales"), factor=3)

    why = hl.why("total@2")
    assert why.before == hl.get("total@1")
    assert why.reasons == (
        "sales: sales@1 → sales@2",
        "factor: 2 → 3",
        "the code changed (+1 -1 lines)",
    )
    assert why.diff is not None
    assert "-    return sales * factor\n+    return sales * factor + 1" in why.diff.code
    assert [change.name for change in why.diff.record] == ["content"]
    assert repr(why).count("\n") == 0
    shown = why._repr_mimebundle_()
    assert "sales: sales@1 → sales@2" in shown["text/plain"]
    assert "<script" not in shown["text/html"]


def test_a_package_that_only_one_names_is_a_change_of_the_code() -> None:
    """It was installed before, too, for all that is known: the new import stands in the code."""
    _source("@hl.task\ndef made() -> Annotated[int, hl.Artifact('total')]:\n    return 1\n")()
    _source(
        "@hl.task\ndef made() -> Annotated[int, hl.Artifact('total')]:\n"
        "    return len(pd.DataFrame({'a': [1]}))\n"
    )()

    why = hl.why("total")
    assert why.reasons == ("the code changed (+4 -1 lines)", "its content is equal")
    assert why.diff is not None
    assert "+import pandas as pd" in why.diff.code


def test_the_one_before_has_the_same_partition_values() -> None:
    """Others, drafts and yanked ones between are passed over."""
    for region in ("emea", "apac", "emea", "emea"):
        hl.publish(region, f"sales[region={region}]")
    hl.publish(1, "sales[region=emea]", draft=True)
    hl.publish(2, "sales[region=emea]")
    hl.yank("sales@4", "wrong")

    why = hl.why("sales@6")
    assert why.before is not None
    assert why.before.version == 3
    assert hl.why("sales@2").before is None


def test_a_time_that_has_none_before_it_is_beside_the_one_before() -> None:
    """A version of another time is beside the newest of the same other values."""
    for day in (1, 2, 2):
        hl.publish(day, "daily", time_partition=datetime(2026, 1, day, tzinfo=UTC))

    assert [(why.before and why.before.version) for why in map(hl.why, _daily(3))] == [None, 1, 2]


def _daily(count: int) -> list[str]:
    return [f"daily@{number}" for number in range(1, count + 1)]


def test_another_version_of_equal_content_is_said_to_be_so() -> None:
    """An input that is another version, but says the same, is no news; nor is the result."""
    for _ in range(2):
        hl.publish(10, "sales")
        _source(TASK)(hl.get("sales"))

    assert hl.why("total").reasons == (
        "sales: sales@1 → sales@2, of equal content",
        "its content is equal",
    )


def test_nothing_that_is_recorded_differs() -> None:
    """What was made of the same by the same says so."""
    for value in (1, 2):
        hl.publish(value, "sales")

    assert hl.why("sales").reasons == ("nothing that is recorded of what went into it differs",)


def test_a_version_of_a_workflow() -> None:
    """What the workflow was given counts, its steps' values by content, and all of its code."""

    @hl.task
    def load(n: int) -> list[int]:
        return [0] * 3

    @hl.task
    def count(values: list[int], step: int) -> Annotated[int, hl.Artifact("counted")]:
        return len(values) + step

    @hl.workflow
    def flow(n: int, step: int = 1) -> int:
        return count(load(n), step)  # type: ignore[no-any-return]

    flow(1)
    flow(2)

    why = hl.why("counted")
    assert why.reasons == ("flow.n: 1 → 2", "its content is equal")
    assert dict(why.given)["values"] == "[0, 0, 0]"


def test_reads_beside_the_inputs(home: Path) -> None:
    """What a body pulled is named by the artifact, and how."""

    @hl.task
    def made(n: int) -> Annotated[int, hl.Artifact("total")]:
        value: int = hl.pull("sales")
        return value + n

    hl.publish(10, "sales")
    made(0)
    hl.publish(11, "sales")
    made(0)
    assert hl.why("total").reasons == ("sales (read): sales@1 → sales@2",)


def test_two_versions_in_all_that_is_recorded() -> None:
    """Record, schema, card; partitions and columns by name; of two artifacts as well."""
    hl.publish(pd.DataFrame({"a": [1], "b": [1.0]}), "sales[region=emea]", "# Old\nSame")
    hl.publish(pd.DataFrame({"a": [1.5, 2.5], "c": [1, 2]}), "sales[region=apac]", "# New\nSame")
    hl.alias("sales@1", "champion")

    diff = hl.diff("sales@1", "sales@2")
    assert diff.parts == ("record", "schema", "card")
    record = {change.name: (change.before, change.after) for change in diff.record}
    assert record.pop("content")[0] != ""
    assert record == {"region": ("emea", "apac"), "aliases": ("champion", "")}
    assert {str(change) for change in diff.schema} == {
        "rows: 1 → 2",
        "column a: int64 → float64",
        "column b: float64 → (none)",
        "column c: (none) → int64",
    }
    assert diff.card.splitlines()[-3:] == ["-# Old", "+# New", " Same"]
    assert repr(diff) == (
        "<diff sales[region=emea]@1 → sales[region=apac]@2: record, schema, card>"
    )
    shown = diff._repr_mimebundle_()
    assert "column b: float64 → (none)" in shown["text/plain"]
    assert "<td" in shown["text/html"]


def test_a_version_beside_itself_is_the_same() -> None:
    """Nothing differs, and that is said."""
    hl.publish(1, "sales")
    diff = hl.diff("sales", "sales@1")
    assert diff.parts == ()
    assert diff.to_text() == "sales@1 → sales@1\nno difference"


def test_html_of_what_others_wrote_is_escaped() -> None:
    """Markup in a card or a value is text."""
    for card in ("<b>old</b>", "<script>new</script>"):
        hl.publish(card, "sales", card)
    html = hl.diff("sales@1", "sales@2")._repr_mimebundle_()["text/html"]
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_they_are_looks(home: Path) -> None:
    """Nothing is written, and no edge comes of them."""
    hl.publish(1, "sales")
    hl.publish(2, "sales")
    before = (home / "journal.jsonl").read_bytes()
    hl.why("sales")
    hl.diff("sales@1", "sales@2")
    hl.current().pulls.flush()
    assert (home / "journal.jsonl").read_bytes() == before


@pytest.mark.parametrize("ask", [lambda: hl.why("sale"), lambda: hl.diff("sales", "sale")])
def test_a_name_that_is_none(ask: Any) -> None:
    """The nearest is named, in one line."""
    hl.publish(1, "sales")
    with pytest.raises(errors.ArtifactNotFound, match="Did you mean 'sales'"):
        ask()
