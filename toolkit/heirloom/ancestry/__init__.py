"""Questions on lineage, over records and an edge lookup that the catalog implements."""

from heirloom.ancestry.difference import Change, Diff, Given, Made, difference
from heirloom.ancestry.graph import Edge, Lineage, Node
from heirloom.ancestry.reason import Why
from heirloom.ancestry.walk import Edges, outermost, walk

__all__ = [
    "Change",
    "Diff",
    "Edge",
    "Edges",
    "Given",
    "Lineage",
    "Made",
    "Node",
    "Why",
    "difference",
    "outermost",
    "walk",
]
