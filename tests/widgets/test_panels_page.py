"""What docs/panels.md says of the search line and the Explorer."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.widgets.waiting import hear

import heirloom as hl
from heirloom_widgets import Explorer
from heirloom_widgets.preview import UNASKED

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "panels.md").read_text("utf-8")
APP = "notebooks/explorer.ipynb"


def _rows(heading: str) -> list[str]:
    """The first cells of the table under a heading."""
    table = PAGE.partition(heading)[2].partition("|---|---|\n")[2].partition("\n\n")[0]
    return [re.split(r"(?<!\\)\|", line)[1].strip() for line in table.splitlines()]


def test_every_line_of_the_page_is_a_search(session: hl.Session) -> None:
    """What the page shows can be typed."""
    lines = [row.strip("`") for row in _rows("| line | finds versions |")]
    assert len(lines) == 10
    hl.Artifact("sales", ["region", "day", "tier"])
    session.publish(1, "sales[region=emea,day=2026-02-01,tier=7]")
    for line in lines:
        session.search(line.replace("prediction@3", "prediction@2"))


def test_the_page_tells_of_every_tab(session: hl.Session) -> None:
    """Nothing that can be clicked is left unsaid, and no tab is told of that is not there."""
    explorer = Explorer("", session)
    told = re.findall(r"^\*\*(\w+)\.\*\*", PAGE, re.MULTILINE)
    assert told == [panel.title for panel in explorer.panels]
    explorer.close()


def test_the_page_says_what_is_read_unasked() -> None:
    """The bound that is told is the bound that holds."""
    assert f"up to {UNASKED // 1_000_000} MB is looked at by itself" in PAGE


def test_the_app_is_a_notebook_that_shows_something_where_no_kernel_is() -> None:
    """What the page serves is two cells; on a site of notebooks its versions are to be read."""
    assert f"voila {APP}" in PAGE
    text, code = json.loads((ROOT / APP).read_text("utf-8"))["cells"]
    assert text["cell_type"] == "markdown"
    copy = "".join(code["outputs"][0]["data"]["text/html"])
    assert "largest_prime" in copy
    assert "<script" not in copy


def test_the_page_that_only_shows_changes_nothing(session: hl.Session) -> None:
    """Of a session to read, as the page says, a switch is refused in its place."""
    reader = hl.connect(session.settings.home, read_only=True)
    explorer = Explorer(session=reader)
    switches = explorer.triggers.switches.view
    explorer.tabs.selected_index = explorer.panels.index(explorer.triggers)
    hear(switches, {"kind": "switch", "plan": "retrain", "on": False, "seq": 1})
    assert "read" in switches.trouble
    assert reader.plan("retrain").is_active
    explorer.close()
