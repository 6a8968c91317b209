"""What the tests of pages share: another process, the panels' tabs, pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["elsewhere", "picture", "to_the_card", "turn_to"]


def elsewhere(home: Path, code: str) -> str:
    """What another process says of the catalog."""
    env = {**os.environ, "HEIRLOOM_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    script = f"import heirloom as hl\nprint({code})"
    return subprocess.check_output([sys.executable, "-c", script], env=env, text=True).strip()


def turn_to(page: Any, tab: str) -> None:
    """Turn to a tab by its title."""
    page.get_by_role("tab", name=tab, exact=True).click()


def to_the_card(page: Any) -> None:
    """The first steps in an Explorer on the catalog of the three teams: search, select, read."""
    page.wait_for_selector("tr[data-ref]")
    page.fill(".hl-line", "name=blessed_model blessed=true")
    page.wait_for_function("() => document.querySelectorAll('tr[data-ref]').length === 2")
    page.locator("tr[data-ref]").first.click()
    page.wait_for_selector(".hl-title:has-text('blessed_model@3')")
    turn_to(page, "Card")
    page.wait_for_selector(".hl-card h1:has-text('Model card')")


def picture(page: Any, name: str, selector: str = "") -> None:
    """Keep a picture where ``HEIRLOOM_PICTURES`` says; without it, none."""
    folder = os.environ.get("HEIRLOOM_PICTURES")
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    path = str(Path(folder) / name)
    page.wait_for_timeout(300)
    if selector:
        page.locator(selector).first.screenshot(path=path)
    else:
        page.screenshot(path=path)
