"""The Explorer in a real JupyterLab: what only a page and a kernel together can show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.beside import elsewhere, turn_to

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Window

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

EMITS = "%load_ext heirloom\n"
CELL = "%%artifact daily[day=mon]\n{'a': [1, 2, {'b': 'text'}]}"
EXPLORER = (
    "from heirloom_widgets import Explorer\nexplorer = Explorer('not name=hostile')\nexplorer"
)
SLEEP = """() => {
  const widget = jupyterapp.shell.currentWidget;
  const kernel = (widget.sessionContext ?? widget.context.sessionContext).session.kernel;
  kernel.requestExecute({ code: 'import pathlib, time\\n'
    + 'while not pathlib.Path("go").exists(): time.sleep(0.05)' });
}"""


def test_the_explorer_is_searched_sorted_and_read_by_keys_and_clicks(
    lab: Lab, window: Window, home: Path
) -> None:
    """Completion, filters, sort, preview, the way to the cell, Rerun, Compare, both themes."""
    page = window.page
    window.run(lab.notebook("explorer.ipynb", EMITS, CELL, EXPLORER))
    page.wait_for_selector("tr[data-ref]")
    page.wait_for_selector(".hl-payload .hl-tree:has-text('a [1]'), .hl-payload summary")

    page.locator(".hl-about a.hl-link").click()
    page.wait_for_function("() => document.querySelectorAll('.jp-Cell')[1].checkVisibility()")
    page.locator(".hl-line").fill("")
    page.get_by_role("button", name="Filter by kind").click()
    page.wait_for_selector(".hl-offers [role=option]:has-text('model')")
    window.picture("explorer-completion.png")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('tr[data-ref]').length === 3")
    page.keyboard.type("ble")
    page.wait_for_selector(".hl-offers [role=option]:has-text('blessed=')")
    page.keyboard.press("Tab")
    page.wait_for_selector(".hl-offers [role=option]:has-text('true')")
    page.keyboard.type("t")
    page.wait_for_selector(".hl-offers [role=option]:only-child")
    page.keyboard.press("Tab")
    page.wait_for_function("() => document.querySelectorAll('tr[data-ref]').length === 2")
    assert page.locator(".hl-line").input_value() == "kind=model blessed=true "
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Sort by name").click()
    page.wait_for_selector("th[aria-sort=ascending]:has-text('Name')")
    page.wait_for_selector(".hl-count:has-text('by name')")

    page.locator("tr[data-ref]", has_text="@champion").click()
    page.wait_for_selector(".hl-title:has-text('blessed_model@3')")
    page.get_by_role("button", name="task train").click()
    page.wait_for_selector(".hl-run b:has-text('train')")
    page.get_by_role("button", name="Rerun", exact=True).click()
    page.wait_for_selector(".hl-runlist .hl-said:has-text('task train succeeded')")
    window.picture("executions.png", ".hl-right")
    assert elsewhere(home, "hl.get('blessed_model').version") == "4"
    turn_to(page, "Compare")
    page.wait_for_selector(".hl-compare td:has-text('measurements[batch=b]@2')")
    window.picture("compare.png", ".hl-right")
    window.command("apputils:change-theme", theme="JupyterLab Dark")
    page.wait_for_selector("body[data-jp-theme-light='false']", state="attached")
    window.picture("compare-dark.png", ".hl-right")
    turn_to(page, "Executions")
    window.picture("executions-dark.png", ".hl-right")
    assert window.outside == []
    assert window.errors == []


def test_what_happens_elsewhere_is_said_in_the_panel(lab: Lab, window: Window, home: Path) -> None:
    """A yank, a busy kernel, a closed panel, a restart: each shows in its own place."""
    page = window.page
    window.run(lab.notebook("elsewhere.ipynb", EXPLORER))
    page.wait_for_selector("tr[data-ref]")
    page.wait_for_selector(".hl-title:has-text('prediction@2')")
    elsewhere(home, "hl.yank('prediction@2', 'wrong batch')")
    page.wait_for_selector(".hl-warning:has-text('Yanked by tester: wrong batch.')")
    rows = "() => [...document.querySelectorAll('tr[data-ref]')].map((row) => row.innerText)"
    page.wait_for_function(f"() => ({rows})().filter((t) => t.includes('prediction')).length === 1")

    page.evaluate(SLEEP)
    page.locator(".hl-line").fill("kind=model")
    page.wait_for_selector(".hl-search .hl-trouble:has-text('The kernel is busy')")
    (lab.root / "go").touch()
    page.wait_for_function("() => document.querySelectorAll('tr[data-ref]').length === 3")
    page.wait_for_selector(".hl-search .hl-trouble", state="hidden")

    opened = "from ipywidgets.widgets.widget import _instances\nimport gc, threading\n"
    window.python(opened + "panel = Explorer(); before = len(_instances)")
    window.python("for _ in range(5): Explorer().close()")
    count = "gc.collect(); print(len(_instances) - before, threading.active_count() < 30)"
    assert window.python(count) == "0 True"
    window.python("explorer.close()")
    page.wait_for_function("() => document.querySelectorAll('.jp-OutputArea .hl').length === 0")

    window.command("notebook:run-all-cells")
    page.wait_for_selector("tr[data-ref]")
    page.evaluate(
        "async () => { const widget = jupyterapp.shell.currentWidget;"
        "await (widget.sessionContext ?? widget.context.sessionContext).session.kernel.restart(); }"
    )
    page.wait_for_selector(".hl-search .hl-trouble:has-text('was restarted, changed or ended')")
    window.picture("explorer-restarted.png")
    assert window.outside == []


def test_a_part_that_the_kernel_let_go_of_is_said_to_be_gone(lab: Lab, window: Window) -> None:
    """Closed or forgotten in a kernel that lives: that is said in its place, and what to do."""
    page = window.page
    window.run(lab.notebook("lost.ipynb", EXPLORER))
    page.wait_for_selector("tr[data-ref]")
    window.python("explorer.search.view.comm.close()")
    page.wait_for_selector(".hl-left .hl-trouble:has-text('was closed in the kernel')")
    forget = "get_comm_manager().comms.pop(explorer.overview.puller.view.comm.comm_id)"
    window.python(f"from comm import get_comm_manager\n{forget}")
    page.locator(".hl-pull .hl-primary").click()
    page.wait_for_selector(".hl-pull .hl-trouble:has-text('does not answer this part')")
    assert "The kernel is busy" not in page.locator(".hl-right").inner_text()
    turn_to(page, "Triggers")
    page.locator("li[data-plan=retrain] .hl-switch").click()
    page.wait_for_selector("li[data-plan=retrain] .hl-switch[aria-checked=false]")
    window.picture("explorer-lost.png")
    assert window.errors == []
