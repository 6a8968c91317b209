"""The pieces that HTML is made of; each escapes what it is given."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

__all__ = [
    "NOTHING",
    "TONES",
    "Html",
    "badge",
    "block",
    "bullets",
    "code",
    "details",
    "escape",
    "facts",
    "frame",
    "join",
    "line_html",
    "section",
    "size_text",
    "table",
    "time_text",
    "tone_of",
    "unified",
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
