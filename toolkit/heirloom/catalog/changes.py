"""What an updater of TinyDB does to a table, collected as operations."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

from heirloom.catalog.journal import Op
from heirloom.catalog.limits import encode
from heirloom.catalog.rows import HIGHEST_ID, Rows
from heirloom.errors import InputError

__all__ = ["Changes"]


class Changes(MutableMapping[int, dict[str, Any]]):
    """A table that an updater may change; only what it changed becomes operations."""

    def __init__(self, rows: Rows, next_id: int) -> None:
        self._rows = rows
        self._next = next_id
        self._touched: dict[int, dict[str, Any] | None] = {}
        self._cleared = False

    def take_id(self) -> int:
        """An id that the table never had."""
        self._next += 1
        return self._next - 1

    def ops(self) -> list[Op]:
        """The operations that make the changes.

        Raises:
            InputError: A document holds what JSON cannot.
        """
        table, ops = self._rows.table, list[Op]()
        if self._cleared:
            ops.append(("c", table, None, None))
        for id, doc in self._touched.items():
            before = None if self._cleared else self._rows.find(id)
            if doc is None:
                if before is not None:
                    ops.append(("r", table, id, None))
                continue
            text = encode(table, doc)
            if before is None:
                ops.append(("i", table, id, text))
            elif encode(table, before) != text:
                ops.append(("u", table, id, text))
        if not ops and not self._rows.exists():
            ops.append(("t", table, None, None))
        return ops

    def __getitem__(self, key: int) -> dict[str, Any]:
        if key in self._touched:
            found = self._touched[key]
        else:
            found = None if self._cleared else self._rows.find(key)
            if found is not None:
                self._touched[key] = found
        if found is None:
            raise KeyError(key)
        return found

    def __setitem__(self, key: Any, value: dict[str, Any]) -> None:
        if not isinstance(key, int) or not 0 <= key <= HIGHEST_ID:
            msg = f"A document's id is a whole number from 0; got {key!r:.40}."
            raise InputError(msg, name=self._rows.table, given=str(key)[:40])
        self._touched[key] = value
        self._next = max(self._next, key + 1)

    def __delitem__(self, key: int) -> None:
        if key not in self:
            raise KeyError(key)
        self._touched[key] = None

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, int):
            return False
        try:
            self[key]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[int]:
        stored = [] if self._cleared else self._rows.ids()
        fresh = [id for id, doc in self._touched.items() if doc is not None]
        gone = {id for id, doc in self._touched.items() if doc is None}
        return iter(sorted({*stored, *fresh} - gone))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        """Empty the table."""
        self._touched.clear()
        self._cleared = True
