"""``make docs``: a site whole and without a network, with the reference as the code has it."""

from __future__ import annotations

import re
import subprocess
import sys
from argparse import SUPPRESS
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import heirloom as hl
from heirloom import errors, front
from heirloom.cli.parser import parser

_ROOT = Path(__file__).parents[2]
_LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]


class Page(HTMLParser):
    """What a page loads, links to and can be linked to at."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.text = path.read_text("utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag in _LOADS and _LOADS[tag] in given:
            self.loaded.append(given[_LOADS[tag]])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as ``make docs`` does."""
    place = tmp_path_factory.mktemp("site")
    options = ["-q", "-W", "--keep-going", "-d", str(place / "doctrees")]
    command = [sys.executable, "-m", "sphinx", *options, str(_ROOT / "docs"), str(place / "html")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return place / "html"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """Its pages by name."""
    return {path.name: Page(path) for path in site.glob("*.html")}


def test_every_page_is_in_it(pages: dict[str, Page]) -> None:
    """Each file of docs/ is a page that the index leads to."""
    names = {path.with_suffix(".html").name for path in (_ROOT / "docs").glob("*.md")}
    assert names <= pages.keys()
    assert names - {"index.html"} <= {urlsplit(link).path for link in pages["index.html"].links}


def test_it_loads_nothing_from_a_network(site: Path, pages: dict[str, Page]) -> None:
    """No script, style, font or picture has an address of another host."""
    loaded = [address for page in pages.values() for address in page.loaded]
    assert loaded
    assert [a for a in loaded if urlsplit(a).netloc] == []
    styles = "".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    assert "{" in styles
    assert re.findall(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""", styles) == []
    scripts = "".join(path.read_text("utf-8") for path in site.rglob("*.js"))
    assert re.findall(r"""(?:import|fetch|src\s*=)\s*\(?\s*["'](?:https?:)?//""", scripts) == []


def test_no_link_within_it_is_broken(site: Path, pages: dict[str, Page]) -> None:
    """Each leads to a file that is there, and to a place on it that is there."""
    broken = [
        f"{name}: {link}"
        for name, page in pages.items()
        for link in page.links
        if not _leads(site, pages, name, link)
    ]
    assert broken == []


def _leads(site: Path, pages: dict[str, Page], name: str, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = unquote(parts.path) or name
    if not (site / target).exists():
        return False
    return not parts.fragment or unquote(parts.fragment) in pages[target].ids


def test_every_public_name_is_in_the_reference(pages: dict[str, Page]) -> None:
    """The front's page has each with its signature."""
    said = {"errors", "__version__"}  # a module with a page of its own, a text
    missing = {f"heirloom.{name}" for name in set(hl.__all__) - said} - pages["front.html"].ids
    assert missing == set()
    assert all(f"hl.{name}" in pages["front.html"].text for name in said)


def test_what_the_calls_give_is_in_the_reference(pages: dict[str, Page]) -> None:
    """Each class that a function of the front says it returns is on its page."""
    given = {n for n, kind in vars(front).items() if isinstance(kind, type) and n[0].isupper()}
    given -= {"Any", "BinaryIO", "Callable", "FrameInputs", "Iterable", "Mapping", "date"}
    known = {anchor.rpartition(".")[2] for anchor in pages["front.html"].ids}
    assert {n for n in given if vars(front)[n].__module__.startswith("heirloom")} - known == set()
    assert "Settled" in known


def test_every_error_is_in_the_reference(pages: dict[str, Page]) -> None:
    """With what it means, and what to do: two paragraphs at least, or the kinds below it."""
    tree = {n: e for n, e in vars(errors).items() if isinstance(e, type) and _ours(e)}
    assert len(tree) > 30
    assert {f"heirloom.errors.{name}" for name in tree} <= pages["errors.html"].ids
    leaves = {n: e for n, e in tree.items() if not e.__subclasses__()}
    brief = [n for n, e in leaves.items() if len((e.__doc__ or "").strip().splitlines()) < 3]
    assert brief == []


def _ours(kind: type) -> bool:
    return issubclass(kind, Exception) and kind.__module__ == "heirloom.errors"


def test_every_verb_and_option_is_in_the_reference(pages: dict[str, Page]) -> None:
    """Each verb has a section, with a row for each argument that says what it is."""
    text = re.sub(r"<[^>]*>", "", pages["commands.html"].text)
    for verb, words in _verbs():
        assert verb in pages["commands.html"].ids
        section = text.partition(f"usage: heirloom {verb} ")[2].partition("usage: ")[0]
        for spelt, help in words:
            assert spelt in section, (verb, spelt)
            assert help, (verb, spelt)


def _verbs() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    made = next(action for action in parser("0")._actions if isinstance(action.choices, dict))
    assert isinstance(made.choices, dict)
    for name, verb in made.choices.items():
        if verb.description:
            actions = [a for a in verb._actions if a.help != SUPPRESS and a.dest != "help"]
            yield (
                name,
                [(word, a.help or "") for a in actions for word in a.option_strings or [a.metavar]],
            )
