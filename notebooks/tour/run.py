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
from pathlib import Path

from notebooks.executed import by_hand, keep

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
    os.environ["HEIRLOOM_PROGRESS"] = "off"  # whether a run lasts a second is this machine's affair
    began = time.monotonic()
    hand("0-set-up.ipynb", "three teams declare names and plans", options.keep)
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


def hand(name: str, text: str, to: Path | None) -> None:
    """Run a notebook outside of any execution, as a person does."""
    with step(f"{name}: {text}"):
        book = by_hand(HERE / name)
    if to is not None:
        keep(book, HERE / name, to / name)


def follow(to: Path | None) -> bool:
    """Run the first notebook, let the reactor run what it starts, and tell the story."""
    import heirloom as hl

    session = hl.current()
    session.reactor.start()
    with step("1-engineering.ipynb, run as a workflow"):
        hl.run(HERE / "1-engineering.ipynb")
    with step("what it started, in worker processes"):
        settled = hl.settle(timeout=300)
    session.reactor.stop()
    hand("4-primes.ipynb", "a workflow that starts itself", to)
    tell_emissions()
    tell_events()
    print("\nThe lineage of the last prediction\n")
    print(indented(hl.lineage("prediction", up=None, down=0).to_text()))
    if to is not None:
        keep_executed(to)
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


def keep_executed(to: Path) -> None:
    """Write the executed copies of the notebooks that ran as workflows."""
    import heirloom as hl

    for execution in reversed(hl.executions(limit=1000)):
        if execution.kind == "notebook":
            (path,) = HERE.glob(f"*-{execution.name}.ipynb")
            keep(hl.executed(execution).notebook, path, to / path.name)


if __name__ == "__main__":
    raise SystemExit(main())
