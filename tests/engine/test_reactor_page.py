"""docs/reactor.md: its example prints what stands below it, its lines and options are there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import heirloom as hl
from heirloom.cli.parser import parser
from heirloom.engine import news_log
from heirloom.records.clock import now
from heirloom.records.news import NEWS

_PAGE = (Path(__file__).parents[2] / "docs/reactor.md").read_text("utf-8")


def _block(kind: str, of: int = 0) -> str:
    return str(re.findall(rf"^```{kind}\n(.*?)^```$", _PAGE, re.M | re.S)[of])


def test_the_example_prints_what_the_page_shows(tmp_path: Path) -> None:
    """Run as a script, in a home of its own."""
    (tmp_path / "page.py").write_text(_block("python"), "utf-8")
    env = {**os.environ, "HEIRLOOM_HOME": str(tmp_path / "home")}
    command = [sys.executable, str(tmp_path / "page.py")]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, _block("text", -1)), done.stderr


def test_the_line_of_the_log_is_what_is_written() -> None:
    """The page's line has the fields of the news, in their order; it says every state and bound."""
    facts = dict.fromkeys(("state", "execution_id", "project", "plan", "reason"), "")
    news = hl.News(at=now(), plan_version=1, refs=(), attempt=1, **facts)
    assert list(json.loads(_block("json"))) == list(news.to_dict())
    told = _PAGE[_PAGE.index("has a function called") :].partition(";")[0]
    assert re.findall(r"`(\w+)`", told) == list(NEWS)
    assert f"full at {news_log.SIZE // 1_000_000} MB" in _PAGE
    assert ("five full ones are kept" in _PAGE, news_log.KEPT) == (True, 5)


def test_the_service_starts() -> None:
    """The unit's command is one that the command line takes."""
    (command,) = re.findall(r"^ExecStart=\S+/heirloom (.*)$", _PAGE, re.M)
    args = parser("1").parse_args(command.split())
    assert (args.workers, args.timeout, args.log) == (4, 300.0, "")
    (wait,) = re.findall(r"^TimeoutStopSec=(\d+)$", _PAGE, re.M)
    assert int(wait) > args.timeout
