"""Two versions side by side."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from tests.widgets.waiting import until

import heirloom as hl
from heirloom_widgets.compare import Compare


@pytest.fixture
def compare(session: hl.Session) -> Compare:
    """The panel, showing the newest model."""
    panel = Compare(session)
    panel.show(session.get("blessed_model@3"))
    return panel


def test_it_is_held_against_the_one_before_it(compare: Compare) -> None:
    """Without a click: the first question to a changed number is what changed."""
    assert until(lambda: "measurements[batch=b]@2" in compare.twin())
    assert compare.view.other == "blessed_model[blessed=true]@2"
    assert compare.view.this == "blessed_model[blessed=true]@3"
    assert compare.view.other in compare.view.offered
    assert compare.view.this not in compare.view.offered


def test_any_version_of_any_artifact_may_be_chosen(compare: Compare) -> None:
    """By a ref as people write it."""
    compare.view.hear({"kind": "with", "ref": "prediction@1", "seq": 1})
    assert until(lambda: "default/prediction" in compare.twin())
    compare.view.hear({"kind": "with", "ref": compare.view.offered[-1], "seq": 2})
    assert until(lambda: "blessed_model[blessed=false]@1" in compare.twin())


def test_what_was_asked_last_is_shown(
    session: hl.Session, compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that comes after another was asked for names nothing."""
    asked, answered = threading.Event(), threading.Event()

    def slow(version: hl.ArtifactVersion) -> Any:
        asked.set()
        answered.wait()
        return why(version)

    why = session.why
    monkeypatch.setattr(session, "why", slow)
    compare.show(session.get("blessed_model@2"))
    assert asked.wait(10)
    compare.view.hear({"kind": "with", "ref": "prediction@1", "seq": 1})
    answered.set()
    assert until(lambda: "default/prediction" in compare.twin())
    assert until(lambda: not any(t.name == "heirloom-compare" for t in threading.enumerate()))
    assert compare.view.other == "prediction@1"


def test_a_first_version_and_a_ref_that_is_none_are_said(
    session: hl.Session, compare: Compare
) -> None:
    """In the place where the difference would be."""
    compare.view.hear({"kind": "with", "ref": "prediktion", "seq": 1})
    assert until(lambda: "prediction" in compare.twin())
    assert "hl-trouble" in compare.twin()
    compare.show(session.get("hostile@1"))
    assert until(lambda: "The first of its partition values" in compare.twin())


def test_hostile_words_are_text(session: hl.Session, compare: Compare) -> None:
    """Cards, values and names of others run nowhere."""
    session.publish("<script>2</script>", "hostile[note=x]", "<img src=x>")
    compare.show(session.get("hostile@2"))
    compare.view.hear({"kind": "with", "ref": "hostile@1", "seq": 1})
    assert until(lambda: "onerror" in compare.twin())
    assert "<img" not in compare.twin()
    assert "<script" not in compare.twin()
