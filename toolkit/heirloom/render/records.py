"""Versions and executions as HTML, from plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from heirloom.render.cards import card_html
from heirloom.render.markup import NOTHING, Html, badge, code, facts, frame, section

__all__ = ["execution_html", "partial_badge", "partial_text", "version_html"]

_UNSEEN = "Never seen: what imported functions change inside of objects, exec, threads."


def partial_text(names: Iterable[str]) -> str:
    """What is said of a record whose ancestry has holes: by which names; empty for none."""
    told = ", ".join(names)
    return f"partial: no recorded cell bound {told}" if told else ""


def partial_badge(names: Iterable[str]) -> Html:
    """The badge of partial provenance, the names and what is never seen on it; empty for none."""
    told = partial_text(names)
    return badge("partial provenance", "amber", f"{told}. {_UNSEEN}") if told else NOTHING


def version_html(version: Mapping[str, Any]) -> Html:
    """A version from plain values; those absent are left out.

    Args:
        version: ``title``, ``kind``, ``state``, ``aliases``, ``partial``; ``facts``, a mapping
            shown in its order; ``snippet``, the line that pulls it; ``card``, Markdown.
    """
    parts = [facts(version.get("facts", {}))]
    if version.get("snippet"):
        parts.append(section("Pull it", code(version["snippet"])))
    if version.get("card"):
        parts.append(section("Card", card_html(version["card"])))
    return frame(version["title"], *parts, badges=_badges(version))


def execution_html(execution: Mapping[str, Any]) -> Html:
    """An execution from plain values; those absent are left out.

    Args:
        execution: ``title``, ``kind``, ``state``; ``facts``, ``inputs`` and ``outputs``,
            mappings of name to text; ``printed`` and ``error``, texts.
    """
    parts = [facts(execution.get("facts", {}))]
    for key in ("inputs", "outputs"):
        if execution.get(key):
            parts.append(section(key.capitalize(), facts(execution[key])))
    if execution.get("printed"):
        parts.append(section("Printed", code(execution["printed"])))
    if execution.get("error"):
        parts.append(section("Error", code(execution["error"])))
    return frame(execution["title"], *parts, badges=_badges(execution))


def _badges(record: Mapping[str, Any]) -> list[Html]:
    told = [badge(record[key]) for key in ("kind", "state") if record.get(key)]
    told += [badge(f"@{alias}", "good") for alias in record.get("aliases", ())]
    return [*told, partial_badge(record["partial"])] if record.get("partial") else told
