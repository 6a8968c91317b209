"""Two people, each with a browser page and a kernel of their own; and a catalog that goes away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.beside import elsewhere
from tests.browser.conftest import Window

if TYPE_CHECKING:
    from tests.browser.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

GRAPH = "from heirloom_widgets import Graph\nGraph('measurements@3')"
EXPLORER = (
    "from heirloom_widgets import Explorer\nexplorer = Explorer('name=blessed_model')\nexplorer"
)
EMIT = "import heirloom as hl; hl.publish(hl.pull('blessed_model'), 'blessed_model[blessed=true]')"
COUNTED = "(n) => document.querySelectorAll('tr[data-ref]').length === n"


def test_two_browsers_on_two_kernels_agree(
    browser: Any, lab: Lab, window: Window, home: Path
) -> None:
    """A switch thrown in one is seen in the other, and so is what its kernel emits."""
    ada, bob = window, Window(browser.new_page(), lab)
    ada.run(lab.notebook("ada.ipynb", GRAPH))
    bob.run(lab.notebook("bob.ipynb", GRAPH, EXPLORER), "doc/workspaces/bob/tree")
    pid = "import os; print(os.getpid())"
    assert ada.python(pid) != bob.python(pid)
    switch = ".hl-plans:visible li[data-plan='retrain'] [role=switch]"
    ada.page.locator(switch).first.click()
    bob.page.wait_for_selector(f"{switch}[aria-checked='false']")
    bob.page.locator(switch).first.click()
    ada.page.wait_for_selector(f"{switch}[aria-checked='true']")
    assert elsewhere(home, "hl.plan('retrain').is_active") == "True"
    rows = bob.page.locator("tr[data-ref]").count()
    assert ada.python(EMIT) == ""
    bob.page.wait_for_function(COUNTED, arg=rows + 1)
    assert ada.errors == bob.errors == []
    bob.page.close()


def test_a_catalog_that_goes_away_is_said_and_comes_back(
    lab: Lab, window: Window, home: Path
) -> None:
    """A home whose disk is gone is said in the panel, which lives; with the disk it goes on."""
    page = window.page
    window.run(lab.notebook("gone.ipynb", EXPLORER))
    page.wait_for_selector("tr[data-ref]")
    rows = page.locator("tr[data-ref]").count()
    away = home.with_name("unplugged")
    home.rename(away)
    page.fill(".hl-line", "kind=model")
    page.wait_for_selector(".hl-search .hl-trouble:has-text('not there any more')")
    page.locator("tr[data-ref]").nth(1).click()
    page.wait_for_selector(".hl-right .hl-trouble:has-text('not there any more')")
    assert page.locator("tr[data-ref]").count() == rows
    window.picture("gone.png")
    away.rename(home)
    page.fill(".hl-line", "name=blessed_model blessed=true")
    page.wait_for_function(COUNTED, arg=rows - 1)
    elsewhere(home, EMIT.partition("; ")[2])
    page.wait_for_function(COUNTED, arg=rows)
    page.locator("tr[data-ref]").first.click()
    page.wait_for_selector(".hl-title:has-text('blessed_model@4')")
    assert page.locator(".hl-trouble:visible").count() == 0
    assert window.errors == []
