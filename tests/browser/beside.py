"""What the tests of pages share: another process, the panels' tabs, pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["elsewhere", "picture", "turn_to"]


def elsewhere(home: Path, code: str) -> str:
    """What another process says of the catalog."""
    env = {**os.environ, "HEIRLOOM_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    script = f"import heirloom as hl\nprint({code})"
    return subprocess.check_output([sys.executable, "-c", script], env=env, text=True).strip()


def turn_to(page: Any, tab: str) -> None:
    """Turn to a tab by its title."""
    page.get_by_role("tab", name=tab, exact=True).click()


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
