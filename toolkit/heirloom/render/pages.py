"""Whole pages of HTML."""

from __future__ import annotations

from heirloom.render.markup import Html, escape, join

__all__ = ["page"]

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
