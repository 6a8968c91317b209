"""What running a text, or calling code, does to the notebook's names, as far as its text tells.

Where the text leaves a doubt, more is taken to be read and changed, never less. What `exec`,
imported functions and threads do is not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import CodeType

from heirloom.declare.code.bound import Bound
from heirloom.declare.code.changes import Changes
from heirloom.declare.code.magic_text import words_in
from heirloom.declare.code.source import of_code
from heirloom.declare.trace import names

__all__ = ["Effects", "effects", "effects_of"]

_Names = frozenset[str]
_NONE: _Names = frozenset()


@dataclass(frozen=True, slots=True)
class Effects:
    """Names of the notebook, by what becomes of them."""

    reads: _Names = _NONE
    """Read from outside, at once or by functions that the text defines."""
    writes: _Names = _NONE
    """Bound or deleted; ``*`` stands for a star import."""
    sure: _Names = _NONE
    """Those of `writes` that have surely been bound anew when the text has ended well."""
    sourceless: _Names = _NONE
    """Those of `writes` that are bound to nothing but modules and plain functions."""
    changed: _Names = _NONE
    """Changed in place, themselves or by another name for the same or for a part of it."""
    deeply: _Names = _NONE
    """Those of `changed` in which the things that they hold may be changed, too."""
    through: Mapping[str, _Names] = field(default_factory=dict)
    """By names that are changed or handed on, and hold the same to the end: what the text has
    bound them to (a part of). Where such a name is gone, these may be changed as well."""
    stored: _Names = _NONE
    """Those of `changed` that are stored into: so a module may be changed, too."""
    handed: _Names = _NONE
    """Given to calls."""
    words: _Names = _NONE
    """Words in the text of magics; where one is a name, it may be read and bound."""
    takes: bool = False
    """Whether a function that it defines, or it itself, changes what it is given."""
    keeps: bool = False
    """Whether a call changes what the code itself holds: so it may give that to a later call."""

    def __or__(self, other: Effects) -> Effects:
        """What both do; what is sure is that of the first."""
        return Effects(
            self.reads | other.reads,
            self.writes | other.writes,
            self.sure,
            (self.sourceless | other.sourceless) - (self._others | other._others),
            self.changed | other.changed,
            self.deeply | other.deeply,
            {**self.through, **other.through},
            self.stored | other.stored,
            self.handed | other.handed,
            self.words | other.words,
            self.takes or other.takes,
            self.keeps or other.keeps,
        )

    @property
    def _others(self) -> _Names:
        return self.writes - self.sourceless


@lru_cache(maxsize=512)
def effects(text: str) -> Effects:
    """What running a cell's text does, top-level ``await`` and magics included.

    Args:
        text: Python text after IPython's transformation.

    Raises:
        SyntaxError: It is no Python.
    """
    walk = Changes()
    try:
        walk.block(ast.parse(text).body)
    except RecursionError:  # it nests deeper than it can be visited: any word may be anything
        words = words_in(text)
        return Effects(words, words, changed=words, handed=words, takes=True)
    found = _found(walk)
    for magic in walk.magics:
        inner = effects(magic.python)
        found = replace(found, words=found.words | magic.words) | inner
        if magic.once:
            found = replace(found, sure=found.sure | inner.sure)
    return found


@lru_cache(maxsize=512)
def effects_of(code: CodeType) -> Effects:
    """What a call of a function's code does; of code without text, all that it might do."""
    try:
        node = of_code(code).node
    except Bound:
        known = names(code)
        return Effects(known.reads, known.writes, changed=known.reads, takes=True, keeps=True)
    walk = Changes()
    walk.function(node)
    return _found(walk, call=True, enclosed=frozenset(code.co_freevars))


def _found(walk: Changes, *, call: bool = False, enclosed: _Names = _NONE) -> Effects:
    """What a walk has found.

    Args:
        walk: Over the text of a cell, or of a function.
        call: Of a function: its names are gone when it has ended.
        enclosed: Names that it has from a function around it, which are its own.
    """

    def ours(keys: Iterable[str]) -> _Names:
        return frozenset(key for key in keys if not key.startswith(".")) - enclosed

    deep = {(name, True) for name in walk.handed}
    whole = walk.behind(walk.touched)
    taken = not whole.isdisjoint(walk.given)
    named = {name for name, _ in walk.touched | deep}
    kept = set[str]() if call else set(filter(walk.holds_on, named))
    through = {name: ours(walk.behind([(name, True)])) - {name} for name in kept}

    def changed(touched: set[tuple[str, bool]]) -> _Names:
        names = {name for name, _ in touched}
        return ours(names | walk.behind(each for each in touched if each[0] not in kept))

    return Effects(
        reads=ours(walk.reads),
        writes=ours(walk.bound),
        sure=ours(walk.scopes[0].sure),
        sourceless=ours(walk.sourceless()),
        changed=changed(walk.touched),
        deeply=changed({each for each in walk.touched if each[1]}),
        through={name: names for name, names in through.items() if names},
        stored=ours(walk.stored),
        handed=changed(deep),
        takes=taken,
        keeps=not whole.isdisjoint(walk.kept | enclosed),
    )
