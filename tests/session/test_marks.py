"""What is said of a version afterwards: aliases, cards, notes, yanks, releases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import DeclarationError, InputError, VersionNotFound


@pytest.fixture(autouse=True)
def sales(home: Path) -> None:
    """Three versions of one name, the session open."""
    hl.connect(home)
    for region in ("emea", "apac", "emea"):
        hl.publish(region, f"sales[region={region}]", "As it was emitted")


def _written(home: Path) -> bytes:
    return (home / "journal.jsonl").read_bytes()


# ---------------------------------------------------------------------- aliases


def test_an_alias_is_taken_wherever_a_ref_is() -> None:
    """``@champion`` in a ref, a query, a search, a default and beside conditions that hold."""
    hl.alias("sales@2", "champion", reason="best on the holdout")
    sales: Any = hl.Artifact("sales")

    @hl.task
    def told(x: str) -> str:
        return x

    @hl.workflow
    def tell(x: str = sales.query(alias="champion")) -> Any:
        return told(x=x)

    assert hl.get("sales@champion").version == 2
    assert hl.get("sales[region=apac]@champion").version == 2
    assert hl.pull(sales.query(alias="champion")) == "apac"
    assert [v.version for v in hl.search("alias=champion")] == [2]
    assert tell() == "apac"
    assert hl.get("sales@2").aliases == ("champion",)


def test_a_moved_alias_points_at_one_version() -> None:
    """It leaves the version where it was; an alias that is newer than a search is found."""
    hl.alias("sales@1", "champion")
    hl.alias("sales@3", "champion")
    assert hl.get("sales@1").aliases == ()
    assert hl.get("sales@champion").version == 3
    assert hl.current().aliases("sales") == {"champion": 3}


@pytest.mark.parametrize("alias", ["latest", "7", "", "two words", "a/b", "@x"])
def test_what_is_no_alias(alias: str, home: Path) -> None:
    """``latest``, digits and what is no word are refused; nothing is written."""
    before = _written(home)
    with pytest.raises(DeclarationError, match="An alias is one word"):
        hl.alias("sales@1", alias)
    assert _written(home) == before


def test_an_alias_needs_a_version(home: Path) -> None:
    """An unknown number, or an alias that is none, names what there is."""
    hl.alias("sales@1", "champion")
    before = _written(home)
    with pytest.raises(VersionNotFound, match="the newest number is 3"):
        hl.alias("sales@9", "x")
    with pytest.raises(VersionNotFound, match=r"no alias 'champoin'. Did you mean 'champion'\?"):
        hl.get("sales@champoin")
    with pytest.raises(VersionNotFound, match="that version has region=emea"):
        hl.get("sales[region=apac]@champion")
    assert _written(home) == before


# ---------------------------------------------------------------------- cards and notes


def test_a_card_is_revised_and_found_by_its_new_words() -> None:
    """A revision is the card from then on, for looks and for the full text of searches."""
    hl.annotate("sales@2", card="Revised on Monday", note="checked by Grace")
    hl.annotate("sales@2", note="and by Ada")
    version = hl.get("sales@2")
    assert str(version.card) == "Revised on Monday"
    assert version.notes == ("checked by Grace", "and by Ada")
    assert [v.version for v in hl.search("monday grace")] == [2]
    assert [v.version for v in hl.search('"as it was emitted"')] == [3, 1]


def test_a_card_and_a_note_are_one_transaction(home: Path) -> None:
    """Where the note is none, the card is not revised either."""
    before = _written(home)
    wrong: Any = 7
    with pytest.raises(InputError, match="note is text; got 7"):
        hl.annotate("sales@1", card="Revised", note=wrong)
    assert _written(home) == before


@pytest.mark.parametrize("wrong", [7, b"bytes", ["text"]])
def test_what_is_no_text_is_never_recorded(wrong: Any, home: Path) -> None:
    """A card, note, reason or alias of another type would be a record that nobody can read."""
    before = _written(home)
    calls: list[Callable[[], Any]] = [
        lambda: hl.annotate("sales@1", card=wrong),
        lambda: hl.annotate("sales@1", note=wrong),
        lambda: hl.alias("sales@1", wrong),
        lambda: hl.alias("sales@1", "champion", reason=wrong),
        lambda: hl.yank("sales@1", reason=wrong),
        lambda: hl.publish("x", "sales[region=emea]", wrong),
    ]
    for call in calls:
        with pytest.raises(InputError, match="is text; got"):
            call()
    assert _written(home) == before
    assert hl.search().total == 3


# ---------------------------------------------------------------------- yanks


def test_a_yanked_version_is_skipped_but_reached_by_number() -> None:
    """Latest, queries and searches pass it over; its number, its alias and ``is=yanked`` do not."""
    hl.alias("sales@3", "champion")
    hl.yank("sales@3", reason="wrong currency")
    assert hl.get("sales").version == 2
    assert hl.get("sales", region="emea").version == 1
    assert [v.version for v in hl.search()] == [2, 1]
    assert [v.version for v in hl.search("is=yanked")] == [3]
    assert (hl.get("sales@3").state, hl.pull("sales@champion")) == ("yanked", "emea")


def test_a_name_without_a_live_version_says_so() -> None:
    """When all are yanked, the line says how they are reached."""
    for number in (1, 2, 3):
        hl.yank(f"sales@{number}")
    with pytest.raises(LookupError, match="none is live"):
        hl.get("sales")


def test_a_yank_is_taken_back() -> None:
    """The version is latest again, a draft a draft; what is not yanked is refused."""
    hl.yank("sales@3", reason="wrong currency")
    assert hl.restore("sales@3", reason="it was right").state == "live"
    assert hl.get("sales").version == 3
    assert [v.version for v in hl.search("name=sales")] == [3, 2, 1]
    assert [mark.words for mark in hl.history("sales@3")][-1] == "restored (it was right)"
    draft = hl.publish(1, "settings", draft=True)
    hl.yank(draft)
    assert hl.restore(draft).state == "draft"
    with pytest.raises(DeclarationError, match="sales@3 is not yanked; it is live"):
        hl.restore("sales@3")


# ---------------------------------------------------------------------- drafts


def test_a_draft_is_released_as_a_new_version_that_came_from_it() -> None:
    """The same payload, partitions and card under the next number, with an edge from the draft."""
    draft = hl.publish("new", "sales[region=emea]", "Not yet", draft=True)
    assert hl.get("sales").version == 3
    released = hl.release(draft)
    assert (released.version, released.state, released.digest) == (5, "live", draft.digest)
    assert (dict(released.partitions), str(released.card)) == ({"region": "emea"}, "Not yet")
    assert hl.get("sales[region=emea]") == released
    assert draft.ref in {node.id for node in hl.lineage(released, up=None).nodes}


def test_a_draft_is_released_once(home: Path) -> None:
    """A second release, and the release of what is no draft, write nothing."""
    draft = hl.publish("new", "sales[region=emea]", draft=True)
    hl.release(draft)
    before = _written(home)
    with pytest.raises(DeclarationError, match=r"released before, as heirloom://default/sales@5"):
        hl.release(draft)
    with pytest.raises(DeclarationError, match="sales@1 is no draft; it is live"):
        hl.release("sales@1")
    assert _written(home) == before


# ---------------------------------------------------------------------- what was said


def test_a_names_history_says_where_an_alias_has_been() -> None:
    """Each move with its reason, oldest first, whoever holds it now."""
    hl.alias("sales@1", "champion", reason="first")
    hl.alias("sales@3", "champion", reason="better")
    hl.yank("sales@1", reason="stale")
    found = hl.history("sales")
    assert [(mark.version, mark.words) for mark in found] == [
        (1, "is champion from now on (first)"),
        (3, "is champion from now on (better)"),
        (1, "yanked (stale)"),
    ]
    assert found[0].by == "tester"
    assert repr(found) == "<history of sales: 3 marks>"


def test_a_versions_history_has_every_card() -> None:
    """From the one that it was emitted with; a ref that means the version means its history."""
    hl.alias("sales@2", "champion")
    hl.annotate("sales@2", card="Revised\nat length", note="checked")
    found = hl.history("sales[region=apac]@champion")
    assert [mark.words for mark in found] == [
        "card: As it was emitted",
        "is champion from now on",
        "card: Revised…",
        "note: checked",
    ]
    assert found[2].data["text"] == "Revised\nat length"
    assert "Revised…" in found._repr_mimebundle_()["text/html"]


def test_the_history_of_nothing() -> None:
    """A name that is none is an error with the nearest; a version without words has no marks."""
    with pytest.raises(LookupError, match="Did you mean 'sales'"):
        hl.history("salse")
    hl.publish(1, "bare")
    assert len(hl.history("bare@1")) == 0
