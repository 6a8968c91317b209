"""A session runs on whatever passes the contract: here on the catalog in memory."""

from __future__ import annotations

import importlib
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest

import heirloom.session
from heirloom.catalog.protocol import Catalog
from heirloom.errors import NotSupported
from heirloom.settings import Settings
from heirloom.testing.memory import Memory, MemoryCatalog

_SCRIPT = """
    import heirloom as hl
    from typing import Annotated

    raw, doubled = hl.Artifact("raw"), hl.Artifact("doubled")

    @hl.task
    def double(value: int) -> Annotated[int, doubled]:
        return 2 * value

    @hl.workflow
    def refresh(value: int = raw.query()) -> None:
        double(value=value)

    plan = hl.LaunchPlan.get_or_create("on_raw", refresh, trigger=hl.OnArtifact(raw))
    plan.activate()
"""


def test_a_trigger_settles_on_a_catalog_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan fires, its workflow runs, ledger and lineage say so, and no journal is there."""
    memory = Memory()

    class InMemory(heirloom.session.Session):
        def _opened(self) -> Catalog:
            return MemoryCatalog(memory, read_only=self.read_only)

    with closing(InMemory(Settings.read(tmp_path / "home"))) as session, session.here():
        (tmp_path / "on_memory.py").write_text(dedent(_SCRIPT))
        monkeypatch.syspath_prepend(tmp_path)
        importlib.import_module("on_memory")
        version = session.publish(21, "raw")
        assert not session.settle(timeout=60).still
        (row,) = session.ledger()
        assert (row.plan, row.refs) == ("on_raw", (version.ref,))
        assert session.execution(row.execution_id or "").state == "succeeded"
        assert session.pull("doubled") == 42
        found = session.lineage("doubled", up=None).nodes
        assert {version.ref, session.get("doubled").ref} <= {node.id for node in found}
        assert [v.name for v in session.search("down=raw").versions] == ["doubled"]
        assert session.pull(session.publish("x" * 10_000, "text")) == "x" * 10_000
        with pytest.raises(NotSupported, match="no journal"):
            session.db  # noqa: B018  # asking is the error
    assert not (tmp_path / "home" / "journal.jsonl").exists()
