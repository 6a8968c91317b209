"""Generated notebooks against the truth: values that carry their sources through real cells."""

from __future__ import annotations

import builtins
from typing import Any

import pytest
from constructs import NAMES, notebooks
from hypothesis import HealthCheck, Phase, given, note, settings
from marked import Marked, marks_in

import heirloom as hl
from heirloom.records.refs import SCHEME
from heirloom.records.versions import ArtifactVersion

SOURCES = ("s1", "s2", "s3")
START = (
    "a = marked(hl.pull('s1'))",
    "b = marked(hl.pull('s2'))",
    "c, d = [Marked()], {'k': [], 0: Marked()}\ndef f(v=None): return v\ng = f",
)


@pytest.fixture
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the cells use is builtin: it comes from no cell."""
    monkeypatch.setattr(builtins, "Marked", Marked, raising=False)
    monkeypatch.setattr(builtins, "marked", lambda text: Marked(*marks_in(text)), raising=False)


def ancestors(version: ArtifactVersion) -> set[str]:
    """The names of all that a version came from, by the edges of the catalog alone."""
    view, found, open_ = hl.current().catalog.view(), set[str](), [version.ref]
    for item in open_:
        producer = view.producer(item)
        for read in producer.all_reads() if producer else ():
            if read.item not in open_:
                open_.append(read.item)
    for item in open_[1:]:
        found.add(item.removeprefix(SCHEME).rpartition("/")[2].partition("@")[0])
    return found


@pytest.mark.usefixtures("_names")
@settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.generate),  # to shrink would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cells=notebooks())
def test_every_source_in_a_payload_is_an_ancestor(notebook: Any, cells: list[str]) -> None:
    """Whatever the cells do, in whatever order, and however they end."""
    known = {version.name for version in hl.search(limit=10)}
    for name in SOURCES:
        if name not in known:
            hl.publish(f"«{name}»", name)
    notebook.shell.InteractiveTB.set_mode("Minimal")  # a whole traceback takes longer than a cell
    notebook.run("%unload_ext heirloom")
    notebook.shell.reset()
    notebook.run("%load_ext heirloom\nimport asyncio\nimport heirloom as hl")
    before = hl.search(limit=1).total
    for cell in [*START, *cells, *(f"%%artifact last\nstr({name})" for name in NAMES)]:
        try:
            notebook.run(cell)
        except Exception as error:
            note(f"{cell}\n# {error!r}\n")
        else:
            note(f"{cell}\n")
    for version in list(hl.search(limit=1000))[: hl.search(limit=1).total - before]:
        truth = marks_in(hl.current().peek(version))
        note(f"{version!r}: {truth} of {ancestors(version)}")
        assert truth <= ancestors(version)
        assert not version.partial
