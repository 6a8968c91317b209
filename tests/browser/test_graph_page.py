"""The lineage graph in a real JupyterLab: steps, folds, times, colours, and what it exports."""

from __future__ import annotations

import os
import re
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from tests.browser.beside import elsewhere, turn_to

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Window

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

DARK = "JupyterLab Dark"
READERS = """
import heirloom as hl
from heirloom_widgets import Explorer, Graph

@hl.task
def review(model: dict) -> str:
    return "fine"

for _ in range(12):
    hl.run(review, model=hl.get("blessed_model@3"))
"""
GRAPH = "graph = Graph('blessed_model@3', height='420px')\ngraph"
LONG = """
from typing import Annotated
import heirloom as hl
from heirloom_widgets import Graph

def define(i):
    name = f"team-{i}/" + "measurements-of-everything-that-was-seen-" * 3 + str(i)
    made = hl.Artifact(name, ["a_key_with_a_long_name"])
    def step(before: int):
        return made.create_from(before + 1, a_key_with_a_long_name="v" * 90)
    step.__annotations__["return"] = Annotated[int, made]
    step.__name__ = step.__qualname__ = f"a_step_with_a_name_that_goes_on_and_on_and_on_{i}"
    return hl.task(step)

versions = [hl.publish(1, "start")]
for i in range(1, 20):
    run = hl.run(define(i), before=versions[(i - 1) // 2])
    versions.append(run.outputs["o0"])
"""
LABELS = """(box) => {
  const found = [], plain = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const size = this.measureText(text), at = this.getTransform();
    const p = (x, y) => new DOMPoint(x, y).matrixTransform(at);
    const low = p(x, y - size.actualBoundingBoxAscent);
    const high = p(x + size.width, y + size.actualBoundingBoxDescent);
    found.push({ text, x0: low.x, y0: low.y, x1: high.x, y1: high.y });
    plain.call(this, text, x, y);
  };
  try { box.__network.redraw(); } finally { CanvasRenderingContext2D.prototype.fillText = plain; }
  return found;
}"""
NODES = """(box) => {
  const ratio = window.devicePixelRatio || 1;
  const p = (x, y) => box.__network.canvasToDOM({ x, y });
  const nodes = box.__network.body.data.nodes.get().filter((node) => node.kind !== 'via');
  return nodes.map(({ x, y, w, h }) => {
    const [low, high] = [p(x - w / 2, y - h / 2), p(x + w / 2, y + h / 2)];
    return { x0: low.x * ratio, y0: low.y * ratio, x1: high.x * ratio, y1: high.y * ratio };
  });
}"""
EXPLORER = "from heirloom_widgets import Explorer\nExplorer('name=blessed_model')"


def test_the_graph_opens_folds_looks_back_and_is_exported(
    lab: Lab, window: Window, home: Path, tmp_path: Path
) -> None:
    """By mouse at the nodes' own places: an execution opened and closed, siblings unfolded."""
    page = window.page
    window.run(lab.notebook("steps.ipynb", READERS, GRAPH))
    page.wait_for_selector(".hl-nodes li:has-text('+9 more')")
    page.locator(".hl-bar").first.scroll_into_view_if_needed()
    window.picture("graph-folded.png")

    run = _node(page, "research")
    before = _places(page)
    page.mouse.click(*window.spot(run, 162 / 2 - 24, 0))
    page.wait_for_selector(".hl-nodes li:has-text('clean')")
    clean = _node(page, "clean")
    assert _places(page)[clean] == before[run]
    page.mouse.move(5, 5)
    window.picture("graph-steps.png")
    page.mouse.click(*window.spot(clean, -60, -29 - 12))
    page.wait_for_selector(".hl-nodes li span:text-is('research')")
    assert _places(page) == before

    page.mouse.click(*window.spot(_node(page, "+9 more")))
    page.wait_for_function("() => document.querySelectorAll('.hl-nodes li').length === 19")
    after = _places(page)
    assert {key: after[key] for key in before if key in after} == {
        key: spot for key, spot in before.items() if not key.startswith("fold:")
    }

    page.get_by_label("Colours").select_option("state")
    page.wait_for_selector(".hl-legend span:has-text('succeeded')")
    made = elsewhere(home, "hl.get('blessed_model@3').created_at.isoformat()")
    page.locator(".hl-at").evaluate(
        "(input, at) => { input.value = at; input.dispatchEvent(new Event('change')); }",
        page.evaluate(
            "(iso) => { const t = new Date(new Date(iso).getTime() + 1000); return new Date(t -"
            " t.getTimezoneOffset() * 60000).toISOString().slice(0, 19); }",
            made,
        ),
    )
    page.wait_for_selector(".hl-note:has-text('as of')")
    assert page.locator(".hl-nodes li", has_text="review").count() == 0
    page.get_by_role("button", name="Now", exact=True).click()
    page.wait_for_selector(".hl-nodes li:has-text('review')")

    text = _saved(page, "mermaid", tmp_path).read_text("utf-8")
    assert text.startswith("flowchart LR")
    assert "blessed_model@3" in text
    ElementTree.fromstring(_saved(page, "svg", tmp_path).read_text("utf-8"))
    picture = _saved(page, "png", tmp_path)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000
    html = _saved(page, "html", tmp_path)
    window.command("apputils:change-theme", theme=DARK)
    page.wait_for_selector("body[data-jp-theme-light='false']", state="attached")
    window.picture("graph-dark.png")
    page.goto(html.as_uri())
    page.wait_for_selector("canvas")
    window.picture("graph-page.png")
    assert window.outside == []
    assert window.errors == []


