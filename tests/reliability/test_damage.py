"""Damage at every byte, in every file: found and named, never served, never cut away."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from workload import STEPS, told

from heirloom.catalog import Catalog
from heirloom.catalog.verify import verify
from heirloom.errors import CatalogDamaged

pytestmark = [pytest.mark.deep, pytest.mark.timeout(1800)]

_BYTES = ("flip", "zero", "feed", "drop", "insert")
_LINES = ("swap", "repeat", "remove")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A home of more than 30 lines, all of it acknowledged, and what it says."""
    home = tmp_path_factory.mktemp("sound") / "home"
    with closing(Catalog(home)) as catalog:
        for step in STEPS.values():
            step(catalog)
        found = told(catalog)
    assert len(_text(home).splitlines()) >= 30
    return home, found


def _text(home: Path) -> bytes:
    return (home / "journal.jsonl").read_bytes()


def _bytes_changed(text: bytes, how: str) -> Iterator[tuple[int, bytes]]:
    """The first byte that differs, and the text so changed at it."""
    for at in range(len(text)):
        new = {
            "flip": bytes([text[at] ^ 1 << at % 8]),
            "zero": b"\0",
            "feed": b"\n",
            "drop": b"",
            "insert": b"7" + text[at : at + 1],
        }[how]
        if new != text[at : at + 1]:
            yield at, text[:at] + new + text[at + 1 :]


def _lines_changed(text: bytes, how: str) -> Iterator[tuple[int, bytes]]:
    lines = text.splitlines(keepends=True)
    for n in range(len(lines) - (how == "swap")):
        head, mine, rest = lines[:n], lines[n], lines[n + 1 :]
        new = {
            "swap": [*head, *rest[:1], mine, *rest[1:]],
            "repeat": [*head, mine, mine, *rest],
            "remove": [*head, *rest],
        }[how]
        yield len(b"".join([*head, mine] if how == "repeat" else head)), b"".join(new)


def _line_of(text: bytes, at: int) -> int:
    return text.rfind(b"\n", 0, at) + 1


def _checked(home: Path, text: bytes, at: int) -> CatalogDamaged:
    """The error with which the home, without its index, is refused; nothing in it was changed."""
    for left in home.glob("index.sqlite*"):
        left.unlink()
    with pytest.raises(CatalogDamaged) as caught, closing(Catalog(home)) as catalog:
        pytest.fail(f"byte {at} was served: {told(catalog)}")
    assert _text(home) == text
    assert not list(home.glob("*.torn-*"))
    return caught.value


def _served(home: Path, sound: Any) -> Any:
    """What the home says with its index; `None` where it refuses: the index needs not all lines."""
    shutil.copy(sound[0] / "index.sqlite", home / "index.sqlite")
    try:
        with closing(Catalog(home)) as catalog:
            return told(catalog)
    except CatalogDamaged:
        return None


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "mark lost"])
@pytest.mark.parametrize("how", [*_BYTES, *_LINES])
def test_journal_damaged(
    room: Path, sound: Any, how: str, marked: bool, deep: bool, count: Callable[..., None]
) -> None:
    """Anywhere in the journal: an error that names the line's byte and what to run.

    With its index the home may open, if all that it says is true: `verify` finds the damage.
    """
    home, text = shutil.copytree(sound[0], room / "home"), _text(sound[0])
    if not marked:
        (home / "locks/journal.synced").unlink()
    changes = (_bytes_changed if how in _BYTES else _lines_changed)(text, how)
    verified = opened = aside = 0
    ends, often = len(text) - 2, 1 if deep or how in _LINES else 13
    for at, changed in changes:
        if (at % often and at < ends) or (not marked and _is_whole(text, changed)):
            continue
        (home / "journal.jsonl").write_bytes(changed)
        report = verify(home)
        verified += 1
        assert report.offset is not None, at
        assert _line_of(text, at) <= report.offset <= at + 1, at
        if at % (20 * often) == 0 or at >= ends or how in _LINES:
            served = _served(home, sound)
            assert served in (None, sound[1]), at
            aside += served is not None
            error = _checked(home, changed, at)
            opened += 1
            assert error.offset == report.offset
            assert f"byte {error.offset}" in str(error)
            assert "heirloom salvage" in str(error)
    count(verified=verified, opened=opened, not_needed=aside, silent=0)


