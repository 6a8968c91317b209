"""The free text of a batch, without what looks like a secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from heirloom.catalog.batch import Batch
from heirloom.records.declarations import Declaration
from heirloom.records.executions import Execution
from heirloom.records.marks import Mark
from heirloom.records.secrets import hidden
from heirloom.records.versions import ArtifactVersion

__all__ = ["hide_secrets"]

T = TypeVar("T")


def hide_secrets(batch: Batch) -> None:
    """Let no error, card, note, reason or description of the batch tell a secret.

    Everything that is recorded passes here, whoever wrote it.
    """
    _each(batch.executions, _execution)
    _each(batch.versions, _version)
    _each(batch.marks, _mark)
    _each(batch.declarations, _declaration)


def _each(records: list[T], safe: Callable[[T], T]) -> None:
    records[:] = map(safe, records)


def _execution(execution: Execution) -> Execution:
    if execution.error is None or (told := hidden(execution.error)) == execution.error:
        return execution
    return replace(execution, error=told)


def _version(version: ArtifactVersion) -> ArtifactVersion:
    card = version.card
    if card is None or (told := hidden(card.text)) == card.text:
        return version
    return replace(version, card=replace(card, text=told))


def _mark(mark: Mark) -> Mark:
    data = {key: hidden(each) if isinstance(each, str) else each for key, each in mark.data.items()}
    return mark if data == mark.data else replace(mark, data=data)


def _declaration(declaration: Declaration) -> Declaration:
    told = hidden(declaration.description)
    return (
        declaration if told == declaration.description else replace(declaration, description=told)
    )
