"""The cell that gives a run its inputs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heirloom as hl
from heirloom.engine.injection import Injection
from heirloom.engine.notebook import NotebookWorkflow
from heirloom.engine.slots import Slot
from heirloom.errors import InputError, NotFound, UnsafeRead

Write = Callable[..., Path]
RUN = "0123456789abcdef"


def cells(workflow: NotebookWorkflow, **given: Any) -> list[dict[str, Any]]:
    """The cells that a run with these inputs would execute."""
    runner = hl.current().runner
    wanted = runner.resolver.wanted(workflow.interface, given, defaults=workflow.defaults)
    slots: dict[str, Slot] = runner.resolver.settle(runner.recorder.catalog.view(), wanted, {})
    injection = Injection(workflow.parameters, runner.payloads, RUN)
    return injection.cells(workflow.closure.cells, slots)


def injected(write: Write, text: str, **given: Any) -> list[str]:
    """The lines that follow the comment in the injected cell."""
    workflow = hl.notebook_workflow(write("book", (text, "parameters"), "last"))
    first, cell, last = cells(workflow, **given)
    assert first["metadata"]["tags"] == ["parameters"]
    assert cell["metadata"]["tags"] == ["injected-parameters"]
    assert last["source"] == "last"
    source = str(cell["source"])
    comment, *lines = source.split("\n")
    assert comment == "# Injected by Heirloom"
    return lines


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (3, ["x = 3"]),
        ("it's", ['x = "it\'s"']),
        (None, ["x = None"]),
        ([1, (2, {"a": b"3"})], ["x = [1, (2, {'a': b'3'})]"]),
        (float("nan"), ["x = float('nan')"]),
        (date(2026, 1, 31), ["import datetime as _datetime", "x = _datetime.date(2026, 1, 31)"]),
        (Decimal("1.5"), ["import decimal as _decimal", "x = _decimal.Decimal('1.5')"]),
    ],
)
def test_plain(write: Write, value: Any, lines: list[str]) -> None:
    """A plain value is written as an expression that makes an equal one."""
    assert injected(write, "x = None", x=value) == lines


def test_no_literal(write: Write) -> None:
    """A value that has no text is read from the run's record, where its payload is."""
    lines = injected(write, "x = None", x=np.arange(3))
    recorded = f"hl.execution(\"{RUN}\").inputs['x']"
    assert lines == ["import heirloom as hl", f"x = hl.current().peek({recorded})"]


def test_all_inputs(write: Write) -> None:
    """Every input is injected, given or not, so that the copy says what it ran with."""
    assert injected(write, "a = 1\nb = 2", b=5) == ["a = 1", "b = 5"]


@pytest.mark.parametrize(
    ("annotation", "expression"),
    [
        ("dict", 'hl.pull("REF")'),
        ("object", 'hl.pull("REF", as_=object)'),
        ("Unheard", 'hl.pull("REF")'),
        ("dict | None", 'hl.pull("REF")'),
        ("hl.Ref", 'hl.ref("REF")'),
        ("hl.Ref | None", 'hl.ref("REF")'),
        ("hl.ArtifactVersion", 'hl.get("REF")'),
        ("str", '"REF"'),
    ],
)
def test_version(write: Write, annotation: str, expression: str) -> None:
    """A version is given in the form that the annotation asks for, always pinned."""
    hl.publish({"a": 1}, "sales")
    hl.publish({"a": 2}, "sales")
    given = hl.get("sales@1")
    lines = injected(write, f"import heirloom as hl\nx: {annotation} = None", x=given)
    line = f"x = {expression.replace('REF', given.ref)}"
    assert lines == (["import heirloom as hl", line] if "hl." in line else [line])


def test_text_version(write: Write) -> None:
    """A version that is text is given to a `str` as its text."""
    hl.publish("hello", "note")
    lines = injected(write, "x: str = None", x=hl.get("note"))
    assert lines[-1] == 'x = hl.pull("heirloom://default/note@1")'


def test_default_forms(write: Write) -> None:
    """Without annotation a name is bound to what the notebook's own line binds it to."""
    hl.publish({"a": 1}, "sales")
    source = "import heirloom\na = heirloom.ref('sales')\nb = heirloom.get('sales')"
    ref = "heirloom://default/sales@1"
    assert injected(write, source) == [
        "import heirloom",
        f'a = heirloom.ref("{ref}")',
        f'b = heirloom.get("{ref}")',
    ]


