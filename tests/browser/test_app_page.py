"""The Explorer as an app: ``voila notebooks/explorer.ipynb``, as docs/panels.md says."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browser.beside import elsewhere, picture, to_the_card, turn_to
from tests.browser.conftest import LOCAL, ours
from tests.browser.servers import Server, address, private

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

ROOT = Path(__file__).parents[2]
COMMAND = "voila notebooks/explorer.ipynb"
ICONS = re.compile(r"https://cdn\.jsdelivr\.net/npm/@fortawesome/")
"""Voilà's own page asks for them, on whatever it serves; without them no panel is poorer."""


@pytest.fixture
def app(home: Path, tmp_path: Path) -> Iterator[str]:
    """The address of the app that the page's command serves."""
    base = address()
    port = base.rpartition(":")[2]
    command = [sys.executable, "-m", *COMMAND.split(), "--no-browser", f"--port={port}"]
    env = {**private(tmp_path / "private"), **ours(home)}
    static = f"{base}/voila/static/voila.js"
    server = Server(command, env, ROOT, tmp_path / "voila.log", static)
    yield base
    server.stop()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_explorer_is_served_as_an_app(browser: Any, app: str, home: Path, theme: str) -> None:
    """Who has no notebook searches, selects a row, reads its card and throws a switch."""
    page = browser.new_page()
    page.set_viewport_size({"width": 1400, "height": 620})
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url))
    page.goto(f"{app}/?theme={theme}")
    to_the_card(page)
    picture(page, f"app-{theme}.png")
    turn_to(page, "Triggers")
    page.locator(".hl-plans li[data-plan='predict_again'] [role=switch]").click()
    page.wait_for_selector(".hl-plans li[data-plan='predict_again'] [aria-checked='false']")
    assert elsewhere(home, "hl.plan('predict_again').is_active") == "False"
    assert [url for url in outside if not url.startswith(LOCAL) and not ICONS.match(url)] == []
    assert "import" not in page.inner_text("body")
    page.close()
