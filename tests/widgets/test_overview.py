"""The overview of one version."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.widgets.waiting import until

import heirloom as hl
import heirloom_widgets.preview
from heirloom_widgets.background import Newest
from heirloom_widgets.graph_model import drawing
from heirloom_widgets.overview import Overview
from heirloom_widgets.snapshot import heading_html
from heirloom_widgets.turns import called


def _facts(overview: Overview) -> dict[str, Any]:
    return dict(overview.about.facts)


def test_a_small_payload_is_looked_at_by_itself_and_no_edge_is_left(session: hl.Session) -> None:
    """The head of the table is there without a click, and lineage knows of no reader."""
    overview = Overview(session)
    version = session.get("prediction@2")
    overview.show(version)
    assert until(lambda: "8 rows and 3 columns" in overview.payload.value)
    assert session.consumers(version) == []
    assert "read by" not in _facts(overview)


def test_a_large_payload_is_read_when_it_is_asked_for(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of it without reading, its columns, is shown until then."""
    monkeypatch.setattr(heirloom_widgets.preview, "UNASKED", 1_000)
    overview = Overview(session)
    overview.show(session.get("prediction@2"))
    assert "not read without being asked" in overview.payload.value
    assert "radius: int64" in overview.payload.value
    overview.look.click()
    assert until(lambda: "8 rows and 3 columns" in overview.payload.value)
    assert overview.look.layout.display == "none"


def test_a_payload_that_is_gone_or_pickled_is_said_in_its_place(
    session: hl.Session, team: Path
) -> None:
    """The facts and the line that pulls it are there all the same."""
    overview = Overview(session)
    overview.show(session.publish(Path, "code", format="pickle"))
    assert until(lambda: "allow_pickle" in overview.payload.value)
    for file in (team / "store").rglob("*"):
        if file.is_file():
            file.chmod(0o644)
            file.unlink()
    overview.show(session.get("prediction@2"))
    assert until(lambda: "hl-trouble" in overview.payload.value)
    assert _facts(overview)["size"] != [""]


def test_a_yanked_version_and_a_draft_warn(session: hl.Session) -> None:
    """Nobody builds on what was taken back without being told who did and why."""
    session.yank("prediction@1", "wrong batch")
    overview = Overview(session)
    overview.show(session.get("prediction@1"))
    assert "Yanked by tester: wrong batch." in overview._note.value
    overview.show(session.publish(1, "idea", draft=True))
    assert "A draft" in overview._note.value
    overview.show(session.get("prediction@2"))
    assert overview._note.value == ""


def test_partial_provenance_is_a_badge_with_its_names(session: hl.Session) -> None:
    """The head, the facts, the graph and every twin name what nobody knows the origin of."""
    version = replace(session.get("prediction@2"), partial=("<b>x", "y"))
    overview, says = Overview(session), "partial: no recorded cell bound &lt;b&gt;x, y"
    assert "provenance" not in _facts(overview)
    overview.show(version)
    assert _facts(overview)["provenance"][0]["text"] == "partial: no recorded cell bound <b>x, y"
    for shown in (heading_html(version), overview.twin(), version._repr_mimebundle_()["text/html"]):
        assert f'title="{says}. Never seen' in shown
        assert ">partial provenance<" in shown
    lineage = session.lineage(version.ref)
    nodes = [replace(n, data=version) if n.id == version.ref else n for n in lineage.nodes]
    drawn = drawing(replace(lineage, nodes=tuple(nodes)), ())
    mark = {each.title: each for each in drawn.marks}[version.label]
    assert mark.sub.startswith("partial")
    assert "no recorded cell bound <b>x, y" in mark.hover
    assert "partial" not in heading_html(session.get("prediction@2"))


def test_a_purged_version_keeps_its_record(session: hl.Session) -> None:
    """Its payload is gone and is not asked for."""
    overview = Overview(session)
    overview.show(replace(session.get("prediction@2"), state="purged"))
    assert "the payload is gone; its record stays" in overview.payload.value
    assert "Purged" in overview._note.value


