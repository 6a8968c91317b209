"""Nested values as a tree that unfolds, without script."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from heirloom.render import Html, block, details, escape, join

__all__ = ["tree_html"]

_DEEPEST, _MEMBERS, _NODES, _LONG = 6, 30, 400, 200


def tree_html(value: Any) -> Html:
    """A value of lists and mappings: its outermost level open, the others folded."""
    budget = [_NODES]
    if not _is_nested(value):
        return block("hl-tree", _leaf(value))
    return block("hl-tree", _members(value, 0, budget))


def _members(value: Any, depth: int, budget: list[int]) -> Html:
    shown = []
    for key, member in islice(_pairs(value), _MEMBERS):
        if budget[0] <= 0:
            break
        budget[0] -= 1
        shown.append(_node(key, member, depth, budget))
    if len(value) > len(shown):
        shown.append(block("hl-sub", f"… {len(value) - len(shown):,} more"))
    return join(shown)


def _node(key: str, value: Any, depth: int, budget: list[int]) -> Html:
    if not _is_nested(value) or not value:
        return block("hl-leaf", block("hl-field", key), _leaf(value))
    summary = f"{key}  {_size(value)}"
    if depth + 1 >= _DEEPEST:
        return block("hl-leaf", summary)
    return details(summary, block("hl-inner", _members(value, depth + 1, budget)))


def _pairs(value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return ((_cut(str(key)), member) for key, member in value.items())
    return ((str(at), member) for at, member in enumerate(value))


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple | set | frozenset)


def _size(value: Any) -> str:
    sign = "{}" if isinstance(value, Mapping) else "[]"
    return f"{sign[0]}{len(value):,}{sign[1]}"


def _leaf(value: Any) -> Html:
    if _is_nested(value):
        return escape("{}" if isinstance(value, Mapping) else "[]")
    if isinstance(value, str):
        return escape(_cut(json.dumps(value, ensure_ascii=False)))
    return escape(_cut(repr(value)))


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
