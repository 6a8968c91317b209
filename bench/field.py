"""The same work with flytekit, MLflow, papermill and nbclient, each in its own environment."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from bench.figure import Figure

__all__ = ["PINNED", "figures"]

PINNED = {
    "flytekit": ("flytekit==1.16.31",),
    "mlflow": ("mlflow==3.17.2",),
    "papermill": ("papermill==2.7.0", "ipykernel"),
}
_ROOT = Path(__file__).resolve().parents[1]
_SCRIPTS = Path(__file__).with_name("field_work")
_CELLS = ["n = 1", *(f"x{i} = n + {i}\nx{i}" for i in range(9))]
_IMPORTS = 5
_WORDS = {
    "three": "three chained steps",
    "one": "one value recorded",
    "notebook": "notebook of 10 cells",
    "bare": "notebook of 10 cells, bare nbclient",
}


def figures() -> Iterator[Figure]:
    """Each in milliseconds; environments are made where they are not there yet."""
    pythons = {"heirloom": sys.executable} | {name: _python(name) for name in PINNED}
    for name, python in pythons.items():
        yield Figure(f"import {name}", _import(python, name) * 1000, None, "ms", _release(name))
    with tempfile.TemporaryDirectory() as place:
        _notebook(Path(place) / "ten.ipynb")
        for name, python in pythons.items():
            own = Path(place) / name
            own.mkdir()
            for work, seconds in _told(python, name, own).items():
                note = f"{len(seconds)} times, at most {max(seconds) * 1000:.1f} ms"
                middle = statistics.median(seconds) * 1000
                yield Figure(f"{_WORDS[work]}: {name}", middle, None, "ms", note)


def _python(name: str) -> str:
    """The interpreter of an environment with those packages, and nothing of ours."""
    room = _ROOT / ".field" / name
    python = room / "bin" / "python"
    wanted = "\n".join(PINNED[name])
    made = room / "made"
    if not made.exists() or made.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", room], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PINNED[name]], check=True)
        made.write_text(wanted)
    return str(python)


def _release(name: str) -> str:
    return PINNED[name][0] if name in PINNED else ""


def _import(python: str, name: str) -> float:
    """Seconds of the import in new interpreters; the first compiles."""
    timed = f"import time; t = time.perf_counter(); import {name}; print(time.perf_counter() - t)"
    took = [float(_run(python, "-c", timed).split()[-1]) for _ in range(_IMPORTS + 1)]
    return statistics.median(took[1:])


def _told(python: str, name: str, place: Path) -> dict[str, list[float]]:
    """What the script of that name prints last."""
    printed = _run(python, str(_SCRIPTS / f"{name}_work.py"), str(place))
    told: dict[str, list[float]] = json.loads(printed.splitlines()[-1])
    return told


def _run(python: str, *words: str) -> str:
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if python == sys.executable:
        env["PYTHONPATH"] = os.pathsep.join([str(_ROOT / "toolkit"), str(_ROOT / "widgets")])
    done = subprocess.run([python, *words], check=True, capture_output=True, text=True, env=env)
    return done.stdout


def _notebook(path: Path) -> None:
    cells = [nbformat.v4.new_code_cell(cell) for cell in _CELLS]  # type: ignore[no-untyped-call]
    cells[0].metadata["tags"] = ["parameters"]
    book = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python", "language": "python"}
    nbformat.write(book, path)  # type: ignore[no-untyped-call]
