"""A real JupyterLab on 127.0.0.1 and a headless Chromium that looks at it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = os.environ.get("HEIRLOOM_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
TEAM = Path(__file__).parents[1] / "widgets" / "team.py"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--disable-dev-shm-usage",
)
LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "about:", "file:")
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
    """A JupyterLab server with configuration, kernels and settings of its own."""

    token = "browser-test"

    def __init__(self, root: Path, private: Path, env: dict[str, str]) -> None:
        self.root = root
        self._log = private / "server.log"
        self._env = {**os.environ, **_private(private), **env}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.base = f"http://127.0.0.1:{free.getsockname()[1]}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [
            *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1"),
            *(f"--port={self.base.rpartition(':')[2]}", "--ServerApp.port_retries=0"),
            *(f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.root}"),
            *("--allow-root", "--LabApp.expose_app_in_browser=True"),
        ]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command,
                env=self._env,
                cwd=self.root,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.base}/api/status?token={self.token}", timeout=2)
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(self._log.read_text())

    def stop(self) -> None:
        """End the server and the kernels that it started."""
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

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

    def run(self, notebook: str) -> None:
        """Open a notebook alone, and run all its cells."""
        page = self.page
        page.goto(f"{self.lab.base}/doc/tree/{notebook}?token={self.lab.token}&reset")
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
        """Where on the page the graph draws `node`, `dx`, `dy` off its middle on the canvas."""
        self.page.wait_for_timeout(350)  # the view glides to a new centre
        script = """(box, [id, dx, dy]) => {
          const middle = box.__network.getPositions([id])[id];
          const at = box.__network.canvasToDOM({ x: middle.x + dx, y: middle.y + dy });
          const frame = box.getBoundingClientRect();
          return [frame.left + at.x, frame.top + at.y];
        }"""
        canvas = self.page.locator(".hl-canvas:visible").first
        x, y = canvas.evaluate(script, [node, dx, dy])
        return x, y

    def picture(self, name: str, selector: str = "") -> None:
        """Keep a picture where ``HEIRLOOM_PICTURES`` says; without it, none."""
        folder = os.environ.get("HEIRLOOM_PICTURES")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        path = str(Path(folder) / name)
        self.page.wait_for_timeout(300)
        if selector:
            self.page.locator(selector).first.screenshot(path=path)
        else:
            self.page.screenshot(path=path)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith(LOCAL):
            self.outside.append(request.url)


def _private(home: Path) -> dict[str, str]:
    """Settings of its own; JupyterLab's news and update check would ask the network."""
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"checkForUpdates": False, "fetchNews": "false", "doNotDisturbMode": True}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    return {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The catalog's home that the kernels use, filled by the three teams."""
    env = {**os.environ, **_ours(tmp_path / "home")}
    subprocess.run([sys.executable, str(TEAM)], env=env, check=True)
    return tmp_path / "home"


def _ours(home: Path) -> dict[str, str]:
    return {"HEIRLOOM_HOME": str(home), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@pytest.fixture
def lab(tmp_path: Path, home: Path) -> Iterator[Lab]:
    """A JupyterLab whose kernels see the catalog at `home`."""
    (tmp_path / "work").mkdir()
    server = Lab(tmp_path / "work", tmp_path / "lab", _ours(home))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def window(tmp_path: Path, lab: Lab) -> Iterator[Window]:
    """A browser of 1400 by 1000 with a profile of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=CHROMIUM,
            args=list(FLAGS),
            viewport={"width": 1400, "height": 1000},
            permissions=["clipboard-read", "clipboard-write"],
        )
        browser.set_default_timeout(30_000)
        yield Window(browser.pages[0], lab)
        browser.close()
