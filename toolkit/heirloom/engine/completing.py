"""What could stand next in a search line: its keys, and the values that the catalog has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from heirloom.records.clauses import quote
from heirloom.records.payloads import KINDS
from heirloom.records.search_tree import FIELDS, STATES

__all__ = ["MOST", "Offer", "offers"]

MOST = 40
_NOTES = {
    "name": "of the artifact",
    "kind": ", ".join(KINDS),
    "by": "who emitted it, or what made it",
    "since": "a date, a time, or an age",
    "until": "a date, a time, or an age",
    "alias": "champion, …",
    "is": ", ".join(STATES),
    "up": "what a version came from",
    "down": "what came of a version",
}
_KEYS = {key: _NOTES[key] for key in FIELDS}
_WORDS = {"not": "the opposite of what follows", "or": "either side"}
_FIXED: Mapping[str, tuple[str, ...]] = {
    "kind": KINDS,
    "is": STATES,
    **dict.fromkeys(("since", "until"), ("1h", "24h", "7d", "30d", "365d")),
}
_CLAUSE = re.compile(r"([^\W\d]\w*)(=|!=|<=|>=|<|>)(.*)\Z", re.DOTALL)
_LIST = re.compile(r"([^\W\d]\w*)\s+in\s*\([^()]*\Z")


class Known(Protocol):
    """What completing asks of a session."""

    def partition_keys(self) -> list[str]:
        """The partition keys that versions have."""
        ...

    def values(self, key: str, text: str = "", *, limit: int = 50) -> list[str]:
        """What a search's key may be."""
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """`text` for what stands from `begin` on; `note` says what it is; `shown` is the list's word.

    `whole` is false of a key, which its value is still to follow.
    """

    begin: int
    text: str
    note: str = ""
    whole: bool = True
    shown: str = ""


def offers(session: Known, line: str) -> list[Offer]:
    """What could stand at the end of `line`, which is a search up to the cursor.

    Nothing is read but the index: a value is offered if the project has it. At most `MOST`.
    """
    begin = _last_word(line)
    word = line[begin:]
    clause = _CLAUSE.match(word)
    if clause:
        at = begin + clause.start(3)
        return _valued(session, clause[1], line[at:], at)
    inside = _LIST.search(line[:begin])
    if inside:
        return _valued(session, inside[1], word, begin)
    return [*_keyed(session, word, begin), *_named(session, word, begin)][:MOST]


def _keyed(session: Known, word: str, begin: int) -> Iterable[Offer]:
    parts = dict.fromkeys(session.partition_keys(), "partition")
    for key, note in {**parts, **_KEYS}.items():
        if key.startswith(word):
            yield Offer(begin, f"{key}=", note, whole=False)
    if word:
        yield from (Offer(begin, w, note) for w, note in _WORDS.items() if w.startswith(word))


def _named(session: Known, word: str, begin: int) -> Iterable[Offer]:
    if word and not word.startswith('"'):
        for name in session.values("name", word, limit=8):
            yield Offer(begin, f"name={quote(name)}", "artifact", shown=name)


def _valued(session: Known, key: str, typed: str, begin: int) -> list[Offer]:
    text = re.sub(r"\\(.)", r"\1", typed.removeprefix('"').removesuffix('"'))
    if key in _FIXED:
        found = [value for value in _FIXED[key] if value.startswith(text)]
    else:
        asked = "name" if key in {"up", "down"} else key
        found = session.values(asked, text, limit=MOST)
    if found == [text]:
        return []  # it stands there already
    return [Offer(begin, quote(value), shown=value) for value in found]


def _last_word(line: str) -> int:
    """Where the word that is being written begins; a quote keeps blanks together."""
    begin, quoted, at = 0, False, 0
    while at < len(line):
        sign = line[at]
        if quoted:
            at += sign == "\\"
            quoted = sign != '"'
        elif sign == '"':
            quoted = True
        elif sign.isspace() or sign in "(),":
            begin = at + 1
        at += 1
    return begin