def test_from_the_graph_to_an_execution_and_back_along_the_trail(
    lab: Lab, window: Window, home: Path
) -> None:
    """A second click opens an execution in its own tab; the trail leads back over two centres."""
    page = window.page
    window.run(lab.notebook("trail.ipynb", EXPLORER))
    page.wait_for_selector("tr[data-ref]")
    turn_to(page, "Lineage")
    for name in ("prediction@2", "measurements@3"):
        page.wait_for_selector(f".hl-nodes li:has-text('{name}')")
        page.locator(".hl-nodes li", has_text=name).press("Enter")
        page.wait_for_selector(f".hl-trail b:has-text('{name}')")
    page.get_by_role("button", name="blessed_model@3", exact=True).click()
    page.wait_for_selector(".hl-title:has-text('blessed_model@3')")
    page.wait_for_selector(".hl-trail b:has-text('blessed_model@3')")
    assert page.locator(".hl-trail").inner_text() == "blessed_model@3"
    run = page.locator(".hl-nodes li", has_text="research")
    run.press("Enter")
    page.wait_for_selector(".hl-nodes li[aria-selected='true']:has-text('research')")
    page.get_by_role("button", name="Steps", exact=True).click()
    page.wait_for_selector(".hl-nodes li:has-text('train')")
    step = page.locator(".hl-nodes li", has=page.locator("span", has_text=re.compile("^train$")))
    step.press("Enter")
    page.get_by_role("button", name="Open run", exact=True).click()
    page.wait_for_selector(".hl-runs:visible")
    page.wait_for_selector("[role=tab][aria-selected='true']:has-text('Executions')")
    assert window.errors == []


@pytest.mark.parametrize(
    ("cell", "count"),
    [("Graph(versions[7], up=None, down=0)", 8), ("Graph(versions[0], up=None, down=None)", 40)],
)
def test_no_label_lies_on_another(lab: Lab, window: Window, cell: str, count: int) -> None:
    """Every text is drawn within its own node, however long its name and however many nodes."""
    page = window.page
    window.run(lab.notebook(f"labels{count}.ipynb", LONG, cell))
    page.wait_for_function(
        "(n) => document.querySelectorAll('.hl-nodes li').length === n", arg=count
    )
    page.locator(".hl-bar").first.scroll_into_view_if_needed()
    page.get_by_role("button", name="Fit", exact=True).click()
    page.wait_for_timeout(350)
    labels = page.locator(".hl-canvas").evaluate(LABELS)
    window.picture(f"graph-labels-{count}.png")
    assert len(labels) >= count
    assert [(a["text"], b["text"]) for a, b in combinations(labels, 2) if _meet(a, b)] == []
    nodes = page.locator(".hl-canvas").evaluate(NODES)
    assert [each["text"] for each in labels if not any(_holds(n, each) for n in nodes)] == []


def _meet(a: dict[str, Any], b: dict[str, Any]) -> bool:
    apart = a["x1"] <= b["x0"] or b["x1"] <= a["x0"] or a["y1"] <= b["y0"] or b["y1"] <= a["y0"]
    return not apart


