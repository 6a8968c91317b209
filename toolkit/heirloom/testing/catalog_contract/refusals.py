"""What a catalog refuses, and that it is then as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from heirloom.catalog.batch import Batch
from heirloom.catalog.protocol import Catalog, View
from heirloom.errors import CatalogError, InputError
from heirloom.testing.catalog_contract.given import Given, everything
from heirloom.testing.maker import Maker

__all__ = ["Refusals"]

_RUN = "0123456789abcdef"


class Refusals(Given):
    """One error in one line, and nothing written of the whole batch."""

    def _refused(self, make: Maker, error: type[Exception], match: str, **records: Any) -> None:
        catalog = make.catalog
        before = everything(catalog)
        with pytest.raises(error, match=match) as caught:
            make.write(executions=[make.execution()], **records)
        assert "\n" not in str(caught.value)
        assert everything(catalog) == before
        assert make.emit("later").version == 1

    def test_numbering_needs_a_commit(self, make: Maker, catalog: Catalog) -> None:
        """Outside a commit nothing is numbered."""
        with pytest.raises(CatalogError, match="only inside a commit"):
            catalog.view().number(make.emission("sales"))

    @pytest.mark.parametrize("number", [0, 1, 3])
    def test_a_number_that_is_not_the_next(self, make: Maker, number: int) -> None:
        """A version that is not the next of its name is refused."""
        make.emit("sales")
        wrong = make.emission("sales").numbered(number)
        self._refused(make, CatalogError, "next version", versions=[wrong])

    def test_a_gap_inside_one_batch(self, make: Maker) -> None:
        """Numbers that leave one out are refused, though the first would do."""
        versions = [make.emission("sales").numbered(number) for number in (1, 3)]
        self._refused(make, CatalogError, "next version", versions=versions)

    def test_a_known_emission(self, make: Maker) -> None:
        """A second version of an emission key is refused, in one batch as well."""
        make.emit("sales", run=_RUN)
        again = make.emission("sales", run=_RUN).numbered(2)
        self._refused(make, CatalogError, "already", versions=[again])
        twice = [make.emission("costs", run="b" * 16).numbered(number) for number in (1, 2)]
        with pytest.raises(CatalogError, match="already"):
            make.write(versions=twice)

    def test_a_known_version_of_a_plan(self, make: Maker) -> None:
        """A version of a plan is registered once."""
        make.write(plans=[make.plan("p1")])
        self._refused(make, CatalogError, "already", plans=[make.plan("p1")])

    def test_a_declaration_that_is_not_the_next(self, make: Maker) -> None:
        """A declaration that is not the next of its name, however spelled, is refused."""
        made = make.declare("sales")
        wrong = replace(made, name="SALES")
        self._refused(make, CatalogError, "next version", declarations=[wrong])

    def test_a_mark_on_nothing(self, make: Maker) -> None:
        """A mark on a version that is not there is refused; one of the same batch is there."""
        known = make.emit("sales")
        make.mark(known, "note", text="fine")
        absent = make.marks(known.numbered(2), "note", text="of nothing")
        self._refused(make, CatalogError, "no sales@2", marks=[absent])
        made = make.emission("sales").numbered(2)
        make.write(versions=[made], marks=[absent])
        found = make.catalog.view().version("p", "sales", 2)
        assert found is not None
        assert found.notes == ("of nothing",)

    @pytest.mark.parametrize(
        "value",
        [
            float("nan"),
            [1, {"a": float("inf")}],
            1 << 64,
            "half \ud800",
            {1: 2},
            object(),
            "x" * 1_000_001,
        ],
        ids=["nan", "infinity", "65 bits", "half a pair", "key", "object", "a megabyte"],
    )
    def test_what_json_cannot_hold(self, make: Maker, value: Any) -> None:
        """A record that does not read back equal is refused."""
        hostile = make.emission("sales", value).numbered(1)
        self._refused(make, InputError, "record", versions=[hostile])

    def test_a_record_that_nests_too_deep(self, make: Maker) -> None:
        """A record nests 64 deep at most."""
        deep: Any = 1
        for _ in range(70):
            deep = [deep]
        hostile = make.emission("sales", deep).numbered(1)
        self._refused(make, InputError, "deeper", versions=[hostile])

    @pytest.mark.parametrize(
        "value", [None, 'a\nb\r\u2028\u0085{"c":', "\x00", -(1 << 63), 1e308, "null", [None, 0.1]]
    )
    def test_odd_values_come_back(self, make: Maker, other: Catalog, value: Any) -> None:
        """Every value that JSON holds comes back equal, its type included."""
        make.emit("sales", value)
        found = other.view().version("p", "sales", 1)
        assert found is not None
        assert repr(found.payload.value) == repr(value)

    def test_a_commit_inside_a_commit(self, make: Maker, catalog: Catalog) -> None:
        """A commit begun inside one raises instead of waiting for itself; both write nothing."""

        def prepare(view: View) -> Batch:
            make.write(executions=[make.execution()])
            return Batch()

        with pytest.raises(CatalogError, match="inside a commit"):
            catalog.commit(prepare)
        assert catalog.view().executions() == []
        assert make.emit("sales").version == 1

    def test_a_record_is_the_callers_own(self, make: Maker, catalog: Catalog) -> None:
        """What is done to a record that was given or found changes nothing in the catalog."""
        value = {"a": [1]}
        make.emit("sales", value)
        value["a"].append(2)
        for _ in range(2):
            found = catalog.view().version("p", "sales", 1)
            assert found is not None
            assert found.payload.value == {"a": [1]}
            found.payload.value["a"].append(3)
