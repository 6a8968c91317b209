"""The how-to notebooks: each runs, its committed outputs are true, and so is its lineage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from edges import EDGES, found_in, stated
from notebooks.executed import read, told
from notebooks.how_to.run import PAGES, run

pytestmark = [pytest.mark.kernel, pytest.mark.timeout(180)]
Ran = tuple[Path, Any, Path]


@pytest.fixture(scope="module", params=PAGES, ids=lambda page: page.stem)
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A page, what it says when it is run now, and the home that it filled."""
    home = tmp_path_factory.mktemp("page") / "home"
    return request.param, run(request.param, home), home


def test_a_page_says_what_its_committed_copy_says(ran: Ran) -> None:
    """Run now in a fresh home, every cell says the same."""
    page, book, _ = ran
    assert told(book) == told(read(page))


def test_a_page_traces_what_came_from_what(ran: Ran) -> None:
    """No edge of the table is lost, and as few are added as docs/lineage.md says."""
    page, _, home = ran
    found = found_in(home, page.stem)
    print(f"{page.stem}: {found.true} true of {found.traced} traced")
    assert not found.lost
    assert (found.true, found.traced) == stated(page.stem)


def test_there_are_pages() -> None:
    """They are found, numbered without a gap, and their edges are in the table."""
    assert [int(page.name.partition("-")[0]) for page in PAGES] == list(range(1, len(PAGES) + 1))
    assert {page.stem for page in PAGES} | {"tour"} == set(EDGES)
