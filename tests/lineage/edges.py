"""Which version came from which in the shipped notebooks: written by hand, from reading them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import heirloom as hl
from heirloom.testing import session_in

__all__ = ["EDGES", "Found", "found_in", "stated"]

VALUE = "(value)"
_PAGE = Path(__file__).resolve().parents[2] / "docs" / "lineage.md"
_ROW = re.compile(r"^\| `([\w-]+)` \| (\d+) \| (\d+) \|", re.M)

EDGES: Mapping[str, Mapping[str, set[str]]] = {
    "tour": {
        "blessed_model@1": {"measurements@1"},
        "blessed_model@2": {"measurements@2"},
        "prediction@1": {"blessed_model@2", VALUE},
        **{f"largest_prime@{n}": {f"largest_prime@{n - 1}"} for n in range(2, 22)},
    },
    "1-artifacts": {"wine_means@2": {"wine_means@1"}},
    "2-types": {"line_count@1": {"iris_file@1"}},
    "3-workflows": {
        "scores@1": {VALUE},
        "chosen_model@1": {VALUE, "scores@1"},
        "final_accuracy@1": {VALUE},
        "final_accuracy@2": {VALUE},
    },
    "4-lineage": {
        "cultivar_means@1": {"wine_table@1", "wine_settings@1"},
        "cultivar_means@2": {"wine_table@1", "wine_settings@2"},
    },
    "5-reactive-cells": {
        "progression_model@1": {"patients@1"},
        "r_squared@1": {"progression_model@1", "patients@1"},
        "progression_model@2": {"patients@2"},
        "r_squared@2": {"progression_model@2", "patients@2"},
        "too_bound@1": {"patients@3"},
        "progression_model@3": {"patients@4"},
        "too_bound@2": {"patients@4"},
    },
    "6-triggers": {
        "deviation@1": {"measured@1", "reference@1"},
        "deviation@2": {"measured@2", "reference@2"},
        "flower_count@1": {"measured@3"},
        **{f"step@{n}": {f"step@{n - 1}"} for n in range(2, 5)},
    },
    "7-notebooks": {"flower_model@1": {"flowers@1"}, "flower_model@2": {"flowers@2"}},
    "8-executors": {f"brightness@{n}": {"digit_pictures@1"} for n in range(1, 21)},
}


@dataclass(frozen=True)
class Found:
    """What a run of a notebook traced, beside what is true of it."""

    lost: set[tuple[str, str]]
    true: int
    traced: int


def found_in(home: Path, notebook: str) -> Found:
    """Hold the catalog that a notebook filled against the table."""
    with session_in(home):
        view, traced = hl.current().catalog.view(), set[tuple[str, str]]()
        for version in hl.search(limit=1000):
            producer = view.producer(version.ref)
            for read in producer.all_reads() if producer else ():
                traced.add((_label(read.item), _label(version.ref)))
    true = {(source, made) for made, sources in EDGES[notebook].items() for source in sources}
    return Found(true - traced, len(true), len(traced))


def stated(notebook: str) -> tuple[int, int]:
    """How many edges docs/lineage.md says are true, and how many traced."""
    rows = {
        name: (int(true), int(traced)) for name, true, traced in _ROW.findall(_PAGE.read_text())
    }
    return rows[notebook]


def _label(item: str) -> str:
    return item.rpartition("/")[2] if "://" in item else VALUE
