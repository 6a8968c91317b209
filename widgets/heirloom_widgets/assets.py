"""The scripts and styles beside this module, as the text that a view sends to the page."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from heirloom.render import TONES

__all__ = ["script", "style"]


@cache
def script(*names: str) -> str:
    """One module: what every view shares, then the named files."""
    return "\n".join(map(_text, ("dom.js", *names)))


@cache
def style(*names: str) -> str:
    """The colours of kinds and states, what every view shares, then the named files."""
    colours = "".join(f"--hl-c-{tone}:{colour};" for tone, colour in TONES.items())
    tones = "".join(f'.hl [data-tone="{tone}"]{{--hl-tone:var(--hl-c-{tone})}}\n' for tone in TONES)
    return "\n".join((f".hl{{{colours}}}", tones, *map(_text, ("base.css", *names))))


def _text(name: str) -> str:
    return files("heirloom_widgets").joinpath(name).read_text("utf-8")
