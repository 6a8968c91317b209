"""The panels in a real JupyterLab: real clicks, and the catalog's answer read elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.beside import elsewhere, turn_to

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Window

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

DARK = "JupyterLab Dark"
EXPLORER = "from heirloom_widgets import Explorer\nExplorer()"
GRAPH = "from heirloom_widgets import Graph\nGraph('measurements@3')"
HOSTILE = "from heirloom_widgets import Explorer, Graph\nExplorer('name=hostile')"


def test_the_explorer_searches_shows_pulls_draws_and_switches(
    lab: Lab, window: Window, home: Path
) -> None:
    """Search, card, graph, Pull and a trigger's switch, by mouse, on a catalog with a story."""
    page = window.page
    window.run(lab.notebook("panels.ipynb", EXPLORER))
    page.wait_for_selector("tr[data-ref]")
    page.locator(".hl-explorer").scroll_into_view_if_needed()

    page.fill(".hl-line", "name=blessed_model blessed=true")
    page.wait_for_function("() => document.querySelectorAll('tr[data-ref]').length === 2")
    page.locator("tr[data-ref]").first.click()
    page.wait_for_selector(".hl-title:has-text('blessed_model@3')")
    page.get_by_role("button", name="Copy the code").click()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied == 'blessed_model = hl.pull("blessed_model@3")'
    window.picture("explorer.png")

    turn_to(page, "Card")
    page.wait_for_selector(".hl-card h1:has-text('Model card')")
    assert page.locator(".hl-card td:has-text('0.95')").count() == 1
    window.picture("card.png", ".hl-right")
    turn_to(page, "Object")
    page.wait_for_selector(".hl-panel:visible :text('sha256:')")
    window.picture("object.png", ".hl-right")

    turn_to(page, "Lineage")
    page.wait_for_selector(".hl-nodes li:has-text('prediction@2')")
    page.locator(".hl-canvas").scroll_into_view_if_needed()
    page.mouse.click(*window.spot("heirloom://default/prediction@2"))
    page.wait_for_selector(".hl-title:has-text('prediction@2')")
    page.wait_for_selector(".hl-trail b:has-text('prediction@2')")
    assert page.locator(".hl-trail").inner_text() == "blessed_model@3 \u203a prediction@2"
    page.get_by_role("button", name="← Back").click()
    page.wait_for_selector(".hl-trail b:has-text('blessed_model@3')")
    page.locator(".hl-bar").scroll_into_view_if_needed()
    window.picture("lineage.png")

    assert elsewhere(home, "hl.plan('predict_again').is_active") == "True"
    row = page.locator(".hl-plans li:visible", has_text="predict_again")
    row.get_by_role("switch").click()
    page.wait_for_selector(".hl-plans li[data-plan='predict_again'] [aria-checked='false']")
    assert elsewhere(home, "hl.plan('predict_again').is_active") == "False"

    turn_to(page, "Overview")
    page.fill(".hl-pullbar input[type=text]", "model")
    page.locator(".hl-pull .hl-primary").click()
    page.wait_for_selector(".hl-said:has-text('model is in this notebook')")
    assert window.python("print(model)") == "{'mean': 3.5}"

    window.command("apputils:change-theme", theme=DARK)
    page.wait_for_selector("body[data-jp-theme-light='false']", state="attached")
    window.picture("explorer-dark.png")
    turn_to(page, "Lineage")
    page.wait_for_selector(".hl-nodes li:has-text('prediction@2')")
    window.picture("lineage-dark.png")
    for tab in ("Card", "Object"):
        turn_to(page, tab)
        window.picture(f"{tab.lower()}-dark.png", ".hl-right")
    assert window.outside == []
    assert window.errors == []


