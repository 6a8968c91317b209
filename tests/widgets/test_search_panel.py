"""The search line and its table."""

from __future__ import annotations

import pytest
from tests.widgets.waiting import hear

import heirloom as hl
import heirloom_widgets.search
from heirloom_widgets.search import Search


def _search(session: hl.Session, text: str = "") -> Search:
    return Search(text, session, lambda ref: None)


def _names(search: Search) -> list[str]:
    return [f"{row['name']}@{row['version']}" for row in search.view.page["rows"]]


def _type(search: Search, text: str) -> None:
    hear(search.view, {"kind": "search", "text": text, "seq": search.view.answer + 1})


def test_a_search_lists_what_meets_it_newest_first(session: hl.Session) -> None:
    """The table speaks the one grammar."""
    search = _search(session)
    _type(search, "name=blessed_model blessed=true")
    assert _names(search) == ["blessed_model@3", "blessed_model@2"]
    assert search.view.page["note"] == "2 versions, newest first"


def test_a_row_tells_what_a_person_looks_for(session: hl.Session) -> None:
    """Name, version, partitions, kind, producer, card, size and badges, as text."""
    row = _search(session, "alias=champion").view.page["rows"][0]
    assert (row["name"], row["version"]) == ("blessed_model", "3")
    assert row["partitions"] == "blessed=true"
    assert row["producer"] == "train in research"
    assert row["card"] == "Model card"
    assert row["size"].endswith("B")
    assert row["marks"] == [["@champion", "good"]]
    assert row["created"].startswith("20")


def test_a_yanked_version_shows_its_state(session: hl.Session) -> None:
    """What is asked for by its state wears it."""
    session.yank("prediction@1", "wrong batch")
    row = _search(session, "is=yanked").view.page["rows"][0]
    assert row["marks"] == [["yanked", "bad"]]


def test_a_line_that_does_not_parse_points_at_the_spot_and_keeps_the_page(
    session: hl.Session,
) -> None:
    """A half-typed clause costs nobody the result that is there."""
    search = _search(session, "name=prediction")
    before = search.view.page
    _type(search, "name=prediction (kind")
    assert search.view.fault["text"] == "name=prediction (kind"
    assert search.view.fault["at"] == len("name=prediction (kind")
    assert "▸" not in search.view.fault["message"]
    assert search.view.page == before
    session.publish(1, "prediction")
    search.refresh()
    assert search.view.fault["text"] == "name=prediction (kind"
    assert len(search.view.page["rows"]) == len(before["rows"]) + 1
    _type(search, "kind=data")
    assert search.view.fault == {}


def test_pages_turn_both_ways(session: hl.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older versions are a page away, and the newest one page back."""
    monkeypatch.setattr(heirloom_widgets.search, "PAGE", 4)
    search = _search(session)
    first = _names(search)
    assert (search.view.page["before"], search.view.page["after"]) == (False, True)
    assert search.view.page["note"] == "1 to 4 of 9 versions, newest first"
    hear(search.view, {"kind": "page", "step": 1, "seq": 1})
    assert not set(first) & set(_names(search))
    assert search.view.page["note"] == "5 to 8 of 9 versions, newest first"
    hear(search.view, {"kind": "page", "step": -1, "seq": 2})
    assert _names(search) == first


def test_there_is_no_page_beyond_the_last(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second click that comes before the button is gone, or a key held, stays on the last."""
    monkeypatch.setattr(heirloom_widgets.search, "PAGE", 5)
    search = _search(session)
    for seq in (1, 2, 3):
        hear(search.view, {"kind": "page", "step": 1, "seq": seq})
    assert search.view.page["note"] == "6 to 9 of 9 versions, newest first"
    hear(search.view, {"kind": "page", "step": -1, "seq": 4})
    assert search.view.page["note"] == "1 to 5 of 9 versions, newest first"


def test_what_others_write_appears_on_refresh(session: hl.Session) -> None:
    """The page that is shown is asked for again."""
    search = _search(session, "name=measurements")
    other = hl.Session(session.settings)
    other.publish(1, "measurements[batch=new]")
    other.close()
    search.refresh()
    assert _names(search)[0] == "measurements@4"


def test_nothing_found_says_so(session: hl.Session) -> None:
    """An empty table is told from one that is still to come."""
    page = _search(session, "name=nobody").view.page
    assert (page["rows"], page["empty"]) == ([], "Nothing here meets this search.")


def test_a_sort_is_of_all_versions_and_starts_at_the_first_page(
    session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column's head sorts the whole search, not the page that is shown."""
    monkeypatch.setattr(heirloom_widgets.search, "PAGE", 4)
    search = _search(session, "not name=hostile")
    search.turn(1)
    hear(search.view, {"kind": "order", "order": "name", "seq": 1})
    assert _names(search) == [
        *("blessed_model@3", "blessed_model@2", "blessed_model@1"),
        "measurements@3",
    ]
    assert search.view.page["note"] == "1 to 4 of 8 versions, by name"
    search.turn(1)
    assert _names(search)[0] == "measurements@2"
    _type(search, "kind=model")
    hear(search.view, {"kind": "order", "order": "oldest", "seq": 9})
    assert _names(search)[0] == "blessed_model@1"


def test_the_line_is_completed_from_the_catalog(session: hl.Session) -> None:
    """What is offered comes with the text that it was asked for, and the number of the question."""
    search = _search(session)
    hear(search.view, {"kind": "complete", "text": "kind=model blessed=", "seq": 4})
    offered = search.view.offers
    assert (offered["text"], offered["asked"]) == ("kind=model blessed=", 4)
    assert [item["text"] for item in offered["items"]] == ["false", "true"]
    assert all(item["begin"] == len("kind=model blessed=") for item in offered["items"])
