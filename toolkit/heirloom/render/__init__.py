"""HTML strings: the only place in the toolkit that makes them.

Every function takes plain values and escapes what it is given, unless that is `Html`
already. Colours are JupyterLab's own variables with neutral fallbacks, so that the same
text reads in a light and in a dark theme, and in a saved page without either.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

__all__ = [
    "TONES",
    "Html",
    "badge",
    "block",
    "bullets",
    "card_html",
    "code",
    "details",
    "escape",
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
]

_LINE = "1px solid var(--jp-border-color2,rgba(128,128,128,.35))"
_FILL = "rgba(128,128,128,.11)"
_TEXT = "font:13px/1.5 var(--jp-ui-font-family,system-ui,sans-serif)"
_MONO = "font:12px/1.5 var(--jp-code-font-family,ui-monospace,monospace)"
_CELL = "padding:4px 16px 4px 0;text-align:left;vertical-align:top;border:0"
_PLAIN = "border-collapse:collapse;margin:0"
TONES = {
    "good": "#2e9d5b",
    "bad": "#d1495b",
    "amber": "#d98a00",
    "busy": "#3d7fd9",
    "plain": "#8a8f98",
    "data": "#3d7fd9",
    "model": "#8a5fd0",
    "file": "#17938a",
    "value": "#8a8f98",
}
_STATE_TONES = {
    **dict.fromkeys(("live", "succeeded", "armed"), "good"),
    **dict.fromkeys(("failed", "dead", "yanked", "purged", "unmet"), "bad"),
    **dict.fromkeys(("draft", "waiting", "paused", "loop-stopped", "skipped"), "amber"),
    **dict.fromkeys(("queued", "running"), "busy"),
}
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


_UNSEEN = "Never seen: what imported functions change inside of objects, exec, threads."


class Html(str):
    """Text that is markup already; nothing here escapes it again."""

    __slots__ = ()


NOTHING = Html("")


def escape(value: object) -> Html:
    """`value` as text that no browser reads as markup; `Html` as it is."""
    return value if isinstance(value, Html) else Html(html.escape(str(value)))


def join(parts: Iterable[object], between: str = "") -> Html:
    """The escaped parts in a row."""
    return Html(between.join(map(escape, parts)))


def size_text(size: int) -> str:
    """Bytes for people: ``812 B``, ``3.4 MB``."""
    if size < 1000:
        return f"{size} B"
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def time_text(when: datetime | None) -> str:
    """A time for people, to the second, in its own zone; empty for `None`."""
    return when.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip() if when else ""


def tone_of(word: str) -> str:
    """The tone in which a state or kind is shown."""
    return _STATE_TONES.get(word, word if word in TONES else "plain")


def badge(text: object, tone: str = "", hover: str = "") -> Html:
    """A small pill; `tone` is a tone, state or kind, by default that of the text.

    `hover` is what the pointer shows.
    """
    colour = TONES[tone_of(tone or str(text))]
    style = (
        "display:inline-block;padding:0 8px;border-radius:9px;white-space:nowrap;"
        f"font-size:11px;line-height:18px;border:1px solid {colour};"
        f"background:color-mix(in srgb,{colour} 16%,transparent)"
    )
    title = Html(f' title="{escape(hover)}"' if hover else "")
    return Html(f'<span style="{style}"{title}>{escape(text)}</span>')


def partial_text(names: Iterable[str]) -> str:
    """What is said of a record whose ancestry has holes: by which names; empty for none."""
    told = ", ".join(names)
    return f"partial: no recorded cell bound {told}" if told else ""


def partial_badge(names: Iterable[str]) -> Html:
    """The badge of partial provenance, the names and what is never seen on it; empty for none."""
    told = partial_text(names)
    return badge("partial provenance", "amber", f"{told}. {_UNSEEN}") if told else NOTHING


def code(text: object) -> Html:
    """A block of code or JSON, wrapped where it is too wide."""
    style = (
        f"{_MONO};margin:0;padding:10px 12px;border-radius:6px;background:{_FILL};"
        "white-space:pre-wrap;overflow-wrap:anywhere;max-height:420px;overflow:auto"
    )
    return Html(f'<pre style="{style}">{escape(text)}</pre>')


def unified(diff: str) -> Html:
    """A unified diff as a block of code, what comes in and what goes in their tones."""
    tones = {"+": TONES["good"], "-": TONES["bad"]}
    lines = diff.splitlines()
    shown = [
        Html(f'<span style="color:{tones[line[0]]}">{escape(line)}</span>')
        if at > 1 and line[:1] in tones
        else escape(line)
        for at, line in enumerate(lines)
    ]
    return code(join(shown, "\n"))


def bullets(lines: Iterable[object]) -> Html:
    """Lines as a list."""
    items = join(Html(f"<li>{escape(line)}</li>") for line in lines)
    return Html(f'<ul style="margin:0 0 8px;padding-left:20px">{items}</ul>')


def table(rows: Iterable[Sequence[object]], headers: Sequence[object] = ()) -> Html:
    """A plain table; cells are escaped."""
    head = ""
    if headers:
        style = f"{_CELL};border-bottom:{_LINE};font-weight:600;white-space:nowrap"
        cells = join(Html(f'<th style="{style}">{escape(cell)}</th>') for cell in headers)
        head = f'<thead><tr style="background:none">{cells}</tr></thead>'
    return Html(
        f'<table style="{_TEXT};{_PLAIN}">{head}<tbody>{join(map(_row, rows))}</tbody></table>'
    )


def _row(cells: Sequence[object]) -> Html:
    inner = join(Html(f'<td style="{_CELL}">{escape(cell)}</td>') for cell in cells)
    return Html(f'<tr style="background:none">{inner}</tr>')


def facts(pairs: Mapping[str, object]) -> Html:
    """Names and values in two columns; empty values are left out."""
    label = Html(f'<td style="{_CELL};opacity:.66;white-space:nowrap">')
    cell = Html(f'<td style="{_CELL};overflow-wrap:anywhere">')
    rows = join(
        Html(f'<tr style="background:none">{label}{escape(k)}</td>{cell}{escape(v)}</td></tr>')
        for k, v in pairs.items()
        if v not in ("", None)
    )
    return Html(f'<table style="{_TEXT};{_PLAIN}"><tbody>{rows}</tbody></table>')


def section(title: object, *parts: object) -> Html:
    """Parts under a small heading."""
    style = "font-weight:600;margin:14px 0 4px"
    return Html(f'<div style="{style}">{escape(title)}</div>{join(parts)}')


def details(summary: object, *parts: object) -> Html:
    """Parts that are folded until the reader asks for them."""
    head = Html(f'<summary style="cursor:pointer">{escape(summary)}</summary>')
    return Html(f'<details style="{_TEXT};margin:8px 0">{head}{join(parts)}</details>')


def block(name: str, *parts: object) -> Html:
    """Parts in a box of the style class `name`."""
    return Html(f'<div class="{escape(name)}">{join(parts)}</div>')


def frame(title: object, *parts: object, badges: Iterable[object] = ()) -> Html:
    """One object: its title with badges, then the parts."""
    head = join((Html(f'<b style="font-size:15px">{escape(title)}</b>'), *badges), " ")
    return Html(
        f'<div style="{_TEXT};max-width:960px"><div style="margin:0 0 8px">{head}</div>'
        f"{join(parts)}</div>"
    )


def line_html(parts: Iterable[object], amber: object = "", inside: Html = NOTHING) -> Html:
    """The line under a cell: what happened, and in amber what the reader must know.

    With something `inside`, a click or `Enter` on the line opens that, without script.
    """
    body = join(parts, ' <span style="opacity:.5">·</span> ')
    if amber:
        body = Html(f'{body} <span style="color:{TONES["amber"]}">{escape(amber)}</span>')
    if not inside:
        return Html(f'<div style="{_TEXT};opacity:.9">{body}</div>')
    head = f'<summary style="cursor:pointer;opacity:.9">{body}</summary>'
    shown = f'<div style="margin:8px 0 12px 16px;max-width:960px">{inside}</div>'
    return Html(f'<details style="{_TEXT}">{head}{shown}</details>')


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


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title><style>
:root{{color-scheme:light dark;--jp-border-color2:#d8dee4;--jp-layout-color2:#f3f5f7;
--jp-layout-color1:#fff;--jp-ui-font-color1:#1f2328}}
@media(prefers-color-scheme:dark){{:root{{--jp-border-color2:#3b4149;--jp-layout-color2:#24292f;
--jp-layout-color1:#16191d;--jp-ui-font-color1:#e6e9ec}}}}
body{{margin:0 auto;padding:40px 32px;max-width:1120px;font:14px/1.6 system-ui,sans-serif;
background:var(--jp-layout-color1);color:var(--jp-ui-font-color1)}}
h1{{font-size:22px}}a{{color:#3d7fd9}}.jp-RenderedHTMLCommon :is(td,th){{padding:4px 12px;
border:1px solid var(--jp-border-color2);text-align:left}}
.jp-RenderedHTMLCommon table{{border-collapse:collapse}}
</style><body>{body}</body></html>
"""


def page(title: object, *parts: object) -> Html:
    """One whole HTML page without script or any request, in the reader's own theme."""
    gap = '<div style="height:28px"></div>'
    return Html(_PAGE.format(title=escape(title), body=join(parts, gap)))
