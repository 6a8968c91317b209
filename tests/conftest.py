"""Every test has a home of its own, leaves no session open, and in CI is never skipped."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest

_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)

_homes = itertools.count(1)
_SWITCHES = ("HEIRLOOM_PROJECT", "HEIRLOOM_STORE", "HEIRLOOM_APPROVE")
_ROOMS = {
    "XDG_CACHE_HOME": ".cache",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "IPYTHONDIR": ".ipython",
    "JUPYTER_CONFIG_DIR": ".jupyter",
    "JUPYTER_DATA_DIR": ".local/share/jupyter",
    "JUPYTER_RUNTIME_DIR": ".local/share/jupyter/runtime",
}

# The same examples every time, and none kept on disk: a failure comes from a change, not from luck.
hypothesis.settings.register_profile("heirloom", derandomize=True, database=None, deadline=None)
# `make deep` looks for luck: other examples each time, and more of them.
hypothesis.settings.register_profile(
    "deep", database=None, deadline=None, max_examples=2_000, stateful_step_count=60
)
hypothesis.settings.load_profile("deep" if os.environ.get("HEIRLOOM_DEEP") == "1" else "heirloom")


@pytest.fixture(scope="session")
def _matplotlib_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for the run: building it takes seconds, and the home of a test is new each time."""
    return tmp_path_factory.mktemp("matplotlib")


@pytest.fixture(autouse=True)
def _isolated(
    tmp_path_factory: pytest.TempPathFactory,
    _matplotlib_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """An empty `HOME` and `HEIRLOOM_HOME`, not in `tmp_path`; nothing declared, no session open."""
    user = tmp_path_factory.getbasetemp() / f"home-{next(_homes)}"
    user.mkdir()
    for name in _SWITCHES:
        monkeypatch.delenv(name, raising=False)
    for name, room in _ROOMS.items():
        monkeypatch.setenv(name, str(user / room))
    monkeypatch.setenv("HOME", str(user))
    monkeypatch.setenv("MPLCONFIGDIR", str(_matplotlib_cache))
    monkeypatch.setenv("HEIRLOOM_HOME", str(user / ".heirloom"))
    monkeypatch.setenv("HEIRLOOM_REACTOR", "off")
    monkeypatch.setenv("HEIRLOOM_USER", "tester")
    declared = sys.modules.get("heirloom.declare.declared")
    if declared is not None:  # an earlier test's, made while no session was open
        declared.Declared().take(declared.EARLY)
    yield
    opening = sys.modules.get("heirloom.opening")
    if opening is not None:
        opening.reset()


@pytest.fixture(scope="session")
def deep() -> bool:
    """Whether the long form of a test marked `deep` is asked for: ``make deep``."""
    return os.environ.get("HEIRLOOM_DEEP") == "1"


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Notes how much the test went through, for the file that ``make deep`` shows."""

    def note(**numbers: float | str) -> None:
        at = os.environ.get("HEIRLOOM_FIGURES")
        if at:
            with Path(at).open("a") as file:
                file.write(json.dumps({"test": request.node.nodeid, **numbers}) + "\n")

    return note


def pytest_configure() -> None:
    """Find a Chromium, as ``.ci/chromium`` does but installing nothing, and say where it is."""
    named = os.environ.get("HEIRLOOM_CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    os.environ["HEIRLOOM_CHROMIUM"] = next(filter(None, map(shutil.which, names)), "")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a Chromium the browser tests are skipped, each by its name."""
    if item.get_closest_marker("browser") and not os.environ["HEIRLOOM_CHROMIUM"]:
        pytest.skip("no Chromium: install chromium, or set HEIRLOOM_CHROMIUM")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failed one."""
    return _never_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI a skipped test file is a failed one."""
    return _never_skipped((yield))


def _never_skipped(report: _Report) -> _Report:
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and CI lets nothing skip: {report.longrepr}"
    return report


def pytest_collection_finish() -> None:
    """What test modules declare at import is no test's own: the first session is not to know it."""
    from heirloom.declare.declared import EARLY, Declared

    Declared().take(EARLY)
