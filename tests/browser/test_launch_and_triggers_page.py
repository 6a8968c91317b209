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
    assert page.locator(".hl-launch .hl-runlist li[data-id]").count() == 2
    page.get_by_role("button", name="share@1").click()
    page.wait_for_selector(".hl-launching .widget-html b:has-text('share@1')")
    assert elsewhere(home, "hl.pull('share')") == f"3 4 True {EVIL}"
    _dark(window, on=True)
    window.picture("launch-dark.png", ".hl-launching")
    assert page.evaluate("window.PWN") is None
    assert (window.outside, window.errors) == ([], [])