def test_pull_is_repeated(write: Write) -> None:
    """A default that pulls is repeated with the pinned version, and its own line does not run."""
    hl.publish({"a": 1}, "sales[region=emea]")
    source = "import heirloom as hl\nx = hl.pull(\n    'sales', region='emea', as_=dict)\ny = 1"
    workflow = hl.notebook_workflow(write("book", (source, "parameters")))
    first, cell = cells(workflow)
    assert first["source"].split("\n") == [
        "import heirloom as hl",
        "# x = hl.pull(",
        "#     'sales', region='emea', as_=dict)",
        "y = 1",
    ]
    assert "x = hl.pull('heirloom://default/sales@1', as_=dict)" in cell["source"]
    assert workflow.closure.cells[0]["source"] == source


def test_the_line_that_pulls_is_counted_as_python_counts(write: Write) -> None:
    """Whatever ends the lines of a cell, the one that would read another version does not run."""
    hl.publish({"a": 1}, "sales")
    source = "import heirloom as hl\rx = hl.pull('sales')\ry = 1"
    first, _ = cells(hl.notebook_workflow(write("book", (source, "parameters"))))
    assert first["source"] == "import heirloom as hl\r# x = hl.pull('sales')\ry = 1"


def test_name_taken(write: Write) -> None:
    """Where ``hl`` is another library, the injected cell leaves it alone."""
    hl.publish({"a": 1}, "sales")
    source = "import hail as hl\nfrom heirloom import ref\nx: dict = ref('sales')"
    assert injected(write, source) == [
        "import heirloom",
        'x = heirloom.pull("heirloom://default/sales@1")',
    ]


def test_unmet_optional(write: Write) -> None:
    """An optional input whose query finds nothing is `None`."""
    hl.publish({"a": 1}, "sales[region=emea]")
    source = "import heirloom as hl\nx: dict | None = hl.ref('sales[region=apac]')"
    assert injected(write, source) == ["x = None"]


def test_no_inputs(write: Write) -> None:
    """Without inputs nothing is injected."""
    workflow = hl.notebook_workflow(write("book", ("import os", "parameters")))
    assert cells(workflow) == workflow.closure.cells


def test_pickled(write: Write) -> None:
    """A pickled version is not read for a notebook that does not say that it may be."""
    hl.publish({"a": 1}, "sales", format="pickle")
    with pytest.raises(UnsafeRead, match=r"Input 'x' is .*pickled.*Write x: hl\.Ref"):
        injected(write, "import heirloom as hl\nx: dict = hl.ref('sales')")
    allowed = "import heirloom as hl\nx = hl.pull('sales', allow_pickle=True)"
    assert injected(write, allowed)[-1] == (
        "x = hl.pull('heirloom://default/sales@1', allow_pickle=True)"
    )


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"x": "three"}, InputError, "Input 'x' of 'book' takes int; got str 'three'."),
        ({"x": hl.Ref("nothing")}, NotFound, "No artifact named 'nothing'"),
        ({"y": 1}, InputError, "'book' has no input 'y'."),
        ({"any": object()}, InputError, "Input 'any' of notebook 'book' is a builtins.object"),
    ],
)
def test_refused(write: Write, given: dict[str, Any], error: type[Exception], says: str) -> None:
    """What cannot be given is one line before a kernel starts, and nothing is recorded."""
    path = write("book", ("x: int = 3\nany = None", "parameters"))
    with pytest.raises(error, match=None) as caught:
        hl.run(path, given)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert hl.executions() == []


def test_unknown_kernel(write: Write) -> None:
    """A kernel that is not installed is told with those that are; nothing is recorded."""
    path = write("book", "1", kernelspec={"name": "pithon3", "display_name": "?"})
    with pytest.raises(NotFound, match=r"No kernel named 'pithon3' is installed.*python3"):
        hl.run(path)
    assert hl.executions() == []


def test_members_are_read_from_the_record(write: Write, tmp_path: Path) -> None:
    """A list of files, or of frames, is read as it was recorded, not where the caller has it."""
    (tmp_path / "a.txt").write_text("x")
    given = [hl.File(tmp_path / "a.txt"), hl.File(tmp_path / "a.txt", link=True)]
    read = f"x = hl.current().peek(hl.execution(\"{RUN}\").inputs['x'])"
    assert injected(write, "import heirloom as hl\nx = None", x=given)[-1] == read
