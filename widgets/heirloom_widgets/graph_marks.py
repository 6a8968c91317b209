"""What a drawing of lineage is made of: marks for its nodes, links for its edges."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SIZES", "Drawing", "Link", "Mark"]

SIZES = {
    "version": (172.0, 58.0),
    "execution": (162.0, 58.0),
    "plan": (176.0, 58.0),
    "fold": (132.0, 44.0),
}
WATCHED = frozenset({"read", "free-variable", "derived"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A node of the drawing.

    Attributes:
        kind: ``version``, ``execution``, ``plan``, or ``fold`` for several of `of`.
        title: The first line; `sub` is the second, or empty.
        tone: What colours it.
        hover: What the pointer shows.
        plan: The plan that it is of, or empty.
        sort: Of a version its kind: ``data``, ``model``; of an execution: ``task``, ``workflow``.
        project, state: Of a record; empty for what is none.
        at: When it was recorded, to sort by.
        steps: Whether there are leaves inside of it.
        inside: The opened execution that it is a leaf of, or empty; `within` is what that is
            called.
        faded: Whether it is no record: an execution that would come next.
    """

    id: str
    kind: str
    title: str
    sub: str = ""
    tone: str = "plain"
    hover: str = ""
    plan: str = ""
    sort: str = ""
    project: str = ""
    state: str = ""
    at: str = ""
    armed: bool = False
    faded: bool = False
    of: str = ""
    steps: bool = False
    inside: str = ""
    within: str = ""

    @property
    def family(self) -> str:
        """What siblings have in common: a version's name, else what it is called."""
        return self.title.rpartition("@")[0] if self.kind == "version" else self.title


@dataclass(frozen=True, slots=True)
class Link:
    """An edge of the drawing; `how` is how it is known, empty for what was made."""

    source: str
    target: str
    how: str = ""

    @property
    def watched(self) -> bool:
        """Whether it was seen while running, and not declared before."""
        return self.how in WATCHED


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes and edges, each once, in a stable order; `hidden` nodes are folded away."""

    marks: tuple[Mark, ...]
    links: tuple[Link, ...]
    hidden: int = 0

    @property
    def sizes(self) -> dict[str, tuple[float, float]]:
        """Width and height by node."""
        return {mark.id: SIZES[mark.kind] for mark in self.marks}

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The edges as the layout takes them."""
        return [(link.source, link.target) for link in self.links]
