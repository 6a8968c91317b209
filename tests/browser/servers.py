"""Servers of pages on 127.0.0.1, each a process of its own with a configuration of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["Server", "address", "private"]


def address() -> str:
    """Of a port that is free now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def private(home: Path) -> dict[str, str]:
    """Where Jupyter has its configuration, data, connections and settings: below `home`."""
    return {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "HOME": str(home),
    }


class Server:
    """A process that serves pages, and the processes that it starts."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], root: Path, log: Path, asked: str
    ) -> None:
        """Start it and wait until `asked`, an address, answers."""
        with log.open("w") as said:
            self._process = subprocess.Popen(
                command,
                env={**os.environ, **env},
                cwd=root,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(asked, timeout=2).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(log.read_text())

    def stop(self) -> None:
        """End the server and the kernels that it started."""
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
