"""Panels in a real JupyterLab: from running a cell to what is drawn, from a click to its answer."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figure import Figure
from bench.filled import PROJECT, filled
from tests.browser.conftest import CHROMIUM, FLAGS, Lab, Window, ours

__all__ = ["figures"]

Page = Callable[[], Window]
"""Opens a page; the one before is closed, its kernel ended."""

VERSIONS = 100_000
PARTS = 620
FEW, MANY = 187, 612  # the part whose ancestors are some 300, some 1 000 nodes
KERNELS = 5
CLICKS = 30

PARTS_OF_A_WHOLE = f"""
import random
import heirloom as hl

hl.connect(project="{PROJECT}")
chance = random.Random(3)
for part in range({PARTS}):
    near = range(max(0, part - 9), part)
    read = chance.sample(near, k=min(part, chance.choice((1, 1, 2, 3))))

    @hl.task
    def work(sources: list[str]) -> None:
        for source in sources:
            hl.pull(source)
        hl.publish(part, f"part{{part}}")

    work(sources=[f"part{{each}}" for each in read])
"""
READY = f"%env HEIRLOOM_PROJECT={PROJECT}\n%load_ext heirloom"
ROWS = "() => document.querySelectorAll('tr[data-ref]').length > 9"
DRAWN = """() => [...document.querySelectorAll('.hl-canvas')].some((box) =>
  box.__network?.body.data.nodes.get().filter((row) => row.kind !== 'via').length >= %d)"""
SOURCE = """(text) => {
  jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.setSource(text);
}"""
BUTTON = """
import ipywidgets as w
bare = w.Button(description="0")
bare.on_click(lambda _: setattr(bare, "description", str(int(bare.description) + 1)))
bare.add_class("bare")
bare"""
# Timed in the page; a timer of 0 looks as often as the browser lets it, for both alike.
ANSWERED = """async ([click, seen]) => {
  const before = document.querySelector(seen).textContent, began = performance.now();
  document.querySelector(click).click();
  while (document.querySelector(seen).textContent === before) {
    await new Promise((go) => setTimeout(go, 0));
  }
  return performance.now() - began;
}"""


def figures() -> Iterator[Figure]:
    """First paint over many versions, clicks beside a bare button's, a graph of some 300 nodes."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        many, whole = filled(place / "many", VERSIONS), _parts(place / "whole")
        with _opened(place) as (lab, page):
            lab.on(many)
            painted = [_painted(lab, page(), "%artifacts", ROWS) for _ in range(KERNELS)]
            work = f"Explorer over {VERSIONS:_} versions".replace("_", " ") + ", first paint"
            yield Figure(work, statistics.median(painted), 1500, "ms", _each(painted))
            yield _clicks(lab, page())
            lab.on(whole)
            yield from _graphs(lab, page, FEW, 1000)
            yield from _graphs(lab, page, MANY, 2000)


def _parts(home: Path) -> Path:
    """A home where each part was made of some of those just before it."""
    command = [sys.executable, "-c", PARTS_OF_A_WHOLE]
    subprocess.run(command, env={**os.environ, **ours(home)}, check=True)
    return home


@contextmanager
def _opened(place: Path) -> Iterator[tuple[Lab, Page]]:
    """A JupyterLab, and what opens a page of it; the page before is closed, its kernel ended."""
    from playwright.sync_api import sync_playwright

    (place / "work").mkdir()
    lab = Lab(place / "work", place / "private")
    lab.start()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch_persistent_context(
                str(place / "profile"),
                executable_path=CHROMIUM,
                args=list(FLAGS),
                viewport={"width": 1400, "height": 1000},
            )

            def page() -> Window:
                lab.end_kernels()
                for each in browser.pages[1:]:
                    each.close()
                return Window(browser.new_page(), lab)

            yield lab, page
            browser.close()
    finally:
        lab.stop()


def _painted(lab: Lab, window: Window, cell: str, drawn: str) -> float:
    """Milliseconds from running the cell in a kernel where nothing of Heirloom ran before."""
    window.run(lab.notebook("first.ipynb", READY))
    return _shown(window, cell, drawn)


def _again(lab: Lab, window: Window, cell: str, drawn: str) -> float:
    window.run(lab.notebook("next.ipynb", READY, cell))
    window.page.wait_for_function(drawn)
    window.command("notebook:clear-all-cell-outputs")
    window.page.wait_for_function("() => !document.querySelector('.hl-canvas')")
    return _shown(window, cell, drawn)


def _shown(window: Window, cell: str, drawn: str) -> float:
    window.command("notebook:insert-cell-below")
    window.page.evaluate(SOURCE, cell)
    began = time.perf_counter()
    window.command("notebook:run-cell")
    window.page.wait_for_function(drawn, polling=10)
    return (time.perf_counter() - began) * 1000


def _clicks(lab: Lab, window: Window) -> Figure:
    """A click on a row until the Overview has its version, beside a bare button's new text."""
    window.run(lab.notebook("clicks.ipynb", f"{READY}\n%artifacts", BUTTON))
    page = window.page
    page.wait_for_function(ROWS)
    page.wait_for_selector(".hl-title")
    row, bare = [], []
    for at in range(CLICKS):
        ask = f"tr[data-ref]:nth-of-type({1 + (at + 1) % 8})"
        row.append(page.evaluate(ANSWERED, [ask, ".hl-title"]))
        bare.append(page.evaluate(ANSWERED, [".bare", ".bare"]))
    took, floor = statistics.median(row), statistics.median(bare)
    return Figure("a row's click / a bare button's", took / floor, 1.5, "x", f"{took:.0f} ms")


def _graphs(lab: Lab, page: Page, part: int, limit: float) -> Iterator[Figure]:
    """All that a part was made of: the first graph in a kernel, and the one after it."""
    cell = f"from heirloom_widgets import Graph\nGraph('part{part}', up=None, down=0)"
    window = page()
    window.run(lab.notebook("count.ipynb", f"{READY}\nimport heirloom as hl"))
    ask = f"print(len(hl.lineage('part{part}', None, 0, limit=5000).nodes))"
    nodes = int(window.python(ask))
    drawn = [_painted(lab, page(), cell, DRAWN % nodes) for _ in range(KERNELS)]
    work = f"graph of {nodes} nodes, first in a kernel"
    yield Figure(work, statistics.median(drawn), limit, "ms", _each(drawn))
    again = [_again(lab, page(), cell, DRAWN % nodes) for _ in range(KERNELS)]
    yield Figure(f"graph of {nodes} nodes, the next", statistics.median(again), limit, "ms")


def _each(times: list[float]) -> str:
    return f"{len(times)} kernels, {min(times):.0f} to {max(times):.0f} ms"