def _holds(node: dict[str, Any], label: dict[str, Any]) -> bool:
    wide = node["x0"] <= label["x0"] and label["x1"] <= node["x1"]
    return bool(wide and node["y0"] <= label["y0"] and label["y1"] <= node["y1"])


def _node(page: Any, name: str) -> str:
    found: str = page.locator(".hl-nodes li", has_text=name).first.get_attribute("data-id")
    return found


def _places(page: Any) -> dict[str, Any]:
    script = "(box) => box.__network.getPositions()"
    found: dict[str, Any] = page.locator(".hl-canvas:visible").first.evaluate(script)
    return {key: spot for key, spot in found.items() if not key.startswith("via:")}


def _saved(page: Any, what: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_label("Export").select_option(what)
    path: Path = folder / download.value.suggested_filename
    download.value.save_as(path)
    if pictures := os.environ.get("HEIRLOOM_PICTURES"):
        download.value.save_as(Path(pictures) / f"saved{path.suffix}")
    return path


def test_the_path_between_two_versions_is_drawn_strong(lab: Lab, window: Window) -> None:
    """Chosen from two lists; told above the canvas, numbered in the list, the rest faint."""
    page = window.page
    cell = "from heirloom_widgets import Graph\ngraph = Graph('blessed_model@3', down=2)\ngraph"
    window.run(lab.notebook("path.ipynb", cell))
    page.wait_for_selector(".hl-nodes li:has-text('prediction@2')")
    page.get_by_label("Path to").select_option(label="prediction@2")
    page.get_by_text("blessed_model@3 → workflow ops_wf → prediction@2 (1 hop)").wait_for()
    steps = page.locator(".hl-nodes li:not(.hl-off)").all_inner_texts()
    assert [step.split()[:2] for step in steps] == [
        *(["1", "blessed_model@3"], ["2", "predict_again"]),
        *(["3", "ops_wf"], ["4", "prediction@2"]),
    ]
    assert page.locator(".hl-nodes li.hl-off", has_text="retrain").count() == 1
    page.mouse.move(2, 900)
    window.picture("path.png", ".jp-OutputArea-output")
    window.command("apputils:change-theme", theme=DARK)
    page.wait_for_selector("body[data-jp-theme-light='false']", state="attached")
    window.picture("path-dark.png", ".jp-OutputArea-output")
    page.get_by_label("Path from").select_option(label="from measurements@3")
    page.get_by_text("measurements@3 → workflow research").wait_for()
    page.get_by_label("Path to").select_option(label="No path")
    page.wait_for_selector(".hl-way", state="hidden")
    assert page.locator(".hl-nodes li.hl-off").count() == 0
    assert window.errors == []


SLOW = """
import threading
import heirloom as hl
from heirloom_widgets import Explorer

gate = threading.Event()

@hl.task
def slowly(model: dict) -> int:
    gate.wait(60)
    return 1

@hl.workflow
def slow(model: dict):
    slowly(model=model)

model = hl.get("blessed_model@3")
threading.Thread(target=lambda: hl.run(slow, model=model)).start()
"""
DRAWN = "() => document.querySelector('.hl-canvas canvas').toDataURL()"


def test_what_runs_pulses_until_it_has_ended(lab: Lab, window: Window) -> None:
    """On the graph and in the list of executions; for who wants no motion a ring stands still."""
    page = window.page
    window.run(lab.notebook("live.ipynb", SLOW, "Explorer('name=blessed_model blessed=true')"))
    turn_to(page, "Lineage")
    page.wait_for_selector(".hl-nodes li:has-text('workflow · running')")
    page.mouse.move(2, 900)
    window.picture("live.png")
    before = page.evaluate(DRAWN)
    page.wait_for_function(f"(before) => ({DRAWN})() !== before", arg=before)
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_timeout(300)
    before = page.evaluate(DRAWN)
    page.wait_for_timeout(300)
    assert page.evaluate(DRAWN) == before
    turn_to(page, "Executions")
    live = "() => getComputedStyle(document.querySelector('.hl-live')).animationName"
    page.get_by_role("radio", name="All recent").click()
    page.wait_for_selector(".hl-live")
    assert page.evaluate(live) == "none"
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(live) == "hl-live"
    window.picture("live-list.png")
    window.python("gate.set()")
    page.wait_for_selector(".hl-runlist li:has-text('slow') :text('succeeded')")
    page.wait_for_selector(".hl-live", state="detached")
    assert window.errors == []
