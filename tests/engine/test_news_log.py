"""The log of what became of events: lines of JSON, within bounds, one writer."""

from __future__ import annotations

import json
import stat
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import heirloom as hl
from heirloom.engine.news_log import NewsLog, to_stdout
from heirloom.errors import CatalogUnavailable, InputError

NEWS = hl.News(
    state="failed",
    at=datetime(2026, 1, 31, 9, tzinfo=UTC),
    execution_id="1m8b2gjckdfz0dk6",
    project="default",
    plan="report",
    plan_version=2,
    refs=("heirloom://default/sales@7",),
    attempt=1,
    reason="ValueError: 100 % 'no'\nline é",
)


def test_a_line_for_each(tmp_path: Path) -> None:
    """One JSON object a line, whatever stands in it, in a file that is its owner's alone."""
    path = tmp_path / "logs" / "events.jsonl"
    with closing(NewsLog(path)) as log:
        log(NEWS)
        log(replace(NEWS, state="dead"))
    lines = path.read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        NEWS.to_dict(),
        replace(NEWS, state="dead").to_dict(),
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """What was written before stays."""
    for _ in range(2):
        with closing(NewsLog(tmp_path / "log")) as log:
            log(NEWS)
    assert len((tmp_path / "log").read_text().splitlines()) == 2


def test_it_stays_within_its_bounds(tmp_path: Path) -> None:
    """A full file becomes the first of those kept; the oldest goes."""
    place = tmp_path / "logs"
    with closing(NewsLog(place / "log", size=600, kept=2)) as log:
        for attempt in range(20):
            log(replace(NEWS, attempt=attempt))
    kept = [place / name for name in ("log.2", "log.1", "log")]
    assert sorted(place.iterdir()) == sorted([*kept, place / "log.lock"])
    assert all(path.stat().st_size <= 600 for path in kept)
    attempts = [
        json.loads(line)["attempt"]
        for path in kept
        for line in path.read_text("utf-8").splitlines()
    ]
    assert attempts == list(range(20 - len(attempts), 20))


def test_one_process_writes_it(tmp_path: Path) -> None:
    """Another is refused in one line, until the first lets it go."""
    path = tmp_path / "log"
    with closing(NewsLog(path)), pytest.raises(InputError, match="written by another process"):
        NewsLog(path)
    NewsLog(path).close()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """Is refused in one line."""
    (tmp_path / "file").touch()
    with pytest.raises(CatalogUnavailable, match="cannot be written"):
        NewsLog(tmp_path / "file" / "log")


def test_a_file_that_cannot_be_opened_is_not_held(tmp_path: Path) -> None:
    """Where a directory stands in its place, each try says so; then it is written as any other."""
    path = tmp_path / "log"
    path.mkdir()
    for _ in range(2):
        with pytest.raises(CatalogUnavailable, match="cannot be written"):
            NewsLog(path)
    path.rmdir()
    NewsLog(path).close()


def test_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """The same line."""
    to_stdout(NEWS)
    assert json.loads(capsys.readouterr().out) == NEWS.to_dict()


def test_news_are_shown_in_a_line() -> None:
    """In text and, escaped, in HTML."""
    bundle = replace(NEWS, reason="<b>")._repr_mimebundle_()
    assert bundle["text/plain"] == "<report (sales@7) failed: <b>>"
    assert "failed: &lt;b&gt;" in bundle["text/html"]
