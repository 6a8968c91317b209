"""HTML strings: safe with anyone's text, and made in one place only."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from heirloom import render
from heirloom.render import Html, cards

ROOM = Path(render.__file__).parent
TOOLKIT = ROOM.parent
TAGS = "a|b|br|code|div|img|p|pre|script|span|style|svg|table|tbody|td|th|thead|tr"
MARKUP = re.compile(rf"</?(?:{TAGS})\b[^>]*>")
# From the corpus whose members ran in JupyterLab when shown by display(Markdown(...)).
HOSTILE = [
    "<script>window.PWN=1</script>",
    "<img src=x onerror='window.PWN=1'>",
    "<svg onload=window.PWN=1>",
    "<details open ontoggle=window.PWN=1><summary>x</summary></details>",
    "<iframe srcdoc='<script>parent.PWN=1</script>'></iframe>",
    "<iframe src='javascript:parent.PWN=1'></iframe>",
    "<a href='javascript:window.PWN=1'>x</a>",
    "<object data='data:text/html,<script>window.PWN=1</script>'></object>",
    "<form action=https://evil.example><button>x</button></form>",
    "<style>body{display:none}</style>",
    "<button data-commandlinker-command='docmanager:save'>x</button>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.PWN=1>",
    "[x](javascript:window.PWN=1)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "<javascript:window.PWN=1>",
    "[x][r]\n\n[r]: javascript:window.PWN=1",
    "![x](https://evil.example/beacon.png)",
    "![x](data:image/svg+xml,<svg onload=window.PWN=1>)",
    "[x](/lab?reset)",
    '```x" onmouseover=window.PWN=1\ncode\n```',
    "| a |\n|---|\n| <img src=x onerror=window.PWN=1> |",
    "<!-- unclosed",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_card_runs_or_is_fetched(text: str) -> None:
    """Whoever wrote the card, reading it does nothing else."""
    shown = render.card_html(text)
    tags = re.findall(r"<(\w+)((?:\s[^<>]*)?)>", shown)
    assert {tag for tag, _ in tags} <= {*cards._CARD_TAGS, "div"}
    for tag, attributes in tags:
        names = set(re.findall(r"([\w-]+)=", re.sub(r'"[^"]*"', "", attributes)))
        assert names <= {"href", "title", "class", "style", "rel", "target", "start"}, tag
    links = re.findall(r'href="([^"]*)"', shown)
    assert all(link.startswith(("https://", "http://", "mailto:")) for link in links)


def test_a_card_keeps_what_markdown_is_for() -> None:
    """Headings, tables with their alignment, code, lists, struck text, safe links."""
    text = "# T\n\n| a | b |\n|---|--:|\n| 1 | ~~2~~ |\n\n- x\n\n```python\ny\n```\n\n[z](https://z.org)"
    shown = render.card_html(text)
    for part in (
        "<h1>T</h1>",
        '<td style="text-align:right"><s>2</s></td>',
        "<li>x</li>",
        '<code class="language-python">',
        'href="https://z.org"',
        'rel="noopener noreferrer"',
    ):
        assert part in shown


def test_a_picture_is_shown_where_the_card_holds_it() -> None:
    """A PNG in the text itself is a picture; one elsewhere, or of another kind, is its words."""
    held = "data:image/png;base64,iVBORw0KGgo="
    assert f'<img src="{held}" alt="curve">' in render.card_html(f"![curve]({held})")
    for source in ("https://evil.example/a.png", "data:image/svg+xml;base64,PHN2Zz4=", "/lab?x"):
        shown = render.card_html(f"![curve]({source})")
        assert "curve" in shown
        assert "<img" not in shown
    assert "href" not in render.card_html(f"[curve]({held})")


def test_a_card_cannot_wear_the_style_of_the_page() -> None:
    """A class in a card is one that Markdown gives to code, and no other."""
    shown = render.card_html("```jp-Dialog\nx\n```")
    assert re.findall(r'class="([^"]+)"', shown) == ["jp-RenderedHTMLCommon", "language-jp-Dialog"]


def test_without_the_libraries_a_card_is_its_own_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The core alone shows a card plainly and safely."""
    monkeypatch.setitem(sys.modules, "nh3", None)
    render.card_html.cache_clear()
    shown = render.card_html("# T <script>1</script>")
    render.card_html.cache_clear()
    assert shown.startswith("<pre")
    assert "# T &lt;script&gt;" in shown


