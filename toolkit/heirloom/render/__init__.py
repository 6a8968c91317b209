"""HTML strings: the only place in the toolkit that makes them.

Every function takes plain values and escapes what it is given, unless that is `Html`
already. Colours are JupyterLab's own variables with neutral fallbacks, so that the same
text reads in a light and in a dark theme, and in a saved page without either.
"""

from __future__ import annotations

from heirloom.render.cards import card_html
from heirloom.render.markup import (
    TONES,
    Html,
    badge,
    block,
    bullets,
    code,
    details,
    escape,
    facts,
    frame,
    join,
    line_html,
    section,
    size_text,
    table,
    time_text,
    tone_of,
    unified,
)
from heirloom.render.pages import page
from heirloom.render.records import execution_html, partial_badge, partial_text, version_html
from heirloom.render.words import counted, events_of, within_project

__all__ = [
    "TONES",
    "Html",
    "badge",
    "block",
    "bullets",
    "card_html",
    "code",
    "counted",
    "details",
    "escape",
    "events_of",
    "execution_html",
    "facts",
    "frame",
    "join",
    "line_html",
    "page",
    "partial_badge",
    "partial_text",
    "section",
    "size_text",
    "table",
    "time_text",
    "tone_of",
    "unified",
    "version_html",
    "within_project",
]
