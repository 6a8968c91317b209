"""The cell that made a version: which it is, what it was, and whether it has changed since."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom import errors
from heirloom.engine.anchors import Anchor


def anchor(ref: str) -> Anchor:
    """The anchor of a version, which has one."""
    found = hl.anchor(ref)
    assert found is not None
    return found


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the front end says that the notebook is; nothing is there yet."""
    path = tmp_path / "sales.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    return path


def saved(file: Path, *, at: float, **cells: str) -> None:
    """Write the notebook, its cells by id, as if at that time from now."""
    made = [{"id": id, "cell_type": "code", "source": text} for id, text in cells.items()]
    file.write_text(json.dumps({"cells": made}))
    when = hl.get("total").created_at.timestamp() + at
    os.utime(file, (when, when))


def test_a_cell_that_nobody_told_of(notebook: Any) -> None:
    """Its text is known, and nothing is claimed of what it is now."""
    notebook.run("%%artifact total\n42")

    found = anchor("total")
    assert (found.notebook, found.cell, found.source) == (None, None, "%%artifact total\n42")
    assert (found.changed, found.diff) == (None, "")
    assert repr(found) == "<cell ?>"


def test_a_cell_that_the_front_end_told(notebook: Any, file: Path) -> None:
    """Notebook and id; it has not changed until it runs with another text, then the diff says."""
    notebook.run("%%artifact total\n42", id="c1")
    assert repr(anchor("total")) == f"<cell c1 of {file.name}, not changed since>"

    notebook.run("%%artifact total\n43", id="c1")
    first = anchor("total@1")
    assert (first.changed, first.known_by) == (True, "kernel")
    assert first.diff.splitlines()[-2:] == ["-42", "+43"]
    assert anchor("total@2").changed is False


def test_a_cell_that_failed_to_run_has_changed_too(notebook: Any, file: Path) -> None:
    """What the kernel saw last counts, whatever came of it."""
    notebook.run("%%artifact total\n42", id="c1")
    with pytest.raises(SyntaxError):
        notebook.run("%%artifact total\n42 +", id="c1")
    assert anchor("total").changed is True


def test_the_notebooks_file_where_it_is_later(notebook: Any, file: Path) -> None:
    """An edited cell that was saved and not run has changed; an older file says nothing."""
    notebook.run("%%artifact total\n42", id="c1")
    saved(file, at=-60, c1="%%artifact total\n41")
    assert anchor("total").changed is False

    saved(file, at=60, c1="%%artifact total\n# edited\n42")
    found = anchor("total")
    assert (found.changed, found.known_by) == (True, "file")
    assert "+# edited" in found.diff

    saved(file, at=90, other="1")
    assert repr(anchor("total")) == f"<cell c1 of {file.name}, gone from the notebook>"


CHAIN = {
    "c1": "%%artifact sales\n40",
    "c2": "rate = 2",
    "c3": "%%artifact rates --from sales\nsales + rate",
    "c4": "%%artifact total --from rates\nrates * 10",
}


def test_cells_behind_it_that_were_edited_and_not_run(notebook: Any, file: Path) -> None:
    """Those that made its ancestors, however far, and the ordinary ones between them.

    Once they ran, there are none: then it is a newer version that the next run makes.
    """
    for id, text in CHAIN.items():
        notebook.run(text, id=id)
    saved(file, at=60, **CHAIN)
    assert anchor("total").behind == ()
    notebook.run("rate = hl.pull('sales') and 3", id="c2")  # so it stands between
    notebook.run("%%artifact rates\nrate", id="c3")
    notebook.run(CHAIN["c4"], id="c4")

    edited = {"c1": "%%artifact sales\n41", "c2": "rate = 4", "c3": "%%artifact rates\nrate"}
    saved(file, at=60, **CHAIN | edited)
    assert anchor("total").behind == ("c2", "c1")
    assert repr(anchor("total")) == (
        f"<cell c4 of {file.name}, not changed since; behind it c2, c1 edited and not run>"
    )
    notebook.run(CHAIN["c4"] + " + 1", id="c5")
    assert notebook.notice.endswith("read rates@2 · edited and not run: c2, c1")
    for id in ("c1", "c2"):
        notebook.run(edited[id], id=id)
    saved(file, at=-60, **CHAIN | edited)
    assert anchor("total").behind == ()


def test_cells_behind_it_that_another_kernel_ran(
    notebook: Any, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text that is recorded has run; of an ordinary cell nothing is claimed."""
    for id, text in CHAIN.items():
        notebook.run(text, id=id)
    monkeypatch.setattr("heirloom.engine.anchors._SEEN", {})
    saved(file, at=60, **CHAIN | {"c2": "rate = 3", "c4": "changed"})
    assert anchor("total").behind == ()
    saved(file, at=60, **CHAIN | {"c1": "%%artifact sales\n41", "c3": "7"})
    assert anchor("total").behind == ("c3", "c1")
    saved(file, at=60, c4=CHAIN["c4"])
    assert anchor("total").behind == ()


@pytest.mark.parametrize("text", ["", "{", '{"cells": 1}', '{"cells": [{"source": "x"}]}', "[]"])
def test_a_file_that_tells_nothing(notebook: Any, file: Path, text: str) -> None:
    """One that is no notebook, or whose cells have no ids, leaves what the kernel knows."""
    notebook.run("%%artifact total\n42", id="c1")
    file.write_text(text)
    os.utime(file, (2**31, 2**31))
    found = anchor("total")
    assert (found.changed, found.known_by) == (False, "kernel")


def test_what_a_cell_called_and_what_no_cell_made(notebook: Any) -> None:
    """A task's version has the cell that called it; what a script publishes has none."""
    notebook.run("made = hl.Artifact('made')\nfrom typing import Annotated")
    notebook.run("@hl.task\ndef make() -> Annotated[int, made]: return 7")
    notebook.run("make()")
    assert anchor("made").source == "make()"

    notebook.run("%unload_ext heirloom")
    hl.publish(1, "plain")
    assert hl.anchor("plain") is None
    notebook.run("%load_ext heirloom")


def test_artifact_shows_it(notebook: Any, file: Path) -> None:
    """``%artifact`` gives the record, and shows the cell with its change; nothing in it runs."""
    notebook.run("%%artifact total\n'<script>42</script>'", id="c1")
    notebook.run("%%artifact total\n43", id="c1")

    assert notebook.run("%artifact total@1") == hl.get("total@1")
    shown = notebook.shown[0]
    assert shown["text/plain"].startswith(f"cell c1 of {file.name}, changed since\n--- as it ran")
    assert "<script" not in shown["text/html"]


def test_a_secret_in_the_text_is_warned_of_once(notebook: Any) -> None:
    """A cell's text is recorded as it stands, comments too; the line is named."""
    cell = f"%%artifact total\n# ghp_{'a1B2' * 9}\n42"
    with pytest.warns(errors.SecretWarning, match=r"Line 2 of the cell .*a GitHub token"):
        notebook.run(cell)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        notebook.run(cell)
    assert hl.get("total").version == 2


def test_the_text_is_kept_once(notebook: Any) -> None:
    """A cell that runs again unchanged adds no second text."""
    for _ in range(3):
        notebook.run("%%artifact total\n42")
    texts = hl.current().db.table("code").all()
    assert [doc["kind"] for doc in texts].count("text") == 1
