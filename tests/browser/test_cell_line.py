"""The line under an emitting cell in a real JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.widgets.team import EVIL

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Window

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

CELLS = (
    "%load_ext heirloom\nimport pandas as pd\ncard = " + repr(f"# Daily sales\n\n{EVIL}"),
    "%%artifact sales[region=emea] --card card\nframe = pd.DataFrame({'n': [1, 2]})",
)


def test_the_line_under_a_cell_opens_the_version(lab: Lab, window: Window, home: Path) -> None:
    """By a click and by keys: facts, the line that pulls it and its card, in both themes."""
    page = window.page
    window.run(lab.notebook("line.ipynb", *CELLS))
    line = page.locator(".jp-OutputArea summary", has_text="sales[region=emea]@1")
    inside = page.locator(".jp-OutputArea details")
    pulled = inside.get_by_text('sales = hl.pull("sales@1")')
    assert not pulled.is_visible()
    line.click()
    pulled.wait_for(state="visible")
    assert inside.locator("h1", has_text="Daily sales").is_visible()
    assert inside.get_by_text("%lineage heirloom://default/sales@1").is_visible()
    window.picture("line.png")
    page.keyboard.press("Enter")
    pulled.wait_for(state="hidden")
    page.keyboard.press("Enter")
    pulled.wait_for(state="visible")
    window.command("apputils:change-theme", theme="JupyterLab Dark")
    page.wait_for_selector("body[data-jp-theme-light='false']", state="attached")
    window.picture("line-dark.png")
    assert page.evaluate("() => window.PWN === undefined")
    assert window.outside == []
    assert window.errors == []
