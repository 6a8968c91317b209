"""For the tests of those who use Heirloom, or give it a store or a catalog of their own.

A contract is a class of pytest tests, imported from its own module, for it needs pytest:
`heirloom.testing.store_contract`, `heirloom.testing.catalog_contract`.
"""

from __future__ import annotations

from heirloom.testing.homes import session_in

__all__ = ["session_in"]
