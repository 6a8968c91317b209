"""What was written of many versions: the words of their texts, each with its versions.

Texts are gathered by blocks of 4096 document ids. A block has two tables of entries, the
words of its texts (what stands between blanks) and the pairs of words side by side, each
entry with the versions of the block whose text has it. A word that is searched for lies
within entries of the first, a phrase of two words within entries of the second: what a
search reads is each word once a block, not each text. One letter and two, which lie in
thousands of words, have sets of their own. Texts that were said since are *loose*: a
search reads them one by one, until they are enough to gather their block anew.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

import orjson

from heirloom.catalog.sets import BLOCK, Blocks, members, packed, set_of, set_of_ids, term

__all__ = ["LOOSE", "gather", "in_texts", "written"]

LOOSE = term("loose")
"""The set of the versions whose text is not gathered as it stands."""
_WORDS, _PAIRS = "word", "pair"
_LETTERS = "letters"
_FEW = 2
_Sets = dict[str, int]

_GATHERED = "SELECT block, entries FROM lexicon WHERE kind=?"
_ENTRIES = "SELECT entries FROM lexicon WHERE kind=? AND block=?"
_VERSIONS = "SELECT ends, ids FROM lexicon WHERE kind=? AND block=?"


# ---------------------------------------------------------------------- gathering


def gather(db: sqlite3.Connection, block: int) -> None:
    """Make the entries of a block from its texts as they stand."""
    words: _Sets = defaultdict(int)
    pairs: _Sets = defaultdict(int)
    first = block * BLOCK
    sql = "SELECT id, text FROM texts WHERE id>=? AND id<?"
    for id, text in db.execute(sql, (first, first + BLOCK)):
        bit = 1 << id - first
        for line in text.split("\n"):
            said = line.split(" ")
            for word in said:
                words[word] |= bit
            for pair in pairwise(said):
                pairs[" ".join(pair)] |= bit
    letters = _letters({**dict.fromkeys(_words(db, block), 0), **words})
    _write(db, _WORDS, block, words)
    _write(db, _PAIRS, block, pairs)
    db.executemany(
        "INSERT OR REPLACE INTO sets VALUES (?,?,?)",
        [(term(_LETTERS, some), block, packed(found)) for some, found in letters.items()],
    )


def _words(db: sqlite3.Connection, block: int) -> list[str]:
    """The words that a block has been gathered with, if it has."""
    row = db.execute(_ENTRIES, (_WORDS, block)).fetchone()
    return row[0].decode().split("\n") if row else []


def _letters(words: Mapping[str, int]) -> _Sets:
    found: _Sets = defaultdict(int)
    for word, versions in words.items():
        for some in {*word, *map("".join, pairwise(word))}:
            found[some] |= versions
    return found


def _write(db: sqlite3.Connection, kind: str, block: int, sets: _Sets) -> None:
    ids, ends = bytearray(), array("I", [0])
    for versions in sets.values():
        ids += packed(versions)
        ends.append(len(ids))
    row = (kind, block, "\n".join(sets).encode(), ends.tobytes(), bytes(ids))
    db.execute("INSERT OR REPLACE INTO lexicon VALUES (?,?,?,?,?)", row)


# ---------------------------------------------------------------------- searching


def written(db: sqlite3.Connection, line: str, among: int) -> int:
    """The versions, at least of those among these, whose text has `line`.

    Args:
        db: The index.
        line: Folded text without a line feed.
        among: The versions that matter.
    """
    loose = set_of(db, [LOOSE])
    said = line.split(" ")
    if len(said) == 1:
        found = _having(db, line)
    else:
        found = among
        for pair in pairwise(said):
            found &= _within(db, _PAIRS, " ".join(pair))
    found &= ~loose
    if len(said) > _FEW:
        return in_texts(db, line, among & (found | loose))
    return found | in_texts(db, line, among & loose)


def _having(db: sqlite3.Connection, word: str) -> int:
    if len(word) <= _FEW:
        return set_of(db, [term(_LETTERS, word)])
    return _within(db, _WORDS, word)


def _within(db: sqlite3.Connection, kind: str, text: str) -> int:
    """The gathered versions of the entries that `text` lies within."""
    found, wanted = Blocks(), text.encode()
    for block, entries in db.execute(_GATHERED, (kind,)):
        if wanted not in entries:
            continue
        ends, ids = db.execute(_VERSIONS, (kind, block)).fetchone()
        places = array("I", ends)
        for at in _entries_with(entries, wanted):
            found.add(block, ids[places[at] : places[at + 1]])
    return found.whole()


def _entries_with(entries: bytes, wanted: bytes) -> Iterator[int]:
    """The numbers of the lines of `entries` that have `wanted`."""
    number, begin = 0, 0
    while (at := entries.find(wanted, begin)) >= 0:
        number += entries.count(b"\n", begin, at)
        yield number
        begin = entries.find(b"\n", at)
        if begin < 0:
            return


def in_texts(db: sqlite3.Connection, line: str, among: int) -> int:
    """The versions of those among these whose text has `line`, each text read."""
    sql = "SELECT id FROM texts WHERE id IN (SELECT value FROM json_each(?)) AND instr(text, ?)"
    ids = orjson.dumps(list(members(among))).decode()
    return set_of_ids(row[0] for row in db.execute(sql, (ids, line)))