def test_a_switch_on_the_picture_and_one_thrown_elsewhere_agree(
    lab: Lab, window: Window, home: Path
) -> None:
    """A click on the node's own switch disarms; what another process arms shows by itself."""
    page = window.page
    window.run(lab.notebook("graph.ipynb", GRAPH))
    page.wait_for_selector(".hl-nodes li:has-text('retrain')")
    page.locator(".hl-bar").scroll_into_view_if_needed()
    node = page.locator(".hl-nodes li:has-text('retrain')").first.get_attribute("data-id")
    assert node is not None
    page.mouse.click(*window.spot(node, -54, 11))
    page.wait_for_selector(".hl-plans li[data-plan='retrain'] [aria-checked='false']")
    assert elsewhere(home, "hl.plan('retrain').is_active") == "False"
    window.picture("graph-off.png")
    elsewhere(home, "hl.publish(1, 'measurements[batch=late]')")
    assert "paused" in elsewhere(home, "hl.ledger('retrain', limit=1)[0].state")
    page.mouse.click(*window.spot(node, -54, 11))
    page.wait_for_selector(".hl-asks-missed:has-text('measurements@4')")
    window.picture("graph-missed.png")
    page.get_by_role("button", name="Leave it off").click()
    page.wait_for_selector(".hl-asks-missed", state="detached")
    assert elsewhere(home, "hl.plan('retrain').is_active") == "False"
    elsewhere(home, "hl.plan('retrain').activate()")
    page.wait_for_selector(".hl-plans li[data-plan='retrain'] [aria-checked='true']")
    elsewhere(home, "hl.publish(hl.pull('measurements@3'), 'measurements[batch=again]')")
    assert elsewhere(home, "len(hl.settle(timeout=60).done) > 0") == "True"
    assert "succeeded" in elsewhere(home, "hl.executions(plan='retrain', limit=1)[0].state")

    before = _places(page)
    page.get_by_role("button", name="All", exact=True).click()
    page.wait_for_selector(".hl-nodes li:has-text('prediction@2')")
    after = _places(page)
    assert {key: after[key] for key in before} == before
    window.picture("graph-all.png")
    assert window.outside == []
    assert window.errors == []


def test_the_explorer_is_used_without_a_mouse(lab: Lab, window: Window, home: Path) -> None:
    """Keys reach the line, the rows, the tabs and the graph's nodes, and never the notebook."""
    page = window.page
    window.run(lab.notebook("keys.ipynb", EXPLORER))
    page.wait_for_selector("tr[data-ref]")
    page.locator("tr[data-ref]").first.focus()
    page.keyboard.press("/")
    page.keyboard.type("name=prediction )")
    page.wait_for_selector(".hl-spot:has-text('▲')")
    window.picture("explorer-error.png", ".hl-left")
    assert page.locator("tr[data-ref]").count() == 9
    page.keyboard.press("Backspace")
    page.wait_for_function("() => document.querySelectorAll('tr[data-ref]').length === 2")
    assert page.locator(".hl-spot").inner_text() == ""
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(".hl-title:has-text('prediction@1')")
    cells = page.locator(".jp-Notebook .jp-CodeCell").count()
    page.keyboard.press("d")
    page.keyboard.press("d")
    page.keyboard.press("b")
    assert page.locator(".jp-Notebook .jp-CodeCell").count() == cells
    turn_to(page, "Lineage")
    page.locator(".hl-nodes li", has_text="blessed_model@2").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".hl-title:has-text('blessed_model@2')")
    page.locator(".hl-plans .hl-switch:visible").first.focus()
    page.keyboard.press("Space")
    page.wait_for_selector(".hl-plans [aria-checked='false']:visible")
    assert "False" in elsewhere(home, "[plan.is_active for plan in hl.plans()]")


def test_nothing_that_a_person_wrote_runs_or_phones(lab: Lab, window: Window, home: Path) -> None:
    """Markup in partitions, cards, payloads and errors is text in every tab and on the page."""
    page = window.page
    window.run(lab.notebook("hostile.ipynb", HOSTILE))
    page.wait_for_selector("tr[data-ref]")
    for tab in (
        "Card",
        "Object",
        "Executions",
        "Lineage",
        "Compare",
        "Launch",
        "Triggers",
        "Overview",
    ):
        turn_to(page, tab)
        page.wait_for_timeout(400)
        if tab == "Lineage":
            window.hover("heirloom://default/hostile@1", "onerror")
    page.locator(".hl-line").fill("note=")
    page.wait_for_selector(".hl-offers li:has-text('onerror')")
    page.keyboard.press("Escape")
    page.locator(".hl-pull .hl-primary").click()
    page.wait_for_selector(".hl-said:has-text('hostile is in this notebook')")
    page.wait_for_selector(".hl-payload pre:has-text('onerror')")
    window.picture("hostile.png")
    assert page.evaluate("() => window.PWN") is None

    path = lab.root / "lineage.html"
    assert window.python(f"print(Graph('hostile').to_html({str(path)!r}).name)") == path.name
    page.goto(path.as_uri())
    page.wait_for_selector("canvas")
    assert page.evaluate("() => [window.PWN, network.body.nodeIndices.length]") == [None, 2]
    assert window.outside == []
    assert window.errors == []


def _places(page: Any) -> dict[str, Any]:
    script = "(box) => box.__network.getPositions()"
    found: dict[str, Any] = page.locator(".hl-canvas:visible").first.evaluate(script)
    return {key: spot for key, spot in found.items() if not key.startswith("via:")}
