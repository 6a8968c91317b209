"""The card of a version and its revisions."""

from __future__ import annotations

from tests.widgets.waiting import quiet

import heirloom as hl
from heirloom_widgets import Card


def test_each_revision_can_be_read(session: hl.Session) -> None:
    """The newest is shown first; what it replaced is a choice away."""
    session.annotate("blessed_model@3", card="# Better words")
    card = Card("blessed_model@3", session)
    assert "Better words" in card.twin()
    assert [text.partition(":")[0] for text, _ in card.revision.options] == ["2 of 2", "1 of 2"]
    card.revision.value = 1
    assert quiet()
    assert "0.95" in card._html.value
    card.close()


def test_a_new_revision_is_shown_when_it_comes(session: hl.Session) -> None:
    """Whoever reads an older one is brought to the newest: there is something new to read."""
    card = Card("blessed_model@3", session)
    assert card.revision.layout.display == "none"
    session.annotate("blessed_model@3", card="# Better words")
    card.refresh()
    assert "Better words" in card._html.value
    assert card.revision.layout.display is None
    card.close()


def test_a_version_without_a_card_says_so(session: hl.Session) -> None:
    """And may get one later."""
    card = Card("prediction@2", session)
    assert "prediction@2 has no card." in card._html.value
    session.annotate("prediction@2", card="late")
    card.refresh()
    assert "late" in card._html.value
    card.close()
