"""Notebook 7, where no JupyterLab is around the notebook: the same panels, by real clicks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.beside import elsewhere, to_the_card, turn_to
from tests.browser.conftest import Lab

if TYPE_CHECKING:
    from tests.browser.conftest import Window

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

DARK = "JupyterLab Dark"
PLACE = "notebooks"
CELL = "%load_ext heirloom\n%artifacts not name=hostile"
GRAPH = "%lineage measurements@3"


class Notebook(Lab):
    """A Notebook 7 server."""

    app = ("notebook", "--JupyterNotebookApp.expose_app_in_browser=True")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One Notebook 7 for all tests of this file."""
    place = tmp_path_factory.mktemp("notebook")
    (place / "work").mkdir()
    found = Notebook(place / "work", place / "private")
    found.start()
    yield found
    found.stop()


def test_the_explorer_works_in_notebook_7(lab: Lab, window: Window, home: Path) -> None:
    """Search, card and Pull, and what another process emits is there by itself."""
    page, own = window.page, _errors_of_its_own(lab, window)
    window.run(lab.notebook("explorer.ipynb", CELL), PLACE)
    to_the_card(page)
    turn_to(page, "Overview")
    page.locator(".hl-pull .hl-primary").click()
    page.wait_for_selector(".hl-said:has-text('blessed_model is in this notebook')")
    assert window.python("print(blessed_model)") == "{'mean': 3.5}"
    elsewhere(home, "hl.publish({'mean': 9.0}, 'blessed_model[blessed=true]')")
    page.wait_for_function("() => document.querySelectorAll('tr[data-ref]').length === 3")
    window.picture("notebook-explorer.png")
    window.command("apputils:change-theme", theme=DARK)
    page.wait_for_selector("body[data-jp-theme-light='false']", state="attached")
    window.picture("notebook-explorer-dark.png")
    assert window.outside == []
    assert set(window.errors) <= own


def test_the_graph_works_in_notebook_7(lab: Lab, window: Window, home: Path) -> None:
    """A click on a node's own place makes it the centre; one on a switch is the catalog's."""
    page, own = window.page, _errors_of_its_own(lab, window)
    window.run(lab.notebook("graph.ipynb", "%load_ext heirloom", GRAPH), PLACE)
    page.wait_for_selector(".hl-nodes li:has-text('retrain')")
    page.locator(".hl-bar").scroll_into_view_if_needed()
    node = page.locator(".hl-nodes li:has-text('retrain')").first.get_attribute("data-id")
    page.mouse.click(*window.spot(node, -54, 11))
    page.wait_for_selector(".hl-plans li[data-plan='retrain'] [aria-checked='false']")
    assert elsewhere(home, "hl.plan('retrain').is_active") == "False"
    page.mouse.click(*window.spot("heirloom://default/blessed_model@3"))
    page.wait_for_selector(".hl-trail b:has-text('blessed_model@3')")
    window.picture("notebook-graph.png")
    assert window.outside == []
    assert set(window.errors) <= own


def _errors_of_its_own(lab: Lab, window: Window) -> set[str]:
    """What Notebook 7 itself throws when it opens a notebook in which nothing is shown."""
    window.run(lab.notebook("bare.ipynb", "1"), PLACE)
    own = set(window.errors)
    window.errors.clear()
    return own
