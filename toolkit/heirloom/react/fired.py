"""The newest version that a plan fired on, where some of that is only decided and not committed."""

from __future__ import annotations

from collections.abc import Callable

from heirloom.records.ledger import FIRED
from heirloom.records.versions import ArtifactVersion

__all__ = ["newest_fired"]


def newest_fired(
    own: ArtifactVersion | None,
    standing: Callable[[int], ArtifactVersion | None],
    state_here: Callable[[str], str | None],
    before: int,
) -> ArtifactVersion | None:
    """The newest below number `before` of those decided here and of those that stand.

    Args:
        own: The newest of what was decided here.
        standing: The newest that stands committed as fired, below a number.
        state_here: What was decided here of a full ref; `None` where nothing was.
        before: The number of the version that is asked for.
    """
    while (known := standing(before)) is not None:
        state = state_here(known.ref)
        if state is None or state in FIRED:
            break
        before = known.version
    found = [version for version in (own, known) if version is not None]
    return max(found, key=lambda version: version.version, default=None)
