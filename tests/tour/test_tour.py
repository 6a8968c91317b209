"""``make tour``: the whole road, and the committed notebooks' outputs, which must stay true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from edges import found_in, stated
from notebooks.executed import read, told

import heirloom as hl
from heirloom.testing import session_in

_ROOT = Path(__file__).resolve().parents[2]
TOUR = _ROOT / "notebooks" / "tour"
pytestmark = [pytest.mark.kernel, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where the tour has run, and what it printed."""
    place = tmp_path_factory.mktemp("tour")
    (place / "kept").mkdir()
    command = [sys.executable, "-m", "notebooks.tour.run"]
    options = ["--home", str(place / "home"), "--keep", str(place / "kept")]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, cwd=_ROOT
    )
    assert done.returncode == 0, done.stderr
    return place, done.stdout


def test_it_tells_the_story(tour: tuple[Path, str]) -> None:
    """What each team emitted, what each event started, and the lineage are printed."""
    _, said = tour
    story = re.sub(r"[ \t]+", " ", said)

    assert "measurements@1 → retrain succeeded" in story
    assert "blessed_model@1 → trigger_ops_wf_lp unmet" in story
    assert "blessed_model@2 → trigger_ops_wf_lp succeeded" in story
    assert "loop-stopped (max_depth=20" in story
    lineage = story.partition("The lineage of the last prediction")[2]
    steps = ["prediction@1", "workflow ops_wf", "blessed_model[blessed=true]@2", "measurements"]
    assert [lineage.index(step) for step in steps] == sorted(map(lineage.index, steps))


def test_the_catalog_holds_it(tour: tuple[Path, str]) -> None:
    """The run's catalog has what the story says, and the payloads can be pulled."""
    place, _ = tour
    with session_in(place / "home"):
        assert len(hl.pull_frame("measurements[batch=1]")) == 120
        assert len(hl.pull_frame("measurements[batch=2]")) == 449
        assert hl.pull("blessed_model[blessed=true]").steps
        assert set(hl.pull("prediction").columns) == {"nucleus", "benign"}
        card = hl.get("blessed_model").card
        assert card is not None
        assert "accuracy | 0.978" in card.text
        primes = [hl.pull(v) for v in hl.search("name=largest_prime")]
        assert primes[::-1][:5] == [2, 3, 5, 7, 11]
        assert len(primes) == 21
        ran = {execution.name for execution in hl.executions(limit=1000) if execution.is_envelope}
        assert {"engineering", "research", "operations", "ops_wf", "find_next_prime"} <= ran


def test_its_lineage_is_true(tour: tuple[Path, str]) -> None:
    """No edge of the table is lost, and as few are added as docs/lineage.md says."""
    place, _ = tour
    found = found_in(place / "home", "tour")
    print(f"tour: {found.true} true of {found.traced} traced")
    assert not found.lost
    assert (found.true, found.traced) == stated("tour")


def test_the_pages_need_no_network(tour: tuple[Path, str]) -> None:
    """The HTML pages hold all that they show."""
    place, _ = tour
    pages = sorted((place / "pages").glob("*.html"))

    assert [page.name for page in pages] == ["catalog.html", "lineage.html", "prediction.html"]
    for page in pages:
        text = page.read_text("utf-8")
        assert not re.search(r"""(?:src|href)=["']https?://""", text)


@pytest.mark.parametrize("name", [path.name for path in sorted(TOUR.glob("[0-4]-*.ipynb"))])
def test_the_committed_outputs_are_true(tour: tuple[Path, str], name: str) -> None:
    """Each notebook, run now, says what the committed copy says."""
    place, _ = tour

    assert told(read(place / "kept" / name)) == told(read(TOUR / name))
