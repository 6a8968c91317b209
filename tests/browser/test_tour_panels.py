"""The tour's last notebook in a real JupyterLab, on the catalog that the tour itself made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.beside import turn_to

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Window

pytestmark = [
    *(pytest.mark.browser, pytest.mark.kernel, pytest.mark.process),
    pytest.mark.timeout(240),  # the tour itself takes half a minute
]

TOUR = Path(__file__).parents[2] / "notebooks" / "tour"
PANELS = "5-panels.ipynb"
PLAN = "trigger_ops_wf_lp"
MODEL = ".hl-title:has-text('blessed_model@2')"
EXPLORER = ".hl-explorer"
PREDICTION = "heirloom://default/prediction@1"
SWITCH = (-54, 11)  # of a trigger's node, off its middle
BARE = (70, 18)  # of a version's node, where nothing is written


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The catalog's home, filled by the program of ``make tour``."""
    place = tmp_path / "tour" / "home"
    command = [sys.executable, str(TOUR / "run.py"), "--home", str(place)]
    done = subprocess.run(command, env=_of(place), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return place


def test_the_tours_panels_search_show_draw_pull_and_switch(
    lab: Lab, window: Window, home: Path
) -> None:
    """On the tour's catalog: search, card, a node's click, Pull of a frame, a trigger's switch."""
    shutil.copy(TOUR / PANELS, lab.root / PANELS)
    page = window.page
    window.run(PANELS)
    _search(page, "kind=model blessed=true", 1)
    _search(page, "not name=largest_prime", 5)
    page.locator("tr[data-ref]", has_text="blessed=true").click()
    page.wait_for_selector(MODEL)
    turn_to(page, "Card")
    page.wait_for_selector(".hl-card h1:has-text('Nuclei classifier')")
    assert page.locator(".hl-card tr", has_text="accuracy").locator("td").count() == 2
    _pictures(window)

    turn_to(page, "Lineage")
    page.wait_for_selector(f"{EXPLORER} .hl-nodes li:has-text('{PLAN}')")
    _scroll(page, f"{EXPLORER} .hl-canvas")
    page.mouse.click(*window.spot("heirloom://default/measurements@2"))
    page.wait_for_selector(".hl-title:has-text('measurements@2')")

    turn_to(page, "Overview")
    page.fill(".hl-pullbar input[type=text]", "nuclei")
    page.get_by_role("radio", name="as DataFrame").click()
    page.wait_for_selector(".hl-codeline pre:has-text('nuclei = hl.pull_frame')")
    page.locator(".hl-pull .hl-primary").click()
    page.wait_for_selector(".hl-said:has-text('449 rows and 31 columns')")
    assert window.python("print(type(nuclei).__name__, len(nuclei))") == "DataFrame 449"

    turn_to(page, "Lineage")
    page.locator(EXPLORER).get_by_role("button", name="← Back").click()
    page.wait_for_selector(f"{EXPLORER} .hl-trail b:has-text('blessed_model@2')")  # it is drawn
    node = page.locator(f"{EXPLORER} .hl-nodes li", has_text=PLAN).get_attribute("data-id")
    assert node is not None
    assert _armed(home) == {"retrain": True, "self_trigger": True, PLAN: True}
    _scroll(page, f"{EXPLORER} .hl-canvas")
    page.mouse.click(*window.spot(node, *SWITCH))
    page.wait_for_selector(f"{EXPLORER} .hl-plans li[data-plan='{PLAN}'] [aria-checked='false']")
    assert _armed(home) == {"retrain": True, "self_trigger": True, PLAN: False}
    assert window.outside == []
    assert window.errors == []


def _of(home: Path) -> dict[str, str]:
    path = os.pathsep.join(filter(None, sys.path))
    return {**os.environ, "HEIRLOOM_HOME": str(home), "PYTHONPATH": path}


def _armed(home: Path) -> dict[str, bool]:
    """Whether each plan is armed, as another process says."""
    command = [sys.executable, "-m", "heirloom", "plans", "--json"]
    said = subprocess.check_output(command, env=_of(home), text=True)
    return {plan["name"]: plan["is_active"] for plan in json.loads(said)}


def _search(page: Any, text: str, count: int) -> None:
    page.fill(".hl-line", text)
    script = "(n) => document.querySelectorAll('tr[data-ref]').length === n"
    page.wait_for_function(script, arg=count)


def _scroll(page: Any, selector: str, block: str = "center") -> None:
    script = "(box, block) => box.scrollIntoView({ block })"
    page.locator(selector).first.evaluate(script, block)


def _comes_to_be_drawn(window: Window, colour: list[int]) -> None:
    """What follows a change of the theme is painted when the page comes to it."""
    for _ in range(50):
        if window.drawn(PREDICTION, *BARE) == colour:
            return
        window.page.wait_for_timeout(100)
    assert window.drawn(PREDICTION, *BARE) == colour


def _at_rest(page: Any) -> None:
    """No cell shown is the active one, and the pointer is on nothing."""
    page.evaluate("() => { jupyterapp.shell.currentWidget.content.activeCellIndex = 0; }")
    page.mouse.move(2, 600)


def _pictures(window: Window) -> None:
    """The README's pictures, and that a graph drawn off the page has the theme's colours."""
    page = window.page
    cells = ".jp-Notebook .jp-CodeCell >> nth={}"
    _at_rest(page)
    for name, theme, paper in (
        ("", "JupyterLab Light", [255, 255, 255, 255]),
        ("-dark", "JupyterLab Dark", [43, 48, 54, 255]),
    ):
        window.command("apputils:change-theme", theme=theme)
        light = str(not name).lower()
        page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")
        page.set_viewport_size({"width": 1400, "height": 900})
        _scroll(page, cells.format(0), "start")
        window.picture(f"explorer{name}.png")
        page.set_viewport_size({"width": 1400, "height": 880})
        _scroll(page, cells.format(1), "start")
        _comes_to_be_drawn(window, paper)
        page.locator(".hl-nodes:visible li", has_text=PLAN).first.click()
        page.wait_for_selector(".hl-half:visible :text('unmet')")
        _at_rest(page)
        _scroll(page, cells.format(1), "start")
        window.picture(f"lineage{name}.png")
    _scroll(page, cells.format(0), "start")