def test_the_cell_that_made_it_is_named_and_whether_it_changed(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way back to the code that made a number, with what differs, where that is known."""
    made, diff = (
        session.get("blessed_model@3"),
        "--- as it ran\n+++ now\n@@ -1 +1 @@\n-a < 1\n+a < 2",
    )
    for changed, said in ((None, ""), (False, ""), (True, " · changed since")):
        known = {"notebook": "/team/nb.ipynb", "cell": "0123456789", "changed": changed}
        cell = SimpleNamespace(**known, diff=diff if changed else "", behind=())
        monkeypatch.setattr(session, "anchor", lambda _ref, cell=cell: cell)
        overview = Overview(session)
        overview.show(made)
        link, *more = _facts(overview)["cell"]
        assert (link["text"], link["cell"]) == ("nb.ipynb, cell 01234567", "0123456789")
        assert "".join(piece["text"] for piece in more) == said
        for shown in (overview.change.value, overview.twin()):
            assert ("+a &lt; 2</span>" in shown) is bool(changed)
        assert (overview.change.layout.display is None) is bool(changed)


def test_what_went_wrong_with_one_version_is_not_said_of_the_next(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook that could not be read is told of the version it made, and of no other."""

    def gone(_ref: str) -> None:
        raise OSError(5, "Input/output error")

    overview = Overview(session)
    with monkeypatch.context() as unplugged:
        unplugged.setattr(session, "anchor", gone)
        called(lambda: overview.show(session.get("blessed_model@3")))
        assert until(lambda: "Input/output error" in overview.view.trouble)
    called(lambda: overview.show(session.get("prediction@2")))
    assert until(lambda: not overview.view.working)
    assert overview.view.trouble == ""


def test_the_cells_behind_it_that_were_edited_are_named(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ``%artifact`` says it: what it was made from may not be what those cells say now."""
    cell = SimpleNamespace(
        notebook="/team/nb.ipynb", cell="c", changed=False, diff="", behind=("a", "b of x.ipynb")
    )
    monkeypatch.setattr(session, "anchor", lambda _ref: cell)
    overview = Overview(session)
    overview.show(session.get("blessed_model@3"))
    _, behind = _facts(overview)["cell"]
    assert behind["text"] == " · behind it a, b of x.ipynb edited and not run"


def test_who_made_it_and_who_read_it_can_be_followed(session: hl.Session) -> None:
    """A click on an execution says which one."""
    followed: list[tuple[str, str]] = []
    overview = Overview(session, lambda kind, id: followed.append((kind, id)))
    overview.show(session.get("blessed_model@3"))
    maker = _facts(overview)["made by"][0]
    overview.about.hear({"kind": "open", "seq": 1, **maker["open"]})
    assert followed == [("execution", session.get("blessed_model@3").execution_id)]


def test_of_many_questions_the_newest_is_answered() -> None:
    """Whoever walks down a list waits for none of the payloads passed by."""
    work, gate = Newest("test"), threading.Event()
    answers: list[int] = []
    work.ask(lambda: gate.wait(10) and 0, answers.append)
    for number in range(1, 20):
        work.ask(lambda number=number: number, answers.append)  # type: ignore[misc]
    gate.set()
    assert until(lambda: 19 in answers)
    assert 0 not in answers
    assert answers == sorted(answers)


def test_work_that_fails_holds_up_nothing_that_is_asked_after_it() -> None:
    """However often a look goes wrong in a way that nobody thought of, the next is answered."""
    work, answers = Newest("test"), list[int]()
    for _ in range(5):
        tried = threading.Event()
        work.ask(lambda tried=tried: tried.set() or 1 // 0, answers.append)  # type: ignore[misc]
        assert tried.wait(10)
    work.ask(lambda: 1, answers.append)
    assert until(lambda: answers == [1])
