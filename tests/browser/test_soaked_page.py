"""The graph on the catalog that killed reactors left: clicks on it, answers on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.beside import elsewhere
from tests.browser.conftest import ours

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Lab, Window

pytestmark = [pytest.mark.browser, pytest.mark.kernel, pytest.mark.process]

SOAK = Path(__file__).with_name("soaked.py")
GRAPH = "from heirloom_widgets import Graph\nGraph('middle')"
SWITCH = (-54, 11)  # of a trigger's node, off its middle
KNOB = (-57, 11)  # beside the knob of that switch


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The catalog's home, as the soak left it."""
    env = {**os.environ, **ours(tmp_path / "home")}
    subprocess.run([sys.executable, str(SOAK)], env=env, check=True, capture_output=True)
    return tmp_path / "home"


def test_switches_on_the_picture_decide_what_the_next_version_starts(
    lab: Lab, window: Window, home: Path
) -> None:
    """Off by mouse: paused. On by a colleague's command: seen in the picture, and the body runs."""
    page = window.page
    window.run(lab.notebook("soaked.ipynb", GRAPH))
    page.wait_for_selector(".hl-nodes li:has-text('more')")
    page.locator(".hl-bar").scroll_into_view_if_needed()
    heard = _node(page, "source@")
    page.mouse.click(*window.spot(heard))
    label = heard.rpartition("/")[2]
    page.wait_for_selector(f".hl-trail b:has-text('{label}')")
    page.wait_for_selector(f".hl-half:has-text('{_cli(home, 'show', label)['digest']}')")

    plan = _node(page, "double")
    armed = window.drawn(plan, *KNOB)
    page.mouse.click(*window.spot(plan, *SWITCH))
    page.wait_for_selector(".hl-plans li[data-plan='double'] [aria-checked='false']")
    assert _armed(home) == {"double": False, "more": True}
    _until(lambda: window.drawn(plan, *KNOB) != armed)
    window.picture("soaked-off.png")
    elsewhere(home, "hl.publish(1000, 'source')")
    _cli(home, "settle")
    [row] = _cli(home, "ledger", "double", "--limit", "1")
    assert (row["state"], row["refs"]) == ("paused", ["heirloom://default/source@41"])
    assert elsewhere(home, "hl.get('middle').version") == "40"

    _cli(home, "on", "double")
    page.wait_for_selector(".hl-plans li[data-plan='double'] [aria-checked='true']")
    _until(lambda: window.drawn(plan, *KNOB) == armed)
    window.picture("soaked-armed.png")
    elsewhere(home, "hl.publish(2000, 'source')")
    _cli(home, "settle")
    [row] = _cli(home, "ledger", "double", "--limit", "1")
    assert (row["became"], row["refs"]) == ("succeeded", ["heirloom://default/source@42"])
    assert elsewhere(home, "hl.pull('result')") == "4001"
    assert window.outside == []
    assert window.errors == []


def _until(met: Callable[[], bool]) -> None:
    """The list tells it; the canvas is painted after it."""
    assert any(met() for _ in range(50))


def _cli(home: Path, *words: str) -> Any:
    """What the command line answers, a process of its own."""
    command = [sys.executable, "-m", "heirloom", *words, "--json"]
    return json.loads(subprocess.check_output(command, env={**os.environ, **ours(home)}))


def _armed(home: Path) -> dict[str, bool]:
    return {plan["name"]: plan["is_active"] for plan in _cli(home, "plans")}


def _node(page: Any, name: str) -> str:
    found: str = page.locator(".hl-nodes li", has_text=name).first.get_attribute("data-id")
    return found
