"""Print docs/licences.md: what installing the core or an extra brings, as its own metadata says.

python docs/licences.py >docs/licences.md      where all of it is installed, as the lock has it
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement

PROJECT = "jupyter-heirloom"
PARTS = ("", "frames", "models", "notebooks", "widgets")
HEAD = """\
# Licences

Heirloom is under the Apache License 2.0. This is what installing it brings, each with the licence
that its own metadata names: the core, then what each extra adds to the parts before it. All are
permissive, or (MPL-2.0) ask for the source of their own files alone; none sets terms for what you
write with them. `make lock` writes this page, and a test holds it to what is installed.
"""


def main() -> None:
    """Print it."""
    print(HEAD)
    shown: set[str] = {PROJECT}
    for part in PARTS:
        print(f"## {f'`[{part}]`' if part else 'The core'}\n\n| package | licence |\n|---|---|")
        brought = _brought(part)
        for name in sorted(brought.keys() - shown):
            print(f"| {name} | {_licence(brought[name])} |")
        print(end="" if part == PARTS[-1] else "\n")
        shown |= brought.keys()


def _brought(part: str) -> dict[str, Distribution]:
    """What `part` needs here, directly or not, by name."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    open_ = [(PROJECT, extra) for extra in {"", part}]
    while open_:
        name, extra = each = open_.pop()
        if each in seen:
            continue
        seen.add(each)
        found[name] = distribution(name)
        open_ += _needs(found[name], extra)
    return found


def _needs(of: Distribution, extra: str) -> Iterator[tuple[str, str]]:
    for text in of.requires or ():
        need = Requirement(text)
        if need.marker is None or need.marker.evaluate({"extra": extra}):
            name = re.sub(r"[-_.]+", "-", need.name).lower()
            yield from ((name, inner) for inner in {"", *need.extras})


def _licence(of: Distribution) -> str:
    """The expression; else a short name; else what the classifiers or the text begin with."""
    said = of.metadata
    if short := said.get("License-Expression"):
        return short
    short = (said.get("License") or "").strip()
    if short and len(short) < 40 and "\n" not in short and short != "UNKNOWN":
        return short
    kinds = said.get_all("Classifier") or ()
    last = [each.split(" :: ")[-1] for each in kinds if each.startswith("License")]
    named = [each for each in last if each != "OSI Approved"]
    return ", ".join(named) or _first_line(of)


def _first_line(of: Distribution) -> str:
    text = next(file for file in of.files or () if "LICENSE" in file.name.upper())
    return text.read_text().strip().splitlines()[0].strip()


if __name__ == "__main__":
    main()
