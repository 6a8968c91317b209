"""The panels at their limits: ten thousand partition values, long names, high contrast."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.beside import turn_to
from tests.browser.conftest import ours

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Window

pytestmark = [
    *(pytest.mark.browser, pytest.mark.kernel, pytest.mark.process),
    pytest.mark.timeout(240),  # ten thousand versions are emitted one by one
]

HIGH = "JupyterLab Dark High Contrast"
EXPLORER = "from heirloom_widgets import Explorer\nExplorer()"
NAME = "/".join(["measurements-of-everything-that-was-ever-seen"] * 4)[:199]
MANY = f"""
import os
os.fsync = lambda _: None  # ten thousand of them are as good if the machine crashes
import heirloom as hl

hl.Artifact({NAME!r}, ["site", "a_key_with_a_long_name"])
for n in range(10_000):
    hl.publish(n, f"{NAME}[site=site-{{n:05d}},a_key_with_a_long_name={{'v' * 90}}{{n}}]")
"""
SPILLED = """(panel) => {
  const right = panel.getBoundingClientRect().right + 1;
  const style = (node) => getComputedStyle(node);
  const held = (node) => node !== panel
    && (style(node).overflowX !== 'visible' || held(node.parentElement));
  const out = (node) => node.getBoundingClientRect().right > right && !held(node.parentElement);
  const cut = (node) => style(node).overflowX !== 'visible'
    && style(node).textOverflow !== 'ellipsis' && node.scrollWidth > node.clientWidth + 1
    && !node.matches('input');
  const shown = [...panel.querySelectorAll('*')].filter((node) => node.checkVisibility());
  return shown.filter((node) => out(node) || cut(node)).map((node) => node.className);
}"""
"""What stands out of the panel, is cut off without an ellipsis, or is to be scrolled sideways."""
PAINT = """
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const put = (colour) => { paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1); };
  const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = () => {
    const [r, g, b] = [...paint.getImageData(0, 0, 1, 1).data].map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const over = (node) => {
    if (node.parentElement) over(node.parentElement);
    put(getComputedStyle(node).backgroundColor);
  };
  const ground = (node) => { put('Canvas'); over(node); return light(); };
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
"""
CONTRAST = f"(node) => {{ {PAINT} return ratio(ground(node), ground(node.parentElement)); }}"
LEGIBLE = f"""(node) => {{ {PAINT}
  const below = ground(node);
  put(getComputedStyle(node).color);
  return ratio(below, light());
}}"""
"""How a node's ground differs from that around it, and its text from its ground: 1 to 21."""


@pytest.fixture
def many(home: Path) -> Path:
    """The home with an artifact of ten thousand partition values, and names as long as they go."""
    subprocess.run([sys.executable, "-c", MANY], env={**os.environ, **ours(home)}, check=True)
    return home


def test_ten_thousand_long_partition_values_are_laid_out(
    many: Path, lab: Lab, window: Window
) -> None:
    """Rows keep their height, nothing stands out of the panel, and more letters find one."""
    page = window.page
    window.run(lab.notebook("many.ipynb", EXPLORER))
    page.wait_for_selector("tr[data-ref]")
    assert "of 10,009 versions" in page.locator(".hl-count").inner_text()
    heights = page.locator("tr[data-ref]").evaluate_all("(rows) => rows.map((r) => r.offsetHeight)")
    assert max(heights) <= 40
    for tab in ("Overview", "Object", "Executions", "Lineage", "Compare", "Triggers", "Launch"):
        turn_to(page, tab)
        if tab == "Lineage":
            page.wait_for_selector(".hl-trail b:has-text('measurements')")
        page.wait_for_timeout(400)
        assert page.locator(".hl-explorer").evaluate(SPILLED) == [], tab
        window.picture(f"many-{tab}.png")
    page.locator(".hl-line").fill("site=site-0424")
    page.wait_for_selector(".hl-offers [role=option]:has-text('site-04242')")
    window.picture("many-offers.png")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('tr[data-ref]').length === 1")
    window.picture("many-one.png")


def test_high_contrast_leaves_nothing_unseen(lab: Lab, window: Window, home: Path) -> None:
    """In JupyterLab's theme of high contrast, and in a system's own colours."""
    page = window.page
    window.run(lab.notebook("contrast.ipynb", EXPLORER))
    page.wait_for_selector("tr[data-ref]")
    window.command("apputils:change-theme", theme=HIGH)
    page.wait_for_selector("body[data-jp-theme-light='false']", state="attached")
    _look(window, "contrast")
    page.emulate_media(forced_colors="active")
    _look(window, "forced")
    assert window.errors == []


def _look(window: Window, name: str) -> None:
    """What is selected, where one is, and what is armed differ from what is not."""
    page = window.page
    for tab, selected in (
        ("Lineage", "tr[aria-selected='true']"),
        ("Lineage", ".hl-nodes:visible li[aria-selected='true']"),
        ("Overview", ".hl-choice[aria-checked='true']"),
        ("Triggers", ".hl-plans:visible [aria-checked='true'] .hl-knob"),
        ("Triggers", ".hl-dot:visible"),
    ):
        turn_to(page, tab)
        shown = page.locator(selected).first
        shown.wait_for()
        assert shown.evaluate(CONTRAST) > 1.1, (name, selected)
        window.picture(f"{name}-{tab}.png")
    current = page.locator(".hl-right .lm-TabBar-tab.lm-mod-current")
    line = "(tab) => getComputedStyle(tab).boxShadow + getComputedStyle(tab).borderBottomStyle"
    assert current.evaluate(line) != "nonenone"
    text = page.locator("tr[aria-selected='true'] td").first
    assert text.evaluate(LEGIBLE) > 4.5
