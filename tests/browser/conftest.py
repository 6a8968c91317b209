"""A real JupyterLab on 127.0.0.1 and a headless Chromium that looks at it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browser.beside import picture
from tests.browser.servers import Server, address, private

CHROMIUM = os.environ.get("HEIRLOOM_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
TEAM = Path(__file__).parents[1] / "widgets" / "team.py"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--disable-dev-shm-usage",
)
LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "about:", "file:")
THEME = "@jupyterlab/apputils-extension/themes.jupyterlab-settings"
READY = """() => {
  const widget = window.jupyterapp?.shell?.currentWidget;
  const kernel = (widget?.sessionContext ?? widget?.context?.sessionContext)?.session?.kernel;
  return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
RAN = """() => {
  const widget = window.jupyterapp.shell.currentWidget;
  const cells = widget.content.widgets.filter((cell) => cell.model.type === 'code');
  const session = (widget.sessionContext ?? widget.context.sessionContext).session;
  const failed = document.querySelector('.jp-RenderedText[data-mime-type*="stderr"]');
  return session.kernel.status === 'idle'
    && (failed || cells.every((cell) => cell.model.executionCount != null));
}"""


class Lab:
    """A JupyterLab server with configuration, kernels and settings of its own.

    Of the class's attributes a server of other pages has others.
    """

    token = "browser-test"
    app = ("lab", "--LabApp.expose_app_in_browser=True")

    def __init__(self, root: Path, place: Path) -> None:
        self.root = root
        self.base = address()
        self._log = place / "server.log"
        self._kernel = place / "kernels" / "kernels" / "python3" / "kernel.json"
        self._theme = place / "settings" / THEME
        self._env = {**_quiet(place), "JUPYTER_PATH": str(place / "kernels")}

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [
            *(sys.executable, "-m", "jupyter", *self.app, "--no-browser", "--ip=127.0.0.1"),
            *(f"--port={self.base.rpartition(':')[2]}", "--ServerApp.port_retries=0"),
            *(f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.root}"),
            "--allow-root",
        ]
        asked = f"{self.base}/api/status?token={self.token}"
        self._server = Server(command, self._env, self.root, self._log, asked)

    def stop(self) -> None:
        """End the server and the kernels that it started."""
        self._server.stop()

    def on(self, home: Path) -> None:
        """Kernels started from now on see the catalog at `home`."""
        spec = {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "env": ours(home),
        }
        self._kernel.parent.mkdir(parents=True, exist_ok=True)
        self._kernel.write_text(json.dumps(spec))

    def forget_theme(self) -> None:
        """The next page is light, whatever a test chose before."""
        self._theme.unlink(missing_ok=True)

    def end_kernels(self) -> None:
        """End every notebook's kernel."""
        for session in json.loads(self._ask("GET", "/api/sessions")):
            self._ask("DELETE", f"/api/sessions/{session['id']}")

    def _ask(self, method: str, path: str) -> bytes:
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.base + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            body: bytes = answer.read()
        return body

    def notebook(self, name: str, *cells: str) -> str:
        """Write a notebook of code cells; its name."""
        document = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell-{i}",
                    "metadata": {},
                    "source": source,
                    "execution_count": None,
                    "outputs": [],
                }
                for i, source in enumerate(cells)
            ],
        }
        (self.root / name).write_text(json.dumps(document))
        return name


