"""Questions on lineage, over records and an edge lookup that the catalog implements."""

from heirloom.ancestry.graph import Edge, Lineage, Node
from heirloom.ancestry.walk import Edges, walk

__all__ = ["Edge", "Edges", "Lineage", "Node", "walk"]
