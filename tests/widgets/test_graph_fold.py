"""Siblings that are folded in a lineage graph."""

from __future__ import annotations

from heirloom_widgets.graph_fold import FEW, KEPT, folded
from heirloom_widgets.graph_marks import Drawing, Link, Mark


def _mark(name: str, kind: str = "execution", title: str = "train", at: str = "") -> Mark:
    return Mark(id=name, kind=kind, title=title, at=at)


def _fan(count: int) -> Drawing:
    """A version that `count` runs of one task read, each of which made a version of its own."""
    marks = [_mark("sales", "version", "sales@1")]
    links = []
    for i in range(count):
        marks += [_mark(f"run{i}", at=f"{i:03}"), _mark(f"model{i}", "version", f"model@{i}")]
        links += [Link("sales", f"run{i}", "query"), Link(f"run{i}", f"model{i}")]
    return Drawing(tuple(marks), tuple(links))


def _ids(shown: Drawing) -> set[str]:
    return {mark.id for mark in shown.marks}


def test_a_few_siblings_are_all_drawn() -> None:
    """What can be read is not hidden."""
    whole = _fan(FEW)
    assert folded(whole, "sales") == whole


def test_of_many_the_newest_are_drawn_and_the_rest_is_said() -> None:
    """The count stands where they would; what came of them is hidden with them."""
    shown = folded(_fan(20), "sales")
    newest = {f"run{i}" for i in range(20 - KEPT, 20)}
    (fold,) = (mark for mark in shown.marks if mark.kind == "fold")
    assert _ids(shown) == {"sales", *newest, *(f"model{i}" for i in range(17, 20)), fold.id}
    assert (fold.title, fold.sub) == ("+17 more", "train")
    assert Link("sales", fold.id, "query") in shown.links
    assert shown.hidden == 34


def test_what_a_run_read_is_folded_too() -> None:
    """Forty inputs of one name are three and a count, on the other side."""
    marks = [_mark("run"), _mark("model", "version", "model@1")]
    marks += [_mark(f"sales{i}", "version", f"sales@{i}", f"{i:03}") for i in range(40)]
    links = [Link("run", "model"), *(Link(f"sales{i}", "run", "query") for i in range(40))]
    shown = folded(Drawing(tuple(marks), tuple(links)), "model")
    (fold,) = (mark for mark in shown.marks if mark.kind == "fold")
    assert (fold.title, fold.sub) == ("+37 more", "sales")
    assert Link(fold.id, "run", "query") in shown.links


def test_a_fold_is_opened_by_its_id() -> None:
    """The reader decides; the other folds stay."""
    whole = _fan(20)
    (fold,) = (mark for mark in folded(whole, "sales").marks if mark.kind == "fold")
    assert folded(whole, "sales", opened={fold.id}) == whole


def test_what_was_drawn_is_not_folded_when_more_come() -> None:
    """A node that the reader has seen does not vanish into a count."""
    before = _ids(folded(_fan(20), "sales"))
    after = folded(_fan(30), "sales", kept=before)
    assert {node for node in before if not node.startswith("fold")} <= _ids(after)
    assert "run29" in _ids(after)


def test_the_centre_and_what_differs_are_never_folded() -> None:
    """Twenty tasks of twenty names are twenty nodes."""
    marks = [_mark("sales", "version", "sales@1")]
    marks += [_mark(f"run{i}", title=f"task{i}") for i in range(20)]
    links = tuple(Link("sales", f"run{i}", "query") for i in range(20))
    whole = Drawing(tuple(marks), links)
    assert folded(whole, "sales") == whole
    assert "run3" in _ids(folded(_fan(20), "run3"))
