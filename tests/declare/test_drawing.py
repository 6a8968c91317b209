"""What a declaration shows of itself in a notebook: Mermaid, and a picture without a library."""

from __future__ import annotations

import re
from typing import Annotated, Any
from xml.etree import ElementTree

import pytest

from heirloom import Artifact, dynamic, map_task, task, workflow
from heirloom.render import flow

hostile = Artifact("hostile", ["x"])
made = Artifact("made", [])
_QUERY = hostile.query(x='<img src="q">')


@task
def load(path: str) -> list[int]:
    """Numbers."""
    return [len(path)]


@task
def total(rows: list[int]) -> Annotated[int, made]:
    """Their sum."""
    return sum(rows)


@task
def twice(x: int) -> int:
    """A product."""
    return 2 * x


@dynamic
def spread(n: int) -> list[int]:
    """As many as it is told."""
    return [twice(x=each) for each in range(n)]


@workflow
def whole(n: int, path: Any = _QUERY) -> tuple[int, list[int]]:
    """All of it."""
    return total(rows=load(path=path)), map_task(twice)(x=spread(n=n))


def test_a_workflow_as_mermaid() -> None:
    """Inputs with their defaults, calls with their kinds and artifacts, outputs, arrows."""
    assert whole.drawing.to_mermaid().splitlines() == [
        "flowchart LR",
        '    n0(["n: int"])',
        '    n1(["path<br/>= hostile[x=#quot;#lt;img src=\\#quot;q\\#quot;#gt;#quot;]"])',
        '    n2["load"]',
        '    n3["total<br/>→ made"]',
        '    n4["spread<br/>dynamic workflow"]',
        '    n5["twice<br/>map"]',
        '    n6(["int"])',
        '    n7(["list[int]"])',
        "    n1 --> n2",
        "    n2 --> n3",
        "    n0 --> n4",
        "    n4 --> n5",
        "    n3 --> n6",
        "    n5 --> n7",
    ]


@pytest.mark.parametrize("target", [whole, spread, twice, map_task(twice)])
def test_each_kind_shows_itself(target: object) -> None:
    """Text, Mermaid and SVG; the picture is whole, and no user's text is markup in it."""
    shown = target._repr_mimebundle_()  # type: ignore[attr-defined]
    assert shown["text/plain"] == repr(target)
    assert shown["text/vnd.mermaid"].startswith("flowchart LR\n")
    picture = ElementTree.fromstring(shown["text/html"])
    assert {each.tag.rpartition("}")[2] for each in picture.iter()} <= {
        *("svg", "g", "rect", "path", "text", "title")
    }
    links = re.findall(r"https?://[^\"]*", shown["text/html"])
    assert links == ["http://www.w3.org/2000/svg"]


def test_an_output_that_emits_is_named_by_its_artifact() -> None:
    """An output is drawn as what it becomes, each member of a container too."""

    @task
    def parts() -> tuple[Annotated[int, made], list[Annotated[int, hostile]]]:
        return 1, [2]

    titles = [(box.title, box.sub) for box in parts.drawing.boxes[1:]]
    assert titles[0] == ("made", "int")
    assert titles[1][0] == "each hostile"


def test_boxes_do_not_overlap() -> None:
    """What is called later stands further right, and boxes of one column apart."""
    drawing = whole.drawing
    places = flow._placed(drawing.boxes, drawing.arrows)
    for source, target in drawing.arrows:
        assert places[source][0] + places[source][2] < places[target][0]
    for at, one in enumerate(drawing.boxes):
        for other in drawing.boxes[at + 1 :]:
            (x0, y0, w0), (x1, y1, w1) = places[one.id], places[other.id]
            assert x0 + w0 < x1 or x1 + w1 < x0 or abs(y0 - y1) > flow._HEIGHT


def test_a_workflow_without_anything() -> None:
    """A body that calls nothing and returns nothing is a picture still."""

    @workflow
    def idle() -> None:
        pass

    assert idle.drawing.to_mermaid() == "flowchart LR"
    assert ElementTree.fromstring(idle.drawing.to_svg()).get("aria-label") == "<workflow idle()>"
