"""A catalog without journal and index: what every verb means, in the fewest words.

It is slow, forgets everything at the end of the process, and is right: other catalogs are
held against it.
"""

from heirloom.testing.memory.catalog import MemoryCatalog
from heirloom.testing.memory.state import Memory

__all__ = ["Memory", "MemoryCatalog"]
