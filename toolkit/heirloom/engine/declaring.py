"""A declaration held against the catalog's: the same, the next version of it, or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from heirloom.declare.artifact import Artifact
from heirloom.errors import DeclarationError
from heirloom.records.clock import now
from heirloom.records.declarations import Declaration

__all__ = ["Declarations", "declared"]


class Declarations(Protocol):
    """What declaring asks of the catalog."""

    def declaration(self, project: str, name: str) -> Declaration | None:
        """The newest declaration of a name."""
        ...


def declared(
    view: Declarations, artifact: Artifact, project: str, user: str
) -> tuple[Declaration, bool]:
    """The declaration that `artifact` refers to, and whether it is new.

    Adding keys is the owner's right; that, or a description, is a new version of it.

    Raises:
        DeclarationError: The name is declared with other keys; it says where.
    """
    known = view.declaration(project, artifact.name)
    fresh = Declaration(
        project=project,
        name=known.name if known else artifact.name,
        version=known.version + 1 if known else 1,
        keys=artifact.partition_keys or (),
        types=artifact.types,
        granularity=artifact.granularity,
        owner=artifact.owner or (known.owner if known else user),
        description=artifact.description or (known.description if known else ""),
        declared_at=now(),
        declared_by=user,
        where=artifact.where,
    )
    if known is None:
        return fresh, True
    if artifact.partition_keys is None and artifact.granularity is None:
        fresh = replace(fresh, keys=known.keys, types=known.types, granularity=known.granularity)
    else:
        _check(known, fresh, user)
        added = [key for key in fresh.keys if key not in known.keys]
        fresh = replace(fresh, keys=(*known.keys, *added), types={**known.types, **fresh.types})
    return (known, False) if _said(known) == _said(fresh) else (fresh, True)


def _check(known: Declaration, fresh: Declaration, user: str) -> None:
    """Refuse any change but keys that the owner adds."""
    typed = {key: known.types.get(key, "str") for key in fresh.types if key in known.keys}
    problem = ""
    if not set(known.keys) <= set(fresh.keys):
        problem = f"got {list(fresh.keys)}. Keys can be added, not taken away"
    elif known.granularity != fresh.granularity:
        problem = f"its times are cut to the {known.granularity}; got {fresh.granularity}"
        if known.granularity is None:
            problem = "it is not time partitioned"
    elif any(fresh.types[key] != kind for key, kind in typed.items()):
        problem = f"of types {typed}; got {dict(fresh.types)}"
    elif set(known.keys) < set(fresh.keys) and known.owner not in ("", user):
        problem = f"got {list(fresh.keys)}. Only {known.owner} adds keys to it"
    if problem:
        msg = (
            f"Artifact {known.name!r} is declared with partition keys {list(known.keys)} "
            f"(version {known.version}, {known.where}, by {known.declared_by}); {problem}: choose "
            "another name, or name what is declared."
        )
        raise DeclarationError(msg)


def _said(each: Declaration) -> tuple[Any, ...]:
    return (each.keys, dict(each.types), each.granularity, each.owner, each.description)
