"""The catalog: an append-only journal under TinyDB's classes, and an index derived from it."""

from heirloom.catalog.batch import Batch, Committed
from heirloom.catalog.catalog import Catalog
from heirloom.catalog.edges import Edge
from heirloom.catalog.table import Database
from heirloom.catalog.view import View

__all__ = [
    "Batch",
    "Catalog",
    "Committed",
    "Database",
    "Edge",
    "View",
]
