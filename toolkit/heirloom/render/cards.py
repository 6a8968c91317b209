"""A card's Markdown, from anyone, as HTML that is safe to show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from heirloom.render.markup import Html, code, escape

__all__ = ["card_html"]

_CARD_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "a"),
    *("code", "pre", "blockquote", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td", "img"),
}
_PICTURE = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=]+\Z")
_CARD_ATTRIBUTES = {
    "img": {"src", "alt"},
    "a": {"href", "title"},
    "code": {"class"},
    "ol": {"start"},
    "th": {"style"},
    "td": {"style"},
}


@lru_cache(maxsize=512)
def card_html(text: str) -> Html:
    """A card's Markdown as HTML in which nothing runs and nothing is fetched.

    A picture is shown where the card holds it, as base64; one that is elsewhere is its words.

    Without markdown-it-py and nh3 (the extra ``widgets``) the text itself, escaped.
    """
    try:
        import nh3
        from markdown_it import MarkdownIt
    except ImportError:
        return code(text)
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.add_render_rule("image", _card_picture)
    clean = nh3.clean(
        markdown.render(text),
        tags=_CARD_TAGS,
        attributes=_CARD_ATTRIBUTES,
        attribute_filter=_card_attribute,
        filter_style_properties={"text-align"},
        url_schemes={"https", "http", "mailto", "data"},
        url_relative="deny",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer",
    )
    return Html(f'<div class="jp-RenderedHTMLCommon" style="padding:0">{clean}</div>')


def _card_attribute(tag: str, name: str, value: str) -> str | None:
    """A class on code only as Markdown writes it, so that no card borrows another's style.

    What is in the card itself is a picture, never what a link leads to.
    """
    if name == "src":
        return value if _PICTURE.match(value) else None
    if name == "href" and value.lstrip().lower().startswith("data:"):
        return None
    return value if name != "class" or value.startswith("language-") else None


def _card_picture(_: Any, tokens: Sequence[Any], at: int, *__: Any) -> str:
    picture = tokens[at]
    source, words = str(picture.attrGet("src")), escape(picture.content)
    return f'<img src="{source}" alt="{words}">' if _PICTURE.match(source) else words
