"""Searches of every kind over a filled home: common, rare and of nothing."""

from __future__ import annotations

from bench.filled import item

__all__ = ["SEARCHES", "WORDS"]

SEARCHES = (
    *("", "kind=value", "kind=model", "by=ada", "by=nobody", "name=team3/art3", "name=none"),
    *("region=r5", "region=nowhere", "region=r5 tier=3", "region in (r1, r2)", "not region=r5"),
    *("day>=2026-06-01", "day<2026-01-02", "day<2020-01-01", "tier>=6", "tier>99"),
    *("since=2026-01-01", "since=2030-01-01", "until=2026-01-01T00:01", "until=2020-01-01"),
    *("alias=champion", "is=draft", "is=linked", "region=r5 or tier=3", "by=ada not region=r5"),
    f'up="{item(999)}"',
    f'down="{item(900)}"',
)
WORDS = (
    *("accuracy", "accuracy 777", "zzz", "art57", "task7", "r5", "7", "holdout of", "not accuracy"),
    *(
        "by=ada accuracy",
        "accuracy or region=r5",
        "matter 33",
        "a",
        "of",
        "task",
        "100",
        '"holdout of"',
    ),
)