def _is_whole(text: bytes, changed: bytes) -> bool:
    """Whether nothing is missing from what is there: transactions at the end, or the last feed."""
    if changed == text[:-1]:
        return True
    rest = text.removeprefix(changed)
    line_ends = changed.endswith(b"\n") or rest.startswith(b"\n")
    return rest != text and line_ends and b'"x":0,' in changed.splitlines()[-1]


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "mark lost"])
def test_journal_cut_short(
    room: Path, sound: Any, marked: bool, deep: bool, count: Callable[..., None]
) -> None:
    """At every byte: acknowledged transactions that are gone are damage.

    Where the mark is lost as well, a journal that ends with a transaction is all that is known.
    """
    home, text = shutil.copytree(sound[0], room / "home"), _text(sound[0])
    mark = (home / "locks/journal.synced").read_bytes()
    found = whole = opened = 0
    for size in range(0, len(text), 1 if deep else 7):
        (home / "journal.jsonl").write_bytes(text[:size])
        (home / "locks/journal.synced").write_bytes(mark if marked else b"")
        if not marked and size and _is_whole(text, text[:size]):
            whole += 1
            continue
        assert not verify(home).ok, size
        found += 1
        if size % 20 == 0:
            _checked(home, text[:size], size)
            opened += 1
    count(verified=found, opened=opened, whole=whole, silent=0)


def test_lost_mark_and_a_missing_line_feed(room: Path, sound: Any) -> None:
    """Of a line whose checksum fits nothing is lost but its end, which is put back."""
    home, text = shutil.copytree(sound[0], room / "home"), _text(sound[0])
    (home / "locks/journal.synced").unlink()
    (home / "journal.jsonl").write_bytes(text[:-1])
    with closing(Catalog(home)) as catalog:
        assert told(catalog) == sound[1]
    assert _text(home) == text


@pytest.mark.parametrize("how", ["flip", "zero", "feed", "drop", "cut"])
def test_mark_damaged(
    room: Path, sound: Any, how: str, deep: bool, count: Callable[..., None]
) -> None:
    """At any byte of the mark: the catalog serves, and an acknowledged end is still no torn one."""
    home, text = shutil.copytree(sound[0], room / "home"), _text(sound[0])
    mark = (home / "locks/journal.synced").read_bytes()
    cuts = ((at, mark[:at]) for at in range(len(mark)))
    tried = 0
    for at, changed in cuts if how == "cut" else _bytes_changed(mark, how):
        if not deep and at % 37:
            continue
        (home / "locks/journal.synced").write_bytes(changed)
        (home / "journal.jsonl").write_bytes(text)
        with closing(Catalog(home)) as catalog:
            assert len(catalog.names()) == 7
        (home / "journal.jsonl").write_bytes(text[:-40])
        _checked(home, text[:-40], at)
        tried += 1
    count(tried=tried, silent=0)


@pytest.mark.parametrize("how", ["flip", "zero", "noise", "cut"])
def test_index_damaged(
    room: Path, sound: Any, how: str, deep: bool, count: Callable[..., None]
) -> None:
    """In the index, at whatever byte: no error, and no document that is not what was written.

    SQLite keeps no checksums: where it does not mind what was changed, rows may be missing from
    answers until the index is made anew. How often is counted as short.
    """
    home = shutil.copytree(sound[0], room / "home")
    index = (home / "index.sqlite").read_bytes()
    true = {repr(each) for each in _documents(sound[1])}
    rng, tried, short = random.Random(how), 0, 0
    for _ in range(1000 if deep else 40):
        (home / "index.sqlite").write_bytes(_index_changed(index, how, rng))
        with closing(Catalog(home)) as catalog:
            found = told(catalog)
        assert {repr(each) for each in _documents(found)} <= true
        tried, short = tried + 1, short + (found != sound[1])
    assert short <= tried // 20
    count(tried=tried, wrong=0, short=short)


def _index_changed(index: bytes, how: str, rng: random.Random) -> bytes:
    at = rng.randrange(len(index))
    sector = at - at % 512
    match how:
        case "flip":
            return index[:at] + bytes([index[at] ^ 1 << at % 8]) + index[at + 1 :]
        case "zero":
            return index[:sector] + bytes(512) + index[sector + 512 :]
        case "noise":
            return index[:sector] + rng.randbytes(512) + index[sector + 512 :]
    return index[:at]


def _documents(found: Any) -> Iterator[Any]:
    """Every document of what a catalog says, with its table."""
    for table, said in found.items():
        if isinstance(said, list):
            yield from ((table, each) for each in said)


def test_verify_names_the_byte(room: Path, sound: Any) -> None:
    """`verify` finds the same damage, and says where it begins."""
    home, text = shutil.copytree(sound[0], room / "home"), _text(sound[0])
    at = text.index(b"long long")
    (home / "journal.jsonl").write_bytes(text.replace(b"long long", b"long lung", 1))
    report = verify(home)
    assert report.offset == _line_of(text, at)
    assert os.fspath(home) in report.problems[0]
