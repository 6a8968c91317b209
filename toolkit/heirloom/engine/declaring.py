"""A declaration held against the catalog's: the same, the next version of it, or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from heirloom.declare.artifact import Artifact
from heirloom.errors import DeclarationError, did_you_mean
from heirloom.records.clock import now
from heirloom.records.declarations import Declaration
from heirloom.records.names import is_word

__all__ = ["Declarations", "as_artifact", "check_name", "declared", "emitted"]


class Declarations(Protocol):
    """What declaring asks of the catalog."""

    def declaration(self, project: str, name: str) -> Declaration | None:
        """The newest declaration of a name."""
        ...


def declared(
    view: Declarations, artifact: Artifact, project: str, user: str
) -> tuple[Declaration, bool]:
    """The declaration that `artifact` refers to, and whether it is new.

    Adding keys and naming an owner are the owner's right; that, or a description of theirs, is
    a new version of it. Another user's description is not taken.

    Raises:
        DeclarationError: The name is declared with other keys or another owner; it says where.
    """
    known = view.declaration(project, artifact.name)
    owner, description = artifact.owner, artifact.description
    if known is not None:
        theirs = user not in known.masters
        owner = owner or known.owner
        description = known.description if theirs else description or known.description
    fresh = Declaration(
        project=project,
        name=known.name if known else artifact.name,
        version=known.version + 1 if known else 1,
        keys=artifact.partition_keys or (),
        types=artifact.types,
        granularity=artifact.granularity,
        owner=owner or user,
        description=description,
        declared_at=now(),
        declared_by=user,
        where=artifact.where,
        shared=known.shared if known else (),
    )
    if known is None:
        return fresh, True
    _check_owner(known, fresh, user)
    if artifact.refers:
        _check_named(known, artifact)
        fresh = replace(fresh, keys=known.keys, types=known.types, granularity=known.granularity)
    else:
        _check(known, fresh, user)
        added = [key for key in fresh.keys if key not in known.keys]
        fresh = replace(fresh, keys=(*known.keys, *added), types={**known.types, **fresh.types})
    return (known, False) if _said(known) == _said(fresh) else (fresh, True)


def as_artifact(known: Declaration, **options: Any) -> Artifact:
    """What is declared, as an artifact to declare with; `options` are further ones of its own."""
    return Artifact(
        known.name,
        {key: known.types.get(key, "str") for key in known.keys},
        time_partitioned=known.granularity is not None,
        time_partition_granularity=known.granularity,
        **options,
    )


def emitted(
    view: Declarations,
    artifact: Artifact,
    project: str,
    user: str,
    author: Callable[[], str] | None = None,
) -> tuple[Declaration, bool]:
    """Like `declared`, for an emission: a name that is another's takes their word for it.

    Args:
        view: The catalog.
        artifact: What is emitted under.
        project: Where it names none.
        user: Who runs this.
        author: Gives who registered the plan that runs it, where a trigger started it: that
            user's word counts, and the owner's reactors run what they approved.

    Raises:
        DeclarationError: The name is another's, and ``allow_shared`` was not said.
    """
    found, new = declared(view, artifact, project, user)
    if user in found.emitters:
        return found, new
    by = author() if author is not None else user
    if by in found.emitters:
        return found, new
    _check_shared(found, artifact, by)
    version = found.version if new else found.version + 1
    return replace(found, version=version, shared=(*found.shared, by)), True


def check_name(view: Declarations, artifact: Artifact, project: str, user: str) -> None:
    """Hold, before anything is made, that `user` may emit under the name.

    Raises:
        DeclarationError: It is another's, and ``allow_shared`` was not said.
    """
    known = view.declaration(project, artifact.name)
    if known is not None and user not in known.emitters:
        _check_shared(known, artifact, user)


def _check_shared(known: Declaration, artifact: Artifact, user: str) -> None:
    if artifact.allow_shared:
        return
    word = known.name.rpartition("/")[2]
    msg = (
        f"{known.name!r} is {known.owner}'s, and {user} has not emitted under it. Take a name of "
        f"your own, such as '{user if is_word(user) else 'team'}/{word}', or share this one: "
        "allow_shared=True, --allow-shared."
    )
    raise DeclarationError(msg)


def _check_named(known: Declaration, artifact: Artifact) -> None:
    """Hold that an artifact that only refers names no other key."""
    for key in artifact.partition_values:
        if key not in known.keys:
            near, has = did_you_mean(key, known.keys), list(known.keys) or "no partition keys"
            msg = (
                f"Artifact {known.name!r} has no partition key {key!r}.{near} "
                f"It has {has} ({known.where})."
            )
            raise DeclarationError(msg)


def _check_owner(known: Declaration, fresh: Declaration, user: str) -> None:
    if fresh.owner != known.owner and user not in known.masters:
        msg = (
            f"Artifact {known.name!r} is {known.owner}'s ({known.where}); only they name another "
            f"owner. Leave out owner={fresh.owner!r}."
        )
        raise DeclarationError(msg)


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
    elif set(known.keys) < set(fresh.keys) and user not in known.masters:
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
