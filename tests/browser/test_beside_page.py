"""Panels beside the notebook, as docs/panels.md tells it: an output in a view of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.beside import elsewhere, turn_to

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Window

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

DARK = "JupyterLab Dark"
PAGE = (Path(__file__).parents[2] / "docs" / "panels.md").read_text("utf-8")
EXPLORER = "from heirloom_widgets import Explorer\nexplorer = Explorer('kind=model')\nexplorer"
WORK = "import heirloom as hl\n\nhl.search('name=blessed_model')"
VIEW = ".jp-LinkedOutputView"


def test_an_explorer_is_docked_beside_the_notebook(lab: Lab, window: Window, home: Path) -> None:
    """A right click on the panel; the new view searches, pulls, follows and ends with it.

    Collapsed before that, its output says in one line what it is.
    """
    page = window.page
    window.run(lab.notebook("beside.ipynb", EXPLORER, WORK), "lab/tree")
    page.wait_for_selector("tr[data-ref]")
    page.locator(".hl-line").click(button="right")
    assert page.locator(".lm-Menu:visible").count() == 0
    page.locator(".jp-Notebook .jp-CodeCell").first.click(position={"x": 100, "y": 12})
    window.command("notebook:hide-cell-outputs")
    folded = page.locator(".jp-OutputPlaceholder .jp-PlaceholderText").first
    assert folded.inner_text() == "<!-- Explorer · 3 versions · blessed_model@3 -->"
    window.picture("collapsed.png")
    window.command("notebook:show-cell-outputs")
    page.locator(".hl-count").click(button="right")
    item = page.get_by_role("menuitem", name=re.compile("^Create New View for .*Output"))
    assert f"*{item.inner_text().strip()}*" in PAGE
    item.click()
    docked = page.locator(VIEW)
    docked.locator("tr[data-ref]").first.wait_for()
    page.locator(".jp-Notebook .jp-CodeCell").last.click()
    window.command("application:toggle-left-area")
    _to_the_right(page)

    docked.locator(".hl-line").fill("name=blessed_model blessed=true")
    page.wait_for_function(f"() => document.querySelectorAll('{VIEW} tr[data-ref]').length === 2")
    docked.locator("tr[data-ref]").first.click()
    docked.locator(".hl-title", has_text="blessed_model@3").wait_for()
    turn_to(docked, "Card")
    docked.locator(".hl-card h1", has_text="Model card").wait_for()
    elsewhere(home, "hl.publish({'mean': 9.0}, 'blessed_model[blessed=true]')")
    page.wait_for_function(f"() => document.querySelectorAll('{VIEW} tr[data-ref]').length === 3")
    turn_to(docked, "Overview")
    docked.locator(".hl-pull .hl-primary").click()
    docked.locator(".hl-said", has_text="blessed_model is in this notebook").wait_for()
    turn_to(docked, "Lineage")
    docked.locator(".hl-nodes li", has_text="prediction@2").wait_for()
    docked.locator(".hl-nodes li", has_text="prediction@2").click()
    docked.locator(".hl-title", has_text="prediction@2").wait_for()
    turn_to(docked, "Overview")
    docked.locator(".hl-payload th", has_text="radius").first.wait_for()
    docked.locator(".hl-line").scroll_into_view_if_needed()
    page.locator(".jp-Notebook .jp-CodeCell").last.evaluate("(cell) => cell.scrollIntoView(true)")
    page.mouse.move(2, 600)
    window.picture("beside.png")
    window.command("apputils:change-theme", theme=DARK)
    page.wait_for_selector("body[data-jp-theme-light='false']", state="attached")
    window.picture("beside-dark.png")

    page.locator(".jp-Notebook .jp-CodeCell").last.click()
    assert window.python("print(blessed_model)") == "{'mean': 3.5}"
    window.python("explorer.close()")
    docked.locator(".hl").first.wait_for(state="detached")
    assert window.outside == []
    assert window.errors == []


def _to_the_right(page: Any) -> None:
    """Drag the tab of the view to the right of the notebook, as JupyterLab lets one."""
    tab = page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab", has_text="Output View")
    notebook = page.locator(".jp-NotebookPanel").bounding_box()
    tab.hover()
    page.mouse.down()
    x, y = notebook["x"] + notebook["width"] - 30, notebook["y"] + notebook["height"] / 2
    page.mouse.move(x - 200, y, steps=10)
    page.mouse.move(x, y, steps=10)
    page.mouse.up()
    page.wait_for_function(
        f"(x) => document.querySelector('{VIEW}').getBoundingClientRect().left > x", arg=x / 3
    )
