"""What an edge leads to, as text: a version's full ref, or the id of a nameless value."""

from __future__ import annotations

from heirloom.records.refs import SCHEME, Ref

__all__ = ["VALUE", "made_value", "made_version", "value_item", "version_item"]

VALUE = "value:"
"""What the id of a nameless value begins with."""


def version_item(project: str, name: str, number: int) -> str:
    """The id of a version: its full ref."""
    return f"{SCHEME}{project}/{name}@{number}"


def made_version(ref: str) -> tuple[str, str, int]:
    """Project, name and number that a version's full ref has; 0 for a number that it lacks.

    Raises:
        RefError: It is no ref.
    """
    found = Ref.parse(ref)
    return found.project or "", found.name, found.at if isinstance(found.at, int) else 0


def value_item(execution_id: str, output: str) -> str:
    """The id of a nameless value: the execution that made it, and the name of the output."""
    return f"{VALUE}{execution_id}/{output}"


def made_value(item: str) -> tuple[str, str] | None:
    """The execution and the output of a nameless value; `None` for anything else."""
    if not item.startswith(VALUE):
        return None
    execution_id, _, output = item.removeprefix(VALUE).partition("/")
    return execution_id, output
