"""What a ``parameters`` cell says of a notebook's inputs, told without running it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest

import heirloom as hl
from heirloom.declare.types import spell
from heirloom.engine.notebook import NotebookWorkflow
from heirloom.errors import DeclarationError, InputError, RefError

IMPORTS = (
    "import heirloom as hl\nfrom heirloom import Artifact, File, Ref\nfrom typing import Literal\n"
)


def read(write: Callable[..., Path], source: str) -> NotebookWorkflow:
    """A notebook with these parameters."""
    return hl.notebook_workflow(write("book", (IMPORTS + source, "parameters")))


@pytest.mark.parametrize(
    ("line", "kind", "default"),
    [
        ("n: int = 3", int, 3),
        ("n = 3", int, 3),
        ("rate: float = 1", float, 1),
        ("n = -60 * 60", int, -3600),
        ("who = 'you'", str, "you"),
        ("names = ['a', ('b', 1.5)]", list, ["a", ("b", 1.5)]),
        ("options = {'deep': {1, 2}}", dict, {"deep": {1, 2}}),
        ("n: int = None", int | None, None),
        ("n = None", Any, None),
        ("mode: Literal['a', 'b'] = 'a'", Literal["a", "b"], "a"),
        ("import datetime as dt\nday = dt.date(2026, 1, 31)", date, date(2026, 1, 31)),
        ("uri = 'heirloom://p/sales@7'", str, "heirloom://p/sales@7"),
    ],
)
def test_constants(write: Callable[..., Path], line: str, kind: Any, default: Any) -> None:
    """An input has its annotation's type, else its default's."""
    (spec,) = read(write, line).interface.inputs.values()
    assert spec.type == kind
    assert spec.default == default
    assert type(spec.default) is type(default)


@pytest.mark.parametrize(
    ("line", "kind", "asks"),
    [
        ("x = hl.ref('sales[region=emea]')", hl.Ref, "sales[region=emea]"),
        ("x: Ref = hl.ref('sales')", hl.Ref, "sales"),
        ("x = hl.get('sales@7')", hl.ArtifactVersion, "sales@7"),
        ("x = hl.pull('sales', region='emea', as_=dict)", Any, "sales[region=emea]"),
        ("x: dict = Artifact('sales')", dict, "sales"),
        ("x: dict = Artifact('sales').query(region='emea')", dict, "sales[region=emea]"),
        (
            "sales = Artifact('sales', ['day'])\nx: dict = sales.query(day=hl.between(1, 2))",
            dict,
            "sales[day>=1,day<=2]",
        ),
        ("x = hl.Artifact('sales').query().per('region')", list, "sales per region"),
        ("y = 'emea'\nx: dict = hl.Artifact('sales').query(region=hl.Inputs.y)", dict, None),
    ],
)
def test_versions(write: Callable[..., Path], line: str, kind: Any, asks: str | None) -> None:
    """A ref, a query or a pull as a default is a query, asked when the notebook runs."""
    spec = read(write, line).interface.inputs["x"]
    assert spec.type == kind
    assert isinstance(spec.default, hl.Query)
    assert asks is None or str(spec.default) == asks


def test_artifact_declared_before(write: Callable[..., Path]) -> None:
    """A default may query an artifact that an earlier cell declares."""
    path = write(
        "book",
        "from heirloom import Artifact as A\nsales = A('sales', ['region'])",
        ("raw = sales.query(region='emea')", "parameters"),
    )
    assert str(hl.notebook_workflow(path).defaults["raw"]) == "sales[region=emea]"


def test_required(write: Callable[..., Path]) -> None:
    """An annotation without a default is an input that must be given."""
    workflow = read(write, "n: int")
    assert workflow.defaults == {}
    with pytest.raises(InputError, match=r"'book' needs input 'n' \(int\)"):
        hl.run(workflow)


@pytest.mark.parametrize(
    "line",
    [
        "_private = 1",
        "x = compute()",
        "x = hl.Artifact('sales')",
        "a, b = 1, 2",
        "x += 1",
        "import os",
        "if True:\n    x = 1",
        "x = 1\nx = compute()",
    ],
)
def test_no_input(write: Callable[..., Path], line: str) -> None:
    """What is private, only running would tell, or is no plain assignment is no input."""
    assert read(write, line).interface.inputs == {}


def test_first_cell_counts(write: Callable[..., Path]) -> None:
    """Only the first cell tagged ``parameters`` gives inputs; lines of magics are passed over."""
    path = write(
        "book",
        ("%load_ext heirloom\nn = 1\n!ls", "parameters"),
        ("m = 1", "parameters"),
    )
    assert list(hl.notebook_workflow(path).interface.inputs) == ["n"]


def test_no_parameters(write: Callable[..., Path]) -> None:
    """A notebook without such a cell takes nothing, and says so."""
    with pytest.raises(InputError, match="'book' has no input 'n'"):
        hl.run(write("book", "n = 1"), n=2)


def test_class_is_imported_when_needed(write: Callable[..., Path]) -> None:
    """An annotation's module is imported when a value is held against it, not by reading."""
    workflow = read(write, "import fractions as fr\nhalf: fr.Fraction")
    kept = sys.modules.pop("fractions", None)
    try:
        assert "fractions" not in sys.modules
        spec = workflow.interface.inputs["half"]
        assert spell(spec.type) == "fractions.Fraction"
        with pytest.raises(InputError, match=r"takes fractions.Fraction; got int 2"):
            spec.check(2, "book")
        spec.check(sys.modules["fractions"].Fraction(1, 2), "book")
    finally:
        if kept is not None:
            sys.modules["fractions"] = kept


def test_own_module_is_not_imported(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class of the user's own module takes any value until something else loads the module."""
    (tmp_path / "mine_here.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(tmp_path)
    workflow = read(write, "from mine_here import Model\nmodel: Model")
    workflow.interface.inputs["model"].check(5, "book")
    assert "mine_here" not in sys.modules


@pytest.mark.parametrize(
    ("line", "error", "says"),
    [
        ("n: int = 'three'", InputError, "Input 'n' of 'book' takes int; got str 'three'."),
        ("x = hl.ref('sales[region')", RefError, "(at 13: sales[region▸)"),
        ("n = = 1", DeclarationError, "The parameters of 'book' are no Python"),
        ("x = Artifact('7sales')", DeclarationError, "'7sales' is no name"),
    ],
)
def test_bad(write: Callable[..., Path], line: str, error: type[Exception], says: str) -> None:
    """What cannot stand is one line when the notebook is read."""
    with pytest.raises(error) as caught:
        read(write, line)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_names_a_version_may_be_any(write: Callable[..., Path]) -> None:
    """The form offers every version, its query's artifact first; a typed input only what fits."""
    for value, name in ((1, "sales"), ({"a": 1}, "sales"), ("x", "other")):
        hl.publish(value, name)
    lines = "import heirloom as hl\nraw: hl.Ref = hl.Artifact('sales')\nn: int = 3"
    form = hl.launch_form(write("book", (lines, "parameters"), "raw"))
    offered = [[version.label for version in field.versions] for field in form.fields]
    assert offered == [["sales@2", "sales@1", "other@1"], ["sales@1"]]
