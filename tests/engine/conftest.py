"""A home of the test's own, and a way to look at the catalog behind the front."""

from __future__ import annotations

import importlib.util
import itertools
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.records.executions import Execution, Item
from heirloom.session import Session


@pytest.fixture(autouse=True)
def session(tmp_path: Path) -> Session:
    """The session that the front acts on."""
    return hl.connect(tmp_path / "home")


class Record:
    """What the catalog holds, oldest first."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def all(self) -> list[Execution]:
        """Every execution."""
        return list(reversed(self.session.catalog.view().executions()))

    def named(self, name: str) -> list[Execution]:
        """Those of that name."""
        return [execution for execution in self.all if execution.name == name]

    def one(self, name: str) -> Execution:
        """The only one of that name."""
        (execution,) = self.named(name)
        return execution

    def item(self, name: str, output: str = "o0") -> str:
        """The item that the only execution of that name made."""
        execution = self.one(name)
        bound = execution.outputs[output]
        return bound.id if isinstance(bound, Item) else f"value:{execution.id}/{output}"

    def reads(self, name: str) -> dict[str, str]:
        """What the only execution of that name read, and how."""
        return {read.item: read.how for read in self.one(name).all_reads()}


@pytest.fixture
def record(session: Session) -> Record:
    """What the catalog holds."""
    return Record(session)


_PRELUDE = """\
from datetime import date, datetime, timedelta
from typing import Annotated, Any
import heirloom as hl
"""
_NAME = "script"


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Callable[[str], Any]]:
    """Runs a text as a module of its own, as a user's script is run; gives the module.

    The code of a test's own module cannot be recorded: pytest has rewritten it.
    """
    serial = itertools.count(1)

    def loaded(text: str) -> Any:
        path = tmp_path / str(next(serial)) / f"{_NAME}.py"
        path.parent.mkdir()
        path.write_text(_PRELUDE + textwrap.dedent(text))
        spec = importlib.util.spec_from_file_location(_NAME, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[_NAME] = module
        spec.loader.exec_module(module)
        return module

    yield loaded
    sys.modules.pop(_NAME, None)