def test_every_function_escapes_what_it_is_given() -> None:
    """No caller has to remember it."""
    evil = "<img src=x onerror=alert(1)>\"'"
    made = [
        render.badge(evil),
        render.badge("x", evil),
        render.block(evil, evil),
        render.code(evil),
        render.details(evil, evil),
        render.facts({evil: evil}),
        render.frame(evil, evil, badges=[evil]),
        render.join([evil], evil),
        render.line_html([evil], evil),
        render.page(evil, evil),
        render.section(evil, evil),
        render.table([[evil]], [evil]),
        render.version_html({"title": evil, "kind": evil, "aliases": [evil], "snippet": evil}),
        render.version_html({"title": "t", "card": evil, "facts": {"a": evil}}),
        render.execution_html(
            {"title": evil, "state": evil, "inputs": {evil: evil}, "error": evil}
        ),
    ]
    for text in made:
        assert "<img" not in text
        assert isinstance(text, Html)


def test_what_is_markup_already_is_not_escaped_again() -> None:
    """Pieces can be put together."""
    assert render.escape(render.escape("<")) == "&lt;"
    assert render.table([[render.badge("ok")]]).count("<span") == 1


def test_empty_facts_are_left_out_and_zero_is_not() -> None:
    """What is not known takes no room; nothing is something."""
    shown = render.facts({"unknown": None, "empty": "", "zero": 0})
    assert "zero" in shown
    assert "unknown" not in shown
    assert "empty" not in shown


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (3_400_000, "3.4 MB"), (999_999, "1.0 MB")],
)
def test_sizes_are_for_people(size: int, text: str) -> None:
    """Three digits and a unit."""
    assert render.size_text(size) == text


def test_times_say_their_zone() -> None:
    """A saved page is read elsewhere."""
    when = datetime(2026, 1, 31, 9, 5, 7, tzinfo=UTC)
    assert render.time_text(when) == "2026-01-31 09:05:07 UTC"
    assert render.time_text(None) == ""


def test_a_page_has_no_script_and_asks_for_nothing() -> None:
    """A file that can be sent to anyone."""
    text = render.page("T", render.card_html("![x](https://evil.example/x.png)"))
    for outside in ("<script", "<link", "<img", "src=", "@import", "url("):
        assert outside not in text


def test_the_toolkit_makes_html_nowhere_else() -> None:
    """One room to read for whoever asks whether user text becomes markup."""
    elsewhere = [
        f"{path.relative_to(TOOLKIT)}: {found.group()}"
        for path in TOOLKIT.rglob("*.py")
        if path.parent != ROOM
        for found in MARKUP.finditer(path.read_text("utf-8"))
    ]
    assert elsewhere == []


def test_a_count_has_its_noun() -> None:
    """One of a thing is one; many have their thousands apart."""
    assert [render.counted(n, "event") for n in (0, 1, 2)] == ["0 events", "1 event", "2 events"]
    assert render.counted(1200, "row") == "1,200 rows"


def test_what_starts_a_plan_is_said_by_its_condition() -> None:
    """Each of several, all of them, or each with the latest of the others; of one, that one."""
    two = ("sales", "visits")
    assert render.events_of(two, "any") == "sales or visits"
    assert render.events_of(two, "all") == "sales and visits"
    assert render.events_of(two, "all-latest") == "sales or visits, with the latest of the others"
    for condition in ("any", "all", "all-latest"):
        assert render.events_of(two[:1], condition) == "sales"


def test_a_ref_is_read_within_its_project() -> None:
    """All words of the name stay; what is no full ref stays as it is."""
    refs = ("heirloom://default/emea/sales@1", "heirloom://default/sales@1", "sales@1")
    assert [*map(render.within_project, refs)] == ["emea/sales@1", "sales@1", "sales@1"]
