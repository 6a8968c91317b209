"""Searches: what a node is true of, in pages that stay as they are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from heirloom.catalog.protocol import Catalog
from heirloom.errors import InputError, VersionNotFound
from heirloom.records.payloads import Payload
from heirloom.records.search import parse_search
from heirloom.records.search_tree import ORDERS
from heirloom.testing.catalog_contract.given import Given
from heirloom.testing.maker import Maker
from heirloom.testing.memory import MemoryCatalog

__all__ = ["Searches"]

_LINES = """
    |emea|EMEA|größe|GRÖSSE|card|"a card"|note|"of 2"|quarter|int|work|ada|7|xyz|emea card
    |name=SALES|name=none|kind=value|kind=file|by=ADA|by=bob|by=Train|is=value|is=linked|is=draft|is=yanked
    |is=purged|is=draft or is=yanked|not is=draft|alias=champion|alias=old
    |since=2026-01-01T00:05|until=2026-01-01T00:05|since=2026-01-01T00:03 until=2026-01-01T00:08
    |region=emea|region!=emea|not region=emea|region in (emea, apac)|n<10|n>=10|n>=10 or region=emea
    |day>2026-01-15|day<=2026-01-31|time=2026-01-01|time>2025|none=1|not none=1|not none!=1
    |(emea or apac) not n=9|not (emea card)|not not emea|kind in (value, file) emea
    |up=forecast|down=sales@1|down="sales[region=emea]"|up=forecast or emea|not up=forecast
    """


class Searches(Given):
    """Exactly the versions that `Node.matches` is true of, newest first."""

    @pytest.mark.parametrize("line", [line.strip() for line in _LINES.split("|")])
    def test_a_search(self, make: Maker, catalog: Catalog, line: str) -> None:
        """A search finds what the catalog in memory, which asks each version, finds."""
        oracle = MemoryCatalog()
        for maker in (make, Maker(oracle)):
            _history(maker)
        node = parse_search(line)
        found, expected = (each.search(node, project="p") for each in (catalog, oracle))
        assert [v.ref for v in found[0]] == [v.ref for v in expected[0]]
        assert found[1:] == (None, len(expected[0]))

    @pytest.mark.parametrize("limit", [1, 2, 3, 100])
    def test_pages(self, make: Maker, catalog: Catalog, other: Catalog, limit: int) -> None:
        """Pages joined are the whole, on any handle; the last has no cursor; each says how many."""
        for value in range(6):
            make.emit("sales", value)
        found, cursor, pages = [], None, 0
        while True:
            handle = (catalog, other)[pages % 2]
            page, cursor, total = handle.search(parse_search("sales"), limit=limit, cursor=cursor)
            found += page
            pages += 1
            assert total == 6
            if cursor is None:
                break
            assert len(page) == limit
        assert [v.version for v in found] == [6, 5, 4, 3, 2, 1]
        assert pages == -(-6 // limit)

    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("limit", [1, 3, 100])
    def test_orders(self, make: Maker, catalog: Catalog, order: str, limit: int) -> None:
        """Pages in an order, joined, are what the catalog in memory sorts."""
        oracle = MemoryCatalog()
        for maker in (make, Maker(oracle)):
            _history(maker)
        node = parse_search("not region=apac")
        expected, _, _ = oracle.search(node, project="p", order=order)
        found: list[str] = []
        cursor = None
        while cursor is not None or not found:
            page, cursor, total = catalog.search(node, limit=limit, cursor=cursor, order=order)
            found += [version.ref for version in page]
        assert found == [version.ref for version in expected]
        assert total == len(found)

    def test_a_page_goes_on_where_its_last_version_stood(
        self, make: Maker, catalog: Catalog
    ) -> None:
        """In every order a version that was yanked since still marks the place of the next page."""
        for name in ("b", "a", "c"):
            make.emit(name, 1)
            make.emit(name, 2)
        for order in ORDERS:
            whole = [v.ref for v in catalog.search(parse_search(""), order=order)[0]]
            page, cursor, _ = catalog.search(parse_search(""), limit=1, order=order)
            make.mark(page[0], "yank", reason="")
            rest, _, _ = catalog.search(parse_search(""), cursor=cursor, order=order)
            assert [v.ref for v in rest] == whole[1:]

    def test_an_order_that_is_none(self, catalog: Catalog) -> None:
        """An order that there is not is refused, and the nearest is named."""
        with pytest.raises(InputError, match="newest"):
            catalog.search(parse_search(""), order="newst")

    def test_values_for_a_key(self, make: Maker, catalog: Catalog) -> None:
        """What a key may be, of the project's own: begun with the text first, then with it in."""
        _history(make)
        other = Maker(catalog, project="q")
        other.emit("sales", partitions={"region": "eu"}, created_by="eve")
        assert catalog.values("name", "", "p", 9) == ["forecast", "Größe", "sales"]
        assert catalog.values("name", "S", "p", 9) == ["sales", "forecast", "Größe"]
        assert catalog.values("region", "A", "p", 9) == ["apac", "emea"]
        assert catalog.values("region", "A", "p", 1) == ["apac"]
        assert catalog.values("alias", "ham", "p", 9) == ["champion"]
        assert catalog.values("by", "", "p", 9) == ["ada", "bob", "Train", "work"]
        assert catalog.values("none", "", "p", 9) == []
        assert catalog.values("region", "", "q", 9) == ["eu"]

    def test_pages_are_stable_while_others_write(
        self, make: Maker, catalog: Catalog, other: Catalog
    ) -> None:
        """What is written between two pages is on neither, and shifts nothing."""
        for value in range(5):
            make.emit("sales", value)
        first, cursor, total = catalog.search(parse_search(""), limit=2)
        Maker(other).emit("sales", 99)
        second, _, now = catalog.search(parse_search(""), limit=10, cursor=cursor)
        assert [v.version for v in first + second] == [5, 4, 3, 2, 1]
        assert (total, now) == (5, 6)

    def test_what_goes_between_two_pages_is_gone(self, make: Maker, catalog: Catalog) -> None:
        """A version that was yanked after the first page is on no later one."""
        made = [make.emit("sales", value) for value in range(4)]
        _, cursor, _ = catalog.search(parse_search(""), limit=2)
        make.mark(made[0], "yank", reason="")
        second, _, total = catalog.search(parse_search(""), cursor=cursor)
        assert ([v.version for v in second], total) == ([2], 3)

    @pytest.mark.parametrize("cursor", ["", "x", "-1", "9" * 30, "\u0661"])
    def test_a_wrong_cursor_is_an_error(self, catalog: Catalog, cursor: str) -> None:
        """A cursor that no page gave is refused."""
        with pytest.raises(InputError, match="cursor"):
            catalog.search(parse_search(""), cursor=cursor)

    def test_a_page_of_nothing(self, make: Maker, catalog: Catalog) -> None:
        """A page of no versions says how many there are."""
        make.emit("sales")
        assert catalog.search(parse_search(""), limit=0) == ([], None, 1)

    def test_a_page_of_less_than_nothing(self, catalog: Catalog) -> None:
        """A page cannot have fewer than no versions."""
        with pytest.raises(InputError, match="limit"):
            catalog.search(parse_search(""), limit=-1)

    def test_projects(self, make: Maker, catalog: Catalog) -> None:
        """A search is of one project, or of all."""
        make.emit("sales")
        make.project = "q"
        make.emit("sales")
        assert [v.project for v in catalog.search(parse_search(""), project="q")[0]] == ["q"]
        assert catalog.search(parse_search("name=sales"))[2] == 2

    def test_a_version_is_found_as_it_stands(self, make: Maker, catalog: Catalog) -> None:
        """Found versions come with their marks."""
        made = make.emit("sales")
        make.mark(made, "note", text="seen")
        make.mark(made, "alias", alias="champion")
        (found,), _, _ = catalog.search(parse_search("seen"))
        assert (found.notes, found.aliases) == (("seen",), ("champion",))

    def test_relatives_of_what_is_not_there(self, make: Maker, catalog: Catalog) -> None:
        """The relatives of a version that is not there are an error, whatever else is asked."""
        for line in ("up=none", "name=sales down=none", "not (name=none up=none)"):
            with pytest.raises(VersionNotFound, match="none"):
                catalog.search(parse_search(line), project="p")
            make.emit("sales")


def _history(make: Maker) -> None:
    """Versions of every kind and state, with cards, notes, aliases and lineage."""
    make.declare("sales", types={"n": "int", "day": "date"}, description="By Quarter")
    link = Payload(format="file", type_name="File", kind="file", link="s3://x")
    first = make.emit("sales", 7, partitions={"region": "emea", "n": "9", "day": "2026-01-31"})
    make.emit("sales", partitions={"region": "apac", "n": "10", "day": "2026-01-05"})
    make.emit("sales", payload=link, card=make.card("A card\nof text"), created_by="Bob")
    make.emit("sales", state="draft", partitions={"region": "emea"})
    yanked, purged = make.emit("sales", "emea"), make.emit("sales")
    make.emit("Größe", time_partition=datetime(2026, 1, 1, tzinfo=UTC), partitions={"n": "9"})
    make.emit("forecast", reads=(first.ref,), maker="Train")
    make.emit("forecast", reads=(yanked.ref,), partitions={"region": "emea"})
    make.mark(first, "note", text="A note of 2")
    make.mark(first, "alias", alias="champion")
    make.mark(yanked, "yank", reason="wrong")
    make.mark(purged, "purge")
    make.mark(purged, "card", text="emea card", kind="")
