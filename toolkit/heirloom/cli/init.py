"""The verb that makes a home: one's own, or a team's."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from heirloom.catalog.founding import found, group_of
from heirloom.cli.answer import Answer
from heirloom.cli.text import line
from heirloom.opening import connect
from heirloom.settings import Settings

__all__ = ["init"]


def init(args: Namespace) -> Answer:
    """A home, and what to do with it."""
    home = Settings.read(args.path or args.home).home
    made = found(Path(home), shared=args.shared or args.group is not None, group=args.group)
    connect(home)
    group = group_of(home) if args.shared or args.group else None
    told = {"home": str(home), "made": made, "shared": group is not None, "group": group}
    whose = f"shared with the group {group}" if group else "yours alone"
    lines = [f"{home} {'is made' if made else 'was there'}: {whose}"]
    if made:
        lines.append(f"export HEIRLOOM_HOME={home}, or hl.connect({str(home)!r})")
    return Answer(told, "\n".join(map(line, lines)))
