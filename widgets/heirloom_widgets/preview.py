"""What a payload looks like: the first of it, bounded, whatever it is."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from heirloom.render import Html, block, code, escape, join, size_text
from heirloom_widgets.preview_frame import array_html, frame_html, is_frame, shape_text
from heirloom_widgets.tree import tree_html

__all__ = ["UNASKED", "is_small", "preview_html", "words"]

UNASKED = 16_000_000
"""Bytes of a payload that is read without being asked for."""
_TEXT = 4_000
_PICTURE = 4_000_000
_WIDTH = 640
_FILES = 40
_PICTURES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}


def is_small(version: Any) -> bool:
    """Whether a payload is read for its preview without being asked: what it holds is known."""
    return bool(version.size <= UNASKED and version.format != "collection")


def words(value: Any) -> str:
    """A value in a few words: ``DataFrame of 449 rows and 31 columns``."""
    kind = type(value).__name__
    if shape := shape_text(value):
        return f"{kind} of {shape}"
    if hasattr(value, "__fspath__"):
        return f"{kind} {getattr(value, 'name', '')}"
    if isinstance(value, str | bytes | list | tuple | set | frozenset | Mapping):
        return f"{kind} of {len(value):,}"
    return kind


def preview_html(value: Any) -> Html:
    """The first of a value, as HTML without script; nothing is run and nothing is fetched.

    At most some thousand signs of a text, some rows and columns of a table with a line on each
    column, a picture, or the outer levels of a tree.
    """
    if is_frame(value):
        return frame_html(value)
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return array_html(value)
    if picture := _picture(value):
        return picture
    if hasattr(value, "__fspath__"):
        return _on_disk(Path(value))
    if isinstance(value, str):
        return _text(value, len(value))
    if value is None or isinstance(value, bool | int | float | list | tuple | set | Mapping):
        return tree_html(value)
    text = repr(value)
    return _text(text, len(text))


def _text(text: str, whole: int, unit: str = "signs") -> Html:
    more = f"the first {_TEXT:,} of {whole:,} {unit}" if whole > _TEXT else ""
    return join((code(text[:_TEXT]), block("hl-sub", more) if more else ""))


def _on_disk(path: Path) -> Html:
    if path.is_dir():
        found = sorted(islice((p for p in path.rglob("*") if p.is_file()), _FILES + 1))
        lines = [f"{p.relative_to(path)}  {size_text(p.stat().st_size)}" for p in found[:_FILES]]
        return code("\n".join([*lines, "…"] if len(found) > _FILES else lines) or "(empty)")
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_TEXT)
        if (kind := _kind(head)) and size <= _PICTURE:
            return _shown(head + file.read(), kind)
    try:
        text = head.decode("utf-8", "strict" if len(head) < _TEXT else "ignore")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return escape(f"{path.name}: {size_text(size)} of no text and no picture.")
    return _text(text, size, "bytes")


def _picture(value: Any) -> Html | None:
    """Bytes that are a picture, or an image of PIL made as small as it is shown."""
    if isinstance(value, bytes):
        kind = _kind(value)
        return _shown(value, kind) if kind and len(value) <= _PICTURE else None
    if not (hasattr(value, "thumbnail") and hasattr(value, "save") and hasattr(value, "mode")):
        return None
    small = value.convert("RGBA" if "A" in value.mode else "RGB")
    small.thumbnail((_WIDTH, _WIDTH))
    out = BytesIO()
    small.save(out, "PNG")
    width, height = value.size
    size = block("hl-sub", f"{width:,} by {height:,} pixels, {value.mode}")
    return join((_shown(out.getvalue(), "png"), size))


def _kind(head: bytes) -> str:
    return next((kind for sign, kind in _PICTURES.items() if head.startswith(sign)), "")


def _shown(data: bytes, kind: str) -> Html:
    source = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return block("hl-picture", Html(f'<img src="{source}" alt="The payload, a picture">'))
