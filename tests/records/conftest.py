"""Versions as a test wants them, without a catalog."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from heirloom.records.payloads import Payload
from heirloom.records.versions import ArtifactVersion

MOMENT = datetime(2026, 1, 31, 12, 30, 15, 123456, tzinfo=UTC)


def version(number: int = 1, /, **given: Any) -> ArtifactVersion:
    """A live version of ``sales`` in project ``p``; `given` are its other fields."""
    made: dict[str, Any] = {
        "project": "p",
        "name": "sales",
        "payload": Payload(format="json", type_name="int", kind="value", value=7, size=1),
        "partitions": {},
        "created_at": MOMENT,
        "created_by": "ada",
        "execution_id": "run",
        "root_id": "run",
        "path": "",
        "output": "o0",
    }
    return ArtifactVersion(version=number, **(made | given))


@pytest.fixture
def make() -> Callable[..., ArtifactVersion]:
    """Makes versions."""
    return version
