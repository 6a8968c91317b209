"""The search line: clauses and bare words joined by blanks, ``or``, ``not``, ( )."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from heirloom.errors import RefError
from heirloom.records.clock import now
from heirloom.records.names import RESERVED_KEYS, parse_moment
from heirloom.records.payloads import KINDS
from heirloom.records.refs import Ref
from heirloom.records.search_tree import (
    FIELDS,
    STATES,
    AllOf,
    AnyOf,
    Field,
    Negated,
    Node,
    Part,
    Word,
)
from heirloom.records.tokens import Reader, Token

__all__ = ["parse_search"]

_DEEPEST = 50
_CHOICES = {"is": STATES, "kind": KINDS}
_AGES = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def parse_search(text: str) -> Node:
    """Read a search line; an empty one is true of every version.

    Raises:
        RefError: It does not parse; the message points at the spot.
    """
    reader = Reader(text)
    node = _or(reader) if reader.peek().kind != "end" else AllOf(())
    rest = reader.next()
    if rest.kind != "end":
        message = f"Unexpected {rest.text!r}"
        raise reader.fail(message, rest.at)
    return node


def _or(reader: Reader) -> Node:
    nodes = [_and(reader)]
    while _is_word(reader.peek(), "or"):
        reader.next()
        nodes.append(_and(reader))
    return nodes[0] if len(nodes) == 1 else AnyOf(tuple(nodes))


def _and(reader: Reader) -> Node:
    nodes: list[Node] = []
    while True:
        token = reader.peek()
        if token.kind in {"end", ")"} or _is_word(token, "or"):
            break
        if _is_word(token, "and") and nodes:
            reader.next()
        nodes.append(_not(reader))
    if not nodes:
        message = "Expected a word or a clause"
        raise reader.fail(message)
    return nodes[0] if len(nodes) == 1 else AllOf(tuple(nodes))


def _not(reader: Reader) -> Node:
    if _is_word(reader.peek(), "not"):
        reader.next()
        return Negated(_deeper(reader, _not))
    return _atom(reader)


def _deeper(reader: Reader, read: Callable[[Reader], Node]) -> Node:
    """One level further in; there is an end to it, before Python's own."""
    reader.depth += 1
    if reader.depth > _DEEPEST:
        message = f"Nested more than {_DEEPEST} deep"
        raise reader.fail(message)
    node = read(reader)
    reader.depth -= 1
    return node


def _atom(reader: Reader) -> Node:
    mark = reader.at
    token = reader.next()
    if token.kind == "(":
        node = _deeper(reader, _or)
        reader.expect(")", "')'")
        return node
    if token.kind == "quoted":
        return Word(token.text)
    if token.kind != "word":
        message = f"Unexpected {token.text!r}" if token.text else "Expected a word or a clause"
        raise reader.fail(message, token.at)
    following = reader.peek()
    if following.kind == "op" or (_is_word(following, "in") and _opens(reader)):
        reader.at = mark
        return _clause(reader, token)
    return Word(token.text)


def _opens(reader: Reader) -> bool:
    mark = reader.at
    reader.next()
    opens = reader.peek().kind == "("
    reader.at = mark
    return opens


def _clause(reader: Reader, key: Token) -> Node:
    clause = reader.clause()
    if clause.key not in RESERVED_KEYS or clause.key == "time":
        return Part(clause, key.at)
    if clause.key not in FIELDS:
        message = f"{clause.key!r} is no key of a search, which is of one project"
        raise reader.fail(message, key.at)
    if clause.op not in {"=", "!=", "in"}:
        message = f"{clause.key} takes '='"
        raise reader.fail(message, key.at)
    fields = tuple(Field(clause.key, _field_value(reader, key, v)) for v in clause.values)
    node: Node = fields[0] if len(fields) == 1 else AnyOf(fields)
    return Negated(node) if clause.op == "!=" else node


def _field_value(reader: Reader, key: Token, text: str) -> Any:
    choices = _CHOICES.get(key.text, (text,))
    if text not in choices:
        message = f"{key.text!r} takes {', '.join(choices)}; got {text!r}"
        raise reader.fail(message, key.at)
    if key.text in {"up", "down"}:
        return _ref_value(reader, key, text)
    if key.text not in {"since", "until"}:
        return text
    try:
        if text[:-1].isdigit() and text[-1] in _AGES:
            return now() - timedelta(seconds=int(text[:-1]) * _AGES[text[-1]])
        return parse_moment(text)
    except (ValueError, OverflowError):
        message = f"{key.text} takes a date, a time or an age such as 7d; got {text!r}"
        raise reader.fail(message, key.at) from None


def _ref_value(reader: Reader, key: Token, text: str) -> str:
    try:
        return str(Ref.parse(text))
    except RefError as error:
        raise reader.fail(str(error), key.at) from None


def _is_word(token: Token, text: str) -> bool:
    return token.kind == "word" and token.text == text
