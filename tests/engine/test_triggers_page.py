"""docs/triggers.md, docs/switches.md: examples print what stands below them; the states."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from heirloom.react.states import MOVES
from heirloom.records.ledger import LEDGER_STATES, WAITS

_DOCS = Path(__file__).parents[2] / "docs"
_PAGE = (_DOCS / "triggers.md").read_text("utf-8")
_BLOCK = re.compile(r"^```python\n(.*?)^```\n```text\n(.*?)^```$", re.M | re.S)
_ROW = re.compile(r"^\| `([\w-]+)` \| (.*) \| ?(.*?) ?\|$", re.M)
_MARK = "# next"


@pytest.mark.parametrize("name", ["triggers", "switches"])
def test_the_examples_print_what_the_page_shows(name: str, tmp_path: Path) -> None:
    """Run as one script, from the top, in a home of its own."""
    page = (_DOCS / f"{name}.md").read_text("utf-8")
    blocks = _BLOCK.findall(page)
    assert len(blocks) == page.count("```python") > 1
    script = tmp_path / "page.py"
    script.write_text(f"print({_MARK!r})\n".join(code for code, _ in blocks), "utf-8")
    env = {**os.environ, "HEIRLOOM_HOME": str(tmp_path / "home"), "HEIRLOOM_USER": "ada"}
    done = subprocess.run([sys.executable, script], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(f"{_MARK}\n") == [shown for _, shown in blocks]


def test_the_table_of_states_is_the_tables() -> None:
    """Every state, what may follow it, and what is waited for."""
    states = _PAGE[_PAGE.index("| state |") :].partition("\n\n")[0]
    rows = {
        state: (means, re.findall(r"`([\w-]+)`", after))
        for state, means, after in _ROW.findall(states)
    }
    assert rows.keys() == set(LEDGER_STATES)
    assert {state: set(after) for state, (_, after) in rows.items() if after} == dict(MOVES)
    assert re.findall(r"`(\w+)`", rows["waiting"][0]) == list(WAITS)
