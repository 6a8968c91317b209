"""The tour without a screen: ``make tour``.

Runs the set-up notebook by hand, as a person would, then the first notebook as a workflow,
lets a reactor run what that starts, and tells what happened.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PLACE = HERE.parent.parent / ".tour"


def main() -> int:
    """Run the tour in a fresh home and print what came of it; 0 if all went well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=PLACE / "home", help="made anew")
    parser.add_argument("--keep", type=Path, help="also write the executed notebooks here")
    options = parser.parse_args()
    shutil.rmtree(options.home, ignore_errors=True)
    os.environ |= {"HEIRLOOM_HOME": str(options.home), "HEIRLOOM_REACTOR": "off"}
    began = time.monotonic()
    by_hand("0-set-up.ipynb", "three teams declare names and plans", options.keep)
    well = follow(options.keep)
    pages = write_pages(options.home.parent / "pages")
    print(f"\nThe catalog is in {options.home}")
    print(f"Pages for a browser: {pages}")
    print(f"{time.monotonic() - began:.0f} seconds. In JupyterLab: make lab")
    return 0 if well else 1


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is under way, and how long it took."""
    live = sys.stdout.isatty()
    print(f"… {text}", end="\r" if live else "\n", flush=True)
    began = time.monotonic()
    yield
    print(f"✓ {text} ({time.monotonic() - began:.1f} s)", flush=True)


def by_hand(name: str, text: str, keep: Path | None) -> None:
    """Run a notebook outside of any execution, as a person does."""
    from nbclient import NotebookClient

    with step(f"{name}: {text}"):
        book = nbformat_v4().reads((HERE / name).read_text("utf-8"))
        resources = {"metadata": {"path": str(HERE)}}
        quiet = ["--IPKernelApp.log_level=ERROR"]
        NotebookClient(
            book, resources=resources, store_widget_state=False, extra_arguments=quiet
        ).execute()
    if keep is not None:
        write(book, keep / name)


def follow(keep: Path | None) -> bool:
    """Run the first notebook, let the reactor run what it starts, and tell the story."""
    import heirloom as hl

    session = hl.current()
    session.reactor.start()
    with step("1-engineering.ipynb, run as a workflow"):
        hl.run(HERE / "1-engineering.ipynb")
    with step("what it started, in worker processes"):
        settled = hl.settle(timeout=300)
    session.reactor.stop()
    by_hand("4-primes.ipynb", "a workflow that starts itself", keep)
    tell_emissions()
    tell_events()
    print("\nThe lineage of the last prediction\n")
    print(indented(hl.lineage("prediction", up=None, down=0).to_text()))
    if keep is not None:
        keep_executed(keep)
    unmet = {row.execution_id for row in hl.ledger(state="unmet", limit=1000)}
    ended = [e for e in settled.done if e.id not in unmet]
    return not settled.still and all(e.state == "succeeded" for e in ended)


def tell_emissions() -> None:
    """Print what each team emitted."""
    import heirloom as hl

    print("\nWhat each team emitted\n")
    for team, search in (
        ("data engineering", "name=measurements"),
        ("research", "name=blessed_model"),
        ("operations", "name=prediction"),
        ("the primes", "name=largest_prime"),
    ):
        versions = list(reversed(list(hl.search(search))))
        for version in versions[:3]:
            print(f"  {team:<17} {label(version):<34} {version.kind:<6} {headline(version)}")
        if len(versions) > 3:
            print(f"  {'':<17} … and {len(versions) - 3} more, the last {label(versions[-1])}")


def tell_events() -> None:
    """Print what became of every event at every plan."""
    import heirloom as hl

    print("\nWhat each event started\n")
    rows = list(reversed(hl.ledger(limit=1000)))
    for plan in hl.plans():
        own = [row for row in rows if row.plan == plan.name]
        for row in own[:4] + (own[-1:] if len(own) > 4 else []):
            ran = row.state
            if row.execution_id and row.state == "queued":
                ran = hl.execution(row.execution_id).state
            event = ", ".join(ref.rpartition("/")[2] for ref in row.refs)
            reason = f"  ({row.reason})" if row.reason else ""
            print(f"  {event:<20} → {plan.name:<18} {ran}{reason}")


def label(version: object) -> str:
    """A version as people write it: ``name[key=value]@7``."""
    import heirloom as hl

    assert isinstance(version, hl.ArtifactVersion)
    inside = ",".join(f"{key}={value}" for key, value in version.conditions.items())
    return f"{version.name}{f'[{inside}]' if inside else ''}@{version.version}"


def headline(version: object) -> str:
    """The first line of a version's card."""
    card = getattr(version, "card", None)
    return card.text.strip().splitlines()[0].lstrip("# ") if card else ""


def indented(text: str) -> str:
    """Every line moved to the right."""
    return "\n".join(f"  {line}" for line in text.splitlines())


def write_pages(pages: Path) -> Path:
    """Write HTML pages on the catalog that need no server and no network."""
    import heirloom as hl
    from heirloom import render
    from heirloom_widgets import Graph
    from heirloom_widgets.snapshot import catalog_html, version_page

    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir(parents=True)
    with step("pages"):
        (pages / "catalog.html").write_text(
            render.page("The tour's catalog", catalog_html(hl.search(limit=500))), "utf-8"
        )
        last = hl.get("prediction")
        lineage = hl.lineage(last, up=None, down=1)
        (pages / "prediction.html").write_text(version_page(last, lineage), "utf-8")
        Graph("prediction", up=None).to_html(pages / "lineage.html")
    return pages


def keep_executed(keep: Path) -> None:
    """Write the executed copies of the notebooks that ran as workflows."""
    import heirloom as hl
    from heirloom.engine.notebook import executed

    for execution in reversed(hl.executions(limit=1000)):
        if execution.kind == "notebook":
            (path,) = HERE.glob(f"*-{execution.name}.ipynb")
            write(executed(hl.current(), execution.id), keep / path.name)


def nbformat_v4() -> Any:
    """Nbformat's reader and writer, which have no types."""
    return import_module("nbformat.v4")


def write(book: Any, path: Path) -> None:
    """Write a notebook as it is here, with the outputs of its executed copy."""
    ran = {cell.id: cell for cell in book.cells if cell.cell_type == "code"}
    kept = nbformat_v4().reads((HERE / path.name).read_text("utf-8"))
    for cell in kept.cells:
        if cell.id in ran:
            cell.outputs = ran[cell.id].outputs
            cell.execution_count = ran[cell.id].execution_count
    path.write_text(nbformat_v4().writes(kept) + "\n", "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
