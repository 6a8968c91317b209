"""A real InteractiveShell with the extension loaded, whose errors are raised."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


class Notebook:
    """Runs cells; what a cell displays is kept in `shown`."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.names: dict[str, Any] = shell.user_ns
        self.shown: list[Any] = []
        self.text = ""

    def run(self, cell: str, id: str | None = None) -> Any:
        """Run a cell, of that id if it has one, and return its value; its error is raised."""
        with capture_output() as captured:
            result = self.shell.run_cell(cell, store_history=True, cell_id=id)
        self.shown = [output.data for output in captured.outputs]
        self.text = captured.stdout
        result.raise_error()
        return result.result

    @property
    def notice(self) -> str:
        """The line under the last cell."""
        lines = [data["text/plain"] for data in self.shown if "text/plain" in data]
        return str(lines[-1]) if lines else ""


@pytest.fixture
def notebook() -> Iterator[Notebook]:
    """A notebook in which ``%load_ext heirloom`` has run."""
    main = sys.modules["__main__"]  # the shell puts one of its own there
    InteractiveShell.clear_instance()
    shell: Any = InteractiveShell.instance()
    made = Notebook(shell)
    made.run("%load_ext heirloom\nimport pandas as pd\nimport heirloom as hl")
    yield made
    made.run("%unload_ext heirloom")
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)
    InteractiveShell.clear_instance()
    sys.modules["__main__"] = main
