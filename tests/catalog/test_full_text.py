"""Bare words: the same answers from texts read one by one and from the gathered words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heirloom.catalog import Catalog, lexicon, search_sets, terms
from heirloom.catalog.sets import set_of
from heirloom.records.search_tree import AllOf, Word

TEXTS = (
    "The quick brown fox",
    'says "quick" twice, "quick"',
    "nul\0inside, and after\0",
    "\ufffe and \uffff and \ufffd",
    "Größe und STRASSE",
    "a\nline and another",
    "😀😀 emoji 😀",
    "ab",
    "brown quick and  far apart, quick or brown; the fox",
    "tab\tapart\r\nand a return",
)
WORDS = (
    *("quick", '"quick"', "QUICK BROWN", "qu", "q", "ick", "fox\n", "x"),
    *("nul\0inside", "after\0", "\0", "inside", "after"),
    *("\ufffe", "\uffff and", "\ufffd", " and ", " ", "  ", "and  far", "\tap", "\r\nand"),
    *("grösse", "straße", "ss", "line\n", "a\nline", "e and a"),
    *("😀", "😀😀 e", "b", "ab", "abc", "AND", "NOT", "*", "ma^", "sales\n", "note\nold"),
    *("k brown f", "the quick", "the quick brown", "quick brown fox", "brown fox says"),
)
Filled = dict[int, str]


@pytest.fixture(params=["one by one", "gathered"])
def gathered(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether texts are gathered as soon as they are said, and always searched so."""
    if request.param == "gathered":
        monkeypatch.setattr(terms, "_MANY_LOOSE", 1)
        monkeypatch.setattr(search_sets, "_FEW", 0)
        return True
    return False


@pytest.fixture
def filled(make: Any, gathered: bool) -> Filled:
    """What is written of each version, by its number."""
    texts: Filled = {}
    for text in TEXTS:
        version = make.emit("sales", card=make.card(text))
        texts[version.version] = text
    noted = make.emit("sales")
    make.mark(noted, "note", text="the first note")
    make.mark(noted, "note", text="old hat")
    texts[noted.version] = "the first note\nold hat"
    revised = make.emit("sales", card=make.card("before it was revised"))
    make.mark(revised, "card", text="and after that", kind="")
    texts[revised.version] = "and after that"
    make.catalog.names()
    db = make.catalog._archive.index.connection()
    assert bool(set_of(db, [lexicon.LOOSE])) is not gathered
    return texts


def _found(catalog: Catalog, word: str) -> list[int]:
    return [version.version for version in catalog.search(Word(word))[0]]


def _having(texts: Filled, word: str) -> list[int]:
    has = {n for n, text in texts.items() if word.casefold() in f"{text}\nsales".casefold()}
    return sorted(has, reverse=True)


def test_a_word_is_found_where_the_text_has_it(make: Any, filled: Filled) -> None:
    """Be it odd, short, a part of a word or a phrase: in these versions and in no other."""
    for word in WORDS:
        if "\n" not in word:
            assert _found(make.catalog, word) == _having(filled, word), word
        else:
            assert set(_found(make.catalog, word)) >= set(_having(filled, word)), word
    assert _found(make.catalog, "nowhere to be") == []


def test_a_phrase_has_its_words_side_by_side(make: Any, filled: Filled) -> None:
    """Words that a text has apart make no phrase, nor do pairs that it has apart."""
    make.emit("sales", card=make.card("of the quarter, on the one of a quarter"))
    other = make.emit("sales", card=make.card("on the one of the quarter"))
    assert _found(make.catalog, "on the one of the") == [other.version]
    assert _found(make.catalog, "the quarter on") == []


def test_all_of_several_words(make: Any, filled: Filled) -> None:
    """Each word is looked for among the versions that have the others."""
    both = AllOf((Word("brown"), Word("quick")))
    found = [version.version for version in make.catalog.search(both)[0]]
    assert found == [n for n in _having(filled, "brown") if n in _having(filled, "quick")]
    assert not make.catalog.search(AllOf((Word("brown"), Word("zz"))))[0]


def test_a_revised_card_is_found_by_its_new_text(make: Any, filled: Filled) -> None:
    """What a card said before it was revised finds nothing, not one letter of it."""
    assert _found(make.catalog, "before it was") == []
    assert _found(make.catalog, "after that") == [max(filled)]
    assert _found(make.catalog, "first note") == [max(filled) - 1]
    assert max(filled) not in _found(make.catalog, "v")


def test_a_text_that_is_said_after_its_block_was_gathered(
    make: Any, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among gathered texts a loose one is found by its new words and not by its old ones."""
    monkeypatch.setattr(terms, "_MANY_LOOSE", 1_000)
    first = make.catalog.search(Word("fox"))[0][-1]
    make.mark(first, "card", text="a vixen", kind="")
    assert _found(make.catalog, "vixen") == _found(make.catalog, "a vi") == [first.version]
    assert first.version not in _found(make.catalog, "quick brown")
    assert first.version not in _found(make.catalog, "qu")


def test_many_notes_on_a_version_are_read_once(
    make: Any, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To index what a version was told in a row takes each note once, not once for each other."""
    version = make.emit("sales")
    catalog.names()
    make.write(marks=[make.marks(version, "note", text=f"note{n}") for n in range(40)])
    journal, read = catalog._archive.journal, list[int]()
    real = journal.read

    def counted(at: int, size: int) -> Any:
        read.append(at)
        return real(at, size)

    with monkeypatch.context() as patch:
        patch.setattr(journal, "read", counted)
        catalog.names()
    assert len(read) <= 40 + 1
    assert _found(catalog, "note0") == _found(catalog, "note39") == [1]


def test_an_index_made_anew_finds_the_same(
    make: Any, filled: Filled, home: Path, opened: Callable[..., Catalog]
) -> None:
    """Gathered all at once, the words are those that were gathered on the way."""
    before = {word: _found(make.catalog, word) for word in WORDS}
    make.catalog.close()
    (home / "index.sqlite").unlink()
    again = opened()
    assert {word: _found(again, word) for word in WORDS} == before
