"""Lookups of versions, and of what is declared of their names."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import methodcaller
from typing import Any

import pytest

from heirloom.catalog.protocol import Catalog
from heirloom.records.clauses import Clause
from heirloom.records.payloads import Payload
from heirloom.records.queries import Query
from heirloom.records.refs import Ref
from heirloom.records.search_tree import OfTypes
from heirloom.records.versions import Card
from heirloom.testing.catalog_contract.given import Ask, Given
from heirloom.testing.maker import Maker

__all__ = ["VersionLookups"]


def _query(text: str = "sales", **given: Any) -> Query:
    ref = Ref.parse(text)
    return Query(name=ref.name, project="p", clauses=ref.clauses, at=ref.at, **given)


def _plain(value: Any) -> Payload:
    return Payload(format="json", type_name=type(value).__name__, kind="value", value=value)


class VersionLookups(Given):
    """Answers to a query are what `Query.matches` and `Query.pick` say of all versions."""

    def test_one_version(self, make: Maker, ask: Ask[Any]) -> None:
        """A version comes back as it was emitted, by project, name in any case, and number."""
        made = make.emit(
            "Größe",
            [1],
            partitions={"region": "emea"},
            time_partition=datetime(2026, 1, 1, tzinfo=UTC),
        )
        assert ask(lambda view: view.version("p", "GRÖSSE", 1)) == made
        assert ask(lambda view: view.version("q", "Größe", 1)) is None
        assert ask(lambda view: view.version("p", "Größe", 2)) is None
        assert ask(lambda view: view.version("p", "Größe", 1 << 70)) is None
        assert ask(lambda view: view.resolve(_query("Größe@999999999999999999"))) is None

    def test_states(self, make: Maker, ask: Ask[Any]) -> None:
        """Drafts, yanked and purged versions are passed over unless they are pinned."""
        live = make.emit("sales")
        make.emit("sales", state="draft")
        for said in ("yank", "purge"):
            make.mark(make.emit("sales"), said, reason="wrong")
        make.mark(live.numbered(3), "alias", alias="old")
        assert ask(lambda view: view.resolve(_query())) == live
        assert ask(lambda view: view.versions(_query())) == [live]
        assert ask(lambda view: view.latest_number("p", "sales")) == 4
        pinned = [_query(f"sales@{at}") for at in (1, 2, 3, 4, "old")]
        found = ask(lambda view: [view.resolve(query) for query in pinned])
        states = ["live", "draft", "yanked", "purged", "yanked"]
        assert [version.state for version in found] == states

    def test_a_yank_is_taken_back(self, make: Maker, ask: Ask[Any]) -> None:
        """A restored version is what it was emitted as; one that was purged stays so."""
        live, draft = make.emit("sales"), make.emit("sales", state="draft")
        purged = make.emit("sales")
        for version in (live, draft, purged):
            make.mark(version, "yank", reason="wrong")
        make.mark(purged, "purge")
        for version in (live, draft, purged):
            make.mark(version, "restore", reason="right")
        assert ask(lambda view: view.resolve(_query())) == live
        assert ask(lambda view: view.versions(_query())) == [live]
        found = ask(lambda view: [view.version("p", "sales", number) for number in (1, 2, 3)])
        assert [version.state for version in found] == ["live", "draft", "purged"]

    def test_marks_in_the_order_they_were_made(self, make: Maker, ask: Ask[Any]) -> None:
        """A version comes with its newest card, all its notes, and where aliases are now."""
        first, second = make.emit("sales", card=make.card("Old")), make.emit("sales")
        make.mark(first, "card", text="Newer", kind="")
        make.mark(first, "card", text="New", kind="data")
        for text in ("one", "two"):
            make.mark(first, "note", text=text)
        for alias in ("b", "a"):
            make.mark(first, "alias", alias=alias)
        make.mark(second, "alias", alias="b")
        found = ask(lambda view: view.version("p", "sales", 1))
        assert (found.card.text, found.card.kind, found.notes) == ("New", "data", ("one", "two"))
        assert found.aliases == ("a",)
        assert ask(lambda view: view.aliases("p", "Sales")) == {"a": 1, "b": 2}
        assert ask(lambda view: view.aliases("q", "sales")) == {}
        assert ask(lambda view: view.resolve(_query("sales@b"))).version == 2
        assert ask(lambda view: view.resolve(_query("sales@none"))) is None

    def test_what_was_said_is_kept(self, make: Maker, ask: Ask[Any]) -> None:
        """Every mark, moved aliases and revised cards too; on one version, its first card first."""
        first, second = make.emit("sales", card=Card("As emitted", "data")), make.emit("sales")
        make.mark(make.emit("other"), "note", text="elsewhere")
        make.mark(first, "alias", alias="champion", reason="first")
        make.mark(second, "alias", alias="champion", reason="better")
        make.mark(first, "card", text="Revised", kind="")

        def said(project: str, *asked: Any) -> list[tuple[int, str, str]]:
            marks = ask(lambda view: view.marks(project, *asked))
            return [(m.version, m.kind, m.data.get("reason") or m.data["text"]) for m in marks]

        assert said("p", "Sales") == [
            (1, "alias", "first"),
            (2, "alias", "better"),
            (1, "card", "Revised"),
        ]
        assert said("p", "sales", 1) == [
            (1, "card", "As emitted"),
            (1, "alias", "first"),
            (1, "card", "Revised"),
        ]
        assert said("p", "sales", 3) == said("q", "sales") == []

    def test_an_alias_comes_back(self, make: Maker, ask: Ask[Any]) -> None:
        """An alias that moved away and back is where it was moved last."""
        first, second = make.emit("sales"), make.emit("sales")
        for version in (first, second, first):
            make.mark(version, "alias", alias="champion")
        assert ask(lambda view: view.resolve(_query("sales@champion"))).version == 1
        assert ask(lambda view: view.version("p", "sales", 2)).aliases == ()

    @pytest.mark.parametrize(
        ("text", "versions"),
        [
            ("sales", [4, 3, 2, 1]),
            ("sales[region=emea]", [3, 1]),
            ("sales[region!=emea]", [4, 2]),
            ("sales[not region=emea]", [4, 2]),
            ("sales[region in (emea, apac)]", [3, 2, 1]),
            ("sales[region=emea,n<10]", [1]),
            ("sales[n>=10]", [3, 2]),
            ("sales[n>9007199254740992]", [2]),  # which is the nearest float of one more
            ("sales[n<=9007199254740992]", [3, 1]),
            ("sales[not n>9007199254740992]", [4, 3, 1]),
            ("sales[region=EMEA]", []),
            ("sales[none=1]", []),
            ("sales[not none=1]", [4, 3, 2, 1]),
            ("sales[region=emea]@1", [1]),
            ("sales[region=apac]@1", []),
            ("sales@latest", [4, 3, 2, 1]),
        ],
    )
    def test_clauses(self, make: Maker, ask: Ask[Any], text: str, versions: list[int]) -> None:
        """Clauses hold by declared type; the newest that meets them is meant."""
        for region, n in (("emea", "9"), ("apac", "9007199254740993"), ("emea", "1e3")):
            make.emit("sales", partitions={"region": region, "n": n})
        make.emit("sales")
        query = _query(text, types={"n": "int"})
        assert [v.version for v in ask(lambda view: view.versions(query))] == versions
        found = ask(lambda view: view.resolve(query))
        assert (found.version if found else None) == (versions[0] if versions else None)

    @pytest.mark.parametrize("text", ["sales", "sales[region=emea]", "sales[region=emea,n=9]"])
    def test_below_a_number(self, make: Maker, ask: Ask[Any], text: str) -> None:
        """Only versions of smaller numbers are meant, however the query is looked up."""
        for region in ("emea", "apac", "emea", "emea"):
            make.emit("sales", partitions={"region": region, "n": "9"})
        make.mark(make.emit("sales", partitions={"region": "emea", "n": "9"}), "yank", reason="")
        for below in (6, 4, 3, 1):
            query = _query(text, below=below)
            found = [v.version for v in ask(methodcaller("versions", query))]
            assert found == [n for n in (4, 3, 2, 1) if n < below and (n != 2 or text == "sales")]
        assert ask(lambda view: view.resolve(_query(text, below=4))).version == 3

    def test_untyped_values_order_as_text(self, make: Maker, ask: Ask[Any]) -> None:
        """Without a declared type `10` stands before `9`."""
        for n in ("9", "10"):
            make.emit("sales", partitions={"n": n})
        query = _query("sales[n<5]")
        assert [v.version for v in ask(lambda view: view.versions(query))] == [2]

    def test_the_newest_by_time(self, make: Maker, ask: Ask[Any]) -> None:
        """`latest` by time partition, then commit order; what has none comes last."""
        for day in (2, 3, 3, 1, None):
            when = datetime(2026, 1, day, tzinfo=UTC) if day else None
            make.emit("sales", time_partition=when)
        by_time = Query(name="sales", project="p", latest="time_partition")
        assert ask(lambda view: view.resolve(by_time)).version == 3
        clause = Clause("time", "<", ("2026-01-02",))
        early = Query(
            name="sales",
            project="p",
            clauses=(clause,),
            latest="time_partition",
            types={"time": "datetime"},
        )
        assert ask(lambda view: view.resolve(early)).version == 4
        assert ask(lambda view: view.resolve(_query())).version == 5

    def test_declarations(self, make: Maker, ask: Ask[Any]) -> None:
        """The newest declaration of each name, by project and name, however it is spelled."""
        make.declare("sales")
        second = make.declare("Sales", types={"n": "int"}, description="All of them")
        costs = make.declare("costs")
        make.project = "a"
        other = make.declare("sales")
        assert second.version == 2
        assert ask(lambda view: view.declaration("p", "SALES")) == second
        assert ask(lambda view: view.declaration("p", "none")) is None
        assert ask(lambda view: view.declarations("p")) == [costs, second]
        assert ask(lambda view: view.declarations()) == [other, costs, second]

    def test_names_are_completed(self, make: Maker, catalog: Catalog) -> None:
        """Names that were declared or emitted, by prefix, case aside, sorted."""
        make.emit("Sales")
        make.declare("salt")
        make.emit("costs")
        make.project = "q"
        make.emit("salary")
        assert catalog.names() == ["Sales", "costs", "salary", "salt"]
        assert catalog.names("SAL") == ["Sales", "salary", "salt"]
        assert catalog.names("sal", "p") == ["Sales", "salt"]
        assert catalog.names("x") == []

    def test_partition_values_are_completed(self, make: Maker, catalog: Catalog) -> None:
        """The values that a key of a name has had, each once, sorted; time is a key."""
        for region in ("emea", "apac", "emea"):
            make.emit("sales", partitions={"region": region})
        make.emit("sales", state="draft", time_partition=datetime(2026, 1, 1, tzinfo=UTC))
        make.emit("costs", partitions={"region": "amer"})
        assert catalog.partition_keys() == ["region", "time"]
        assert catalog.partition_values("p", "SALES", "region") == ["apac", "emea"]
        assert catalog.partition_values("p", "sales", "time") == ["2026-01-01"]
        assert catalog.partition_values("p", "sales", "none") == []
        make.emit("sales", partitions={"region": "amer"})
        make.emit("other", partitions={"region": "aaa"})
        assert catalog.partition_values("p", "sales", "region", "a") == ["amer", "apac"]
        assert catalog.partition_values("p", "sales", "region", "a", 1) == ["amer"]
        assert catalog.partition_values("p", "sales", "region", "x") == []
        assert catalog.partition_values("q", "sales", "region") == []

    def test_types_are_told_and_looked_for(self, make: Maker, catalog: Catalog) -> None:
        """Each class that was recorded, once, sorted; what is of some of them, the newest first."""
        for name, value in (("a", 1), ("b", "x"), ("c", 2), ("d", 1.5)):
            make.emit(name, payload=_plain(value))
        assert catalog.type_names() == ["float", "int", "str"]
        found, _, total = catalog.search(OfTypes(("int", "float", "none")))
        assert [version.name for version in found] == ["d", "c", "a"]
        assert total == 3
        assert catalog.search(OfTypes(()))[2] == 0
