"""File names that every system can hold, from whatever a person wrote."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

__all__ = ["safe_name"]

_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_LIMIT = 200  # bytes; NAME_MAX is 255, and a suffix may be added


def safe_name(name: str) -> str:
    """One file name made of `name`: its last part, without what some system refuses.

    The suffix is kept when a long name is cut. Never empty, never hidden, at most 200 bytes.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    clean = _FORBIDDEN.sub("_", last).encode("utf-8", "replace").decode("utf-8")
    clean = clean.strip(". ") or "payload"
    if _DEVICES.match(clean):
        clean = f"_{clean}"
    return _shortened(clean)


def _shortened(name: str) -> str:
    if len(name.encode()) <= _LIMIT:
        return name
    suffix = "".join(PurePosixPath(name).suffixes[-2:])
    if len(suffix.encode()) > 32:
        suffix = ""
    room = _LIMIT - len(suffix.encode())
    return name.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + suffix
