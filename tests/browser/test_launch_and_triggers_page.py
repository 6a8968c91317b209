"""The launch form and the triggers in a real JupyterLab, and what another process says of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.beside import elsewhere

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Window

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

FORM = """
import enum, datetime, typing
import pandas as pd
import heirloom as hl
from heirloom_widgets import Launch

class Speed(enum.Enum):
    SLOW = "s"
    FAST = "f"

sales = hl.Artifact("measurements")

made = hl.Artifact("share")

@hl.task
def share(frame: pd.DataFrame, count: int, loud: bool, note: str) -> typing.Annotated[str, made]:
    return f"{len(frame)} {count} {loud} {note}"

@hl.workflow
def report(
    frame: pd.DataFrame = sales.query(),
    count: int = 3,
    loud: bool = False,
    speed: Speed = Speed.FAST,
    day: datetime.date = datetime.date(2026, 1, 31),
    note: str = "plain",
    weights: dict[str, float] = {"a": 1.5},
    file: hl.File | None = None,
):
    return share(frame=frame, count=count, loud=loud, note=note)
"""
EVIL = '<img src=x onerror="window.PWN=1">'


def _dark(window: Window, on: bool) -> None:
    window.command("apputils:change-theme", theme=f"JupyterLab {'Dark' if on else 'Light'}")
    light = str(not on).lower()
    window.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")


def _input(page: Any, name: str) -> Any:
    return page.locator(f"[data-input='{name}']")


def test_a_form_is_filled_in_and_launched(lab: Lab, window: Window, home: Path) -> None:
    """Override by keys, a wrong number said in place, Launch, its steps and what it made."""
    page = window.page
    window.run(lab.notebook("form.ipynb", FORM, "Launch(report)"))
    page.wait_for_selector(".hl-now:has-text('measurements@3')")
    window.picture("launch.png", ".hl-launching")

    _input(page, "frame").get_by_role("button", name="Override").click()
    page.wait_for_selector(".hl-offered li[data-ref]")
    assert page.locator(".hl-offered li[data-ref]").count() == 5
    for key in ("ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    window.picture("launch-override.png", ".hl-launching")
    page.keyboard.press("Enter")
    page.wait_for_selector(".hl-chosen:has-text('measurements@1')")
    assert "In place of measurements@3." in _input(page, "frame").inner_text()

    page.get_by_role("textbox", name="count").fill("abc")
    page.wait_for_selector(
        "[data-input='count'] .hl-trouble:has-text(\"takes int; got str 'abc'\")"
    )
    before = elsewhere(home, "hl.current().catalog.position()")
    page.get_by_role("button", name="Launch").click()
    page.wait_for_selector(".hl-said:has-text('Nothing was started: see count.')")
    page.wait_for_selector("[data-input='count'] input:focus")
    window.picture("launch-wrong.png", ".hl-launching")
    assert elsewhere(home, "hl.current().catalog.position()") == before

    page.keyboard.press("Control+a")
    page.keyboard.type("4")
    _input(page, "loud").get_by_role("radio", name="true").click()
    page.get_by_role("textbox", name="note").fill(EVIL)
    page.get_by_role("button", name="Launch").click()
    page.wait_for_selector(".hl-said:has-text('workflow report succeeded')")
    page.wait_for_function(
        "() => document.querySelectorAll('.hl-launch .hl-runlist li[data-id]').length === 2"
    )
    page.get_by_role("button", name="share@1").click()
    page.wait_for_selector(".hl-launching .widget-html b:has-text('share@1')")
    assert elsewhere(home, "hl.pull('share')") == f"3 4 True {EVIL}"
    _dark(window, on=True)
    window.picture("launch-dark.png", ".hl-launching")
    assert page.evaluate("window.PWN") is None
    assert (window.outside, window.errors) == ([], [])


TRIGGERS = "from heirloom_widgets import Triggers\npanel = Triggers()\npanel"


def _plan(page: Any, name: str) -> Any:
    return page.locator(f".hl-plans li[data-plan='{name}']")


def test_a_plan_is_reviewed_approved_and_switched(lab: Lab, window: Window, home: Path) -> None:
    """What was missed is asked about, a preview writes nothing, the ledger says why."""
    page = window.page
    (home / "approvals.txt").unlink()
    frame = "hl.pull('measurements@3')"
    missed = f"[hl.publish({frame}, f'measurements[batch={{batch}}]') for batch in 'de']"
    elsewhere(home, f"hl.plan('retrain').deactivate(), {missed}")
    window.run(lab.notebook("triggers.ipynb", TRIGGERS))
    row = _plan(page, "retrain")
    row.get_by_role("button", name="retrain").click()
    page.wait_for_selector(".hl-deskbox pre:has-text('def research')")
    page.wait_for_selector(".hl-plans li[data-plan='retrain']:has-text('next: 2 paused')")
    window.picture("triggers-review.png", ".hl-triggers")
    page.get_by_role("button", name="Approve v1 by tester").click()
    page.wait_for_selector(".hl-desk .hl-said:has-text('v1 approved')")
    row.get_by_role("switch").click()
    page.wait_for_selector(".hl-asks-missed:has-text('2 events came while it was off')")
    plan = "hl.plan('retrain')"
    assert elsewhere(home, f"{plan}.approved, {plan}.is_active") == "True False"
    page.wait_for_selector(".hl-asks-missed button:focus")
    window.picture("triggers-missed.png", ".hl-triggers")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".hl-plans li[data-plan='retrain'] [aria-checked='true']")
    page.wait_for_selector(".hl-plans .hl-said:has-text('1 queued, 1 skipped')")
    states = elsewhere(home, "[row.state for row in hl.ledger('retrain', limit=2)]")
    assert states == "['queued', 'skipped']"

    page.get_by_role("button", name="Preview").click()
    page.wait_for_selector(".hl-deskbox td:has-text('predict_again v1')")
    page.get_by_label("State").select_option("skipped")
    page.wait_for_selector(".hl-ledger td:has-text(\"activated with missed='newest'\")")
    page.wait_for_function("() => document.querySelectorAll('.hl-ledger tbody tr').length === 1")
    page.get_by_label("State").select_option("")
    page.wait_for_function("() => document.querySelectorAll('.hl-ledger tbody tr').length > 1")
    window.picture("triggers.png", ".hl-triggers")

    page.get_by_role("button", name="Start a reactor").click()
    page.wait_for_selector(".hl-status:has-text('one of this session')")
    page.wait_for_selector(".hl-ledger tbody tr:first-child:has-text('succeeded')")
    assert elsewhere(home, "hl.get('blessed_model').version") == "4"
    _dark(window, on=True)
    window.picture("triggers-dark.png", ".hl-triggers")
    page.get_by_role("button", name="Stop the reactor").click()
    page.wait_for_selector(".hl-status:has-text('no reactor')")
    assert (window.outside, window.errors) == ([], [])