class Window:
    """One page of the browser, and what it asked for outside this machine."""

    def __init__(self, page: Any, lab: Lab) -> None:
        self.page = page
        self.lab = lab
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._watch)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def run(self, notebook: str, place: str = "doc/tree") -> None:
        """Open a notebook at a place of the server, by itself alone, and run all its cells."""
        page = self.page
        page.goto(f"{self.lab.base}/{place}/{notebook}?token={self.lab.token}&reset")
        page.wait_for_function("() => window.jupyterapp?.shell && window.jupyterapp.commands")
        page.evaluate("async () => { await window.jupyterapp.restored; }")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function(READY)
        self.command("notebook:run-all-cells")
        page.wait_for_function(RAN)
        wrong = page.locator('.jp-RenderedText[data-mime-type*="stderr"]')
        assert wrong.count() == 0, wrong.all_inner_texts()

    def command(self, name: str, **args: str) -> None:
        """Run a command of JupyterLab."""
        script = "async ([name, args]) => { await window.jupyterapp.commands.execute(name, args); }"
        self.page.evaluate(script, [name, args])

    def python(self, code: str) -> str:
        """Run code in the notebook's kernel; what it printed."""
        script = """async (code) => {
          const widget = window.jupyterapp.shell.currentWidget;
          const context = widget.sessionContext ?? widget.context.sessionContext;
          const future = context.session.kernel.requestExecute({ code, store_history: false });
          let text = '';
          future.onIOPub = (message) => { text += message.content.text ?? ''; };
          const reply = await future.done;
          return text + (reply.content.evalue ?? '');
        }"""
        return str(self.page.evaluate(script, code)).strip()

    def spot(self, node: str, dx: float = 0, dy: float = 0) -> tuple[float, float]:
        """Where on the page the graph draws `node` at rest, `dx`, `dy` off its middle."""
        script = """(box, [id, dx, dy]) => {
          const middle = box.__network?.getPositions()[id];
          if (!middle) return null;
          const at = box.__network.canvasToDOM({ x: middle.x + dx, y: middle.y + dy });
          const frame = box.getBoundingClientRect();
          return [frame.left + at.x, frame.top + at.y];
        }"""
        canvas = self.page.locator(".hl-canvas:visible").first
        was = None
        for _ in range(60):  # drawn when the kernel answered; then the view glides to its centre
            now = canvas.evaluate(script, [node, dx, dy])
            if now and now == was:
                x, y = now
                return x, y
            was = now
            self.page.wait_for_timeout(350)
        raise AssertionError(f"{node} is not drawn at rest: {was}")

    def drawn(self, node: str, dx: float, dy: float) -> list[int]:
        """The colour on the graph's canvas `dx`, `dy` off the middle of `node`."""
        x, y = self.spot(node, dx, dy)
        script = """(box, [x, y]) => {
          const canvas = box.querySelector('canvas'), frame = canvas.getBoundingClientRect();
          const zoom = canvas.width / frame.width;
          const at = [(x - frame.left) * zoom, (y - frame.top) * zoom].map(Math.round);
          return [...canvas.getContext('2d').getImageData(...at, 1, 1).data];
        }"""
        canvas = self.page.locator(".hl-canvas:visible").first
        colour: list[int] = canvas.evaluate(script, [x, y])
        return colour

    def hover(self, node: str, words: str) -> None:
        """Rest the pointer on `node` until the card with `words` shows, as a person would.

        A graph drawn anew takes its card away, and shows it at the next move only.
        """
        card = self.page.locator(f".vis-tooltip:has-text({words!r})")
        for _ in range(20):
            x, y = self.spot(node)
            self.page.mouse.move(x - 3, y)
            self.page.mouse.move(x, y)
            self.page.wait_for_timeout(1000)
            if card.is_visible():
                return
        raise AssertionError(f"no card with {words!r} at {node}")

    def picture(self, name: str, selector: str = "") -> None:
        """Keep a picture where ``HEIRLOOM_PICTURES`` says; without it, none."""
        picture(self.page, name, selector)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith(LOCAL):
            self.outside.append(request.url)


def _quiet(place: Path) -> dict[str, str]:
    """Settings of its own; JupyterLab's news and update check would ask the network."""
    settings = place / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"checkForUpdates": False, "fetchNews": "false", "doNotDisturbMode": True}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    return private(place)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The catalog's home that the kernels use, filled by the three teams."""
    env = {**os.environ, **ours(tmp_path / "home")}
    subprocess.run([sys.executable, str(TEAM)], env=env, check=True)
    return tmp_path / "home"


def ours(home: Path) -> dict[str, str]:
    """What a process on `home` has in its environment."""
    return {
        "HEIRLOOM_HOME": str(home),
        "HEIRLOOM_USER": "tester",
        "HEIRLOOM_REACTOR": "off",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab for all tests of a file."""
    place = tmp_path_factory.mktemp("jupyterlab")
    (place / "work").mkdir()
    found = Lab(place / "work", place / "private")
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One browser of 1400 by 1000 with a profile of its own, for all tests of a file.

    While it is there an event loop runs in this thread: no test of another file could run one.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")),
            executable_path=CHROMIUM,
            args=list(FLAGS),
            viewport={"width": 1400, "height": 1000},
            permissions=["clipboard-read", "clipboard-write"],
        )
        found.set_default_timeout(30_000)
        yield found
        found.close()


@pytest.fixture
def lab(server: Lab, home: Path) -> Iterator[Lab]:
    """The JupyterLab, its kernels on the catalog at `home`."""
    server.on(home)
    yield server
    server.end_kernels()


@pytest.fixture
def window(browser: Any, lab: Lab) -> Iterator[Window]:
    """A page of its own, light at the beginning."""
    lab.forget_theme()
    page = browser.new_page()
    yield Window(page, lab)
    page.close()
