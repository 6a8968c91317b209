"""Bad input, as users meet it: one line, the same in Python and in a terminal, and nothing done."""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

import heirloom as hl
from heirloom import opening
from heirloom.catalog.line import START, frame
from heirloom.cli.text import in_terminal
from heirloom.errors import UserFault

Call = Callable[..., Any]
Front = Callable[[], Any]
State = Callable[[Path, Path], AbstractContextManager[Any]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A file of some bytes."""
    path = tmp_path / "data.csv"
    path.write_text("a,b\n1,2\n")
    return path


@pytest.fixture(autouse=True)
def filled(home: Path, data: Path) -> None:
    """A home with a file, a value, a link, an alias and a plan's worth of names."""
    hl.publish(hl.File(data), "sales[region=emea]", "# Sales")
    hl.publish(hl.File(data), "sales[region=apac]")
    hl.publish({"depth": 3}, "settings")
    hl.publish(hl.File(data, link=True), "where")
    hl.alias("sales@1", "champion")
    opening.reset()


def _said_by_front(call: Front) -> str:
    """The one line of a notebook, without the error's name."""
    with pytest.raises(UserFault) as caught:
        call()
    (rendered,) = caught.value._render_traceback_()
    name, _, text = rendered.partition(": ")
    assert name == type(caught.value).__name__
    assert "\n" not in text
    return text


def _said_by_terminal(heirloom: Call, words: tuple[str, ...]) -> str:
    said = heirloom(*words)
    assert (said.code, said.out) == (2, "")
    prefix, _, text = said.err.partition("heirloom: ")
    assert prefix == ""
    assert text.endswith("\n")
    return str(text[:-1])


# ---------------------------------------------------------------------- what is asked for

ASKED: list[tuple[Front, tuple[str, ...], str]] = [
    (
        lambda: hl.get("salse"),
        ("show", "salse"),
        "No artifact named 'salse' in project 'default'. Did you mean 'sales'? "
        "%artifacts lists them.",
    ),
    (
        lambda: hl.get("sales@7"),
        ("show", "sales@7"),
        "No version 'sales@7': the newest number is 2.",
    ),
    (
        lambda: hl.get("sales@champoin"),
        ("show", "sales@champoin"),
        "No version 'sales@champoin': 'sales' has no alias 'champoin'. Did you mean 'champion'? "
        "It has champion.",
    ),
    (
        lambda: hl.get("sales[region=apac]@1"),
        ("show", "sales[region=apac]@1"),
        "No version 'sales[region=apac]@1': that version has region=emea.",
    ),
    (
        lambda: hl.pull("sales[regoin=emea]"),
        ("pull", "sales?regoin=emea"),
        "No version meets 'sales[regoin=emea]': 'sales' has no partition key 'regoin'. "
        "Did you mean 'region'? It has ['region'].",
    ),
    (
        lambda: hl.get("sales[region=emea"),
        ("show", "sales[region=emea"),
        "Expected ',' or ']' (at 18: sales[region=emea▸)",
    ),
    (
        lambda: hl.get("sales@0"),
        ("show", "sales@0"),
        "Versions are whole numbers from 1, of 18 digits at most (at 7: sales@▸0)",
    ),
    (
        lambda: hl.search("regoin=emea"),
        ("search", "regoin=emea"),
        "Nothing has the partition key 'regoin'. Did you mean 'region'? (at 1: ▸regoin=emea)",
    ),
    (
        lambda: hl.search("(region=emea"),
        ("search", "(region=emea"),
        "Expected ')', got the end (at 13: (region=emea▸)",
    ),
    (
        lambda: hl.search("sales since=soon"),
        ("search", "sales", "since=soon"),
        "since takes a date, a time or an age such as 7d; got 'soon' (at 7: sales ▸since=soon)",
    ),
    (
        lambda: hl.search("is=gone"),
        ("search", "is=gone"),
        "'is' takes draft, yanked, purged, value, linked; got 'gone' (at 1: ▸is=gone)",
    ),
    (
        lambda: hl.search("up=salse"),
        ("search", "up=salse"),
        "No version is 'salse', which up= asks for.",
    ),
    (
        lambda: hl.lineage("nothing"),
        ("lineage", "nothing"),
        "No artifact named 'nothing' in project 'default'. %artifacts lists them.",
    ),
    (
        lambda: hl.execution("nothing"),
        ("log", "nothing"),
        "No execution 'nothing'. hl.executions() lists them, as `heirloom executions` does.",
    ),
    (
        lambda: hl.plan("nothing"),
        ("on", "nothing"),
        "No launch plan named 'nothing'. %trigger lists them.",
    ),
    (
        lambda: hl.publish(hl.File(__file__), "sales[regoin=emea]"),
        ("publish", __file__, "sales[regoin=emea]"),
        "Artifact 'sales' has no partition key 'regoin'. Did you mean 'region'? It has ['region'].",
    ),
    (
        lambda: hl.publish(hl.File(__file__), "sales"),
        ("publish", __file__, "sales"),
        "Artifact 'sales' needs partitions ['region']; got []. Give region=….",
    ),
    (
        lambda: hl.publish(hl.File(__file__), "sales[region!=emea]"),
        ("publish", __file__, "sales[region!=emea]"),
        "Only key=value names what is written; got 'region!=emea' in 'sales[region!=emea]'.",
    ),
    (
        lambda: hl.publish(hl.File(__file__), "sales[region=emea]@3"),
        ("publish", __file__, "sales[region=emea]@3"),
        "Versions are numbered by the catalog; publish to 'sales' without '@'.",
    ),
    (
        lambda: hl.publish(hl.File(__file__), "2fast"),
        ("publish", __file__, "2fast"),
        "Expected an artifact's name (at 1: ▸2fast)",
    ),
]


@pytest.mark.parametrize(
    ("call", "words", "line"), ASKED, ids=[" ".join(words[:2]) for _, words, _ in ASKED]
)
def test_what_cannot_be_done(
    heirloom: Call, home: Path, call: Front, words: tuple[str, ...], line: str
) -> None:
    """What, got, nearest, next; the next step in the words of where it is said; nothing written."""
    journal = (home / "journal.jsonl").read_bytes()
    said = _said_by_front(call), _said_by_terminal(heirloom, words)
    assert said == (line, in_terminal(line))
    opening.reset()
    assert (home / "journal.jsonl").read_bytes() == journal


# ---------------------------------------------------------------------- what is too large or wrong


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (
            lambda: hl.annotate("sales@1", card="x" * 1_000_001),
            "A card has at most 900,000 bytes; got 1,000,001. "
            "Publish the text as a file, and name that in the card.",
        ),
        (
            lambda: hl.annotate("sales@1", note="x" * 1_000_001),
            "A record of 'marks' has 1,000,* bytes; at most 1,000,000 are kept. "
            "Put large values in the store.",
        ),
        (lambda: hl.annotate("sales@1", card=7), "A card is text; got 7."),  # type: ignore[arg-type]
        (lambda: hl.get(7), "A ref is text such as 'sales[region=emea]@7'; got 7."),
        (
            lambda: hl.ref(None),  # type: ignore[arg-type]
            "A ref such as 'sales[region=emea]@7' is text; got None.",
        ),
        (
            lambda: hl.get("sales", region=None),
            "Partition region=None is a NoneType; a value is a string, number, bool, date or time.",
        ),
        (
            lambda: hl.publish(lambda: 1, "code"),
            "No safe format for a function. Make it a frame, an array, plain values or a File, or "
            'pass format="pickle" (reading it back then needs allow_pickle=True).',
        ),
        (
            lambda: hl.publish(1, "settings", time_partition="soon"),  # type: ignore[arg-type]
            "time_partition is a datetime or a date; got 'soon'.",
        ),
        (
            lambda: hl.alias("sales@1", "latest"),
            "An alias is one word, never 'latest' or digits; got 'latest'.",
        ),
        (lambda: hl.release("sales@1"), "sales@1 is no draft; it is live."),
    ],
)
def test_what_is_too_large_or_of_another_type(home: Path, call: Front, line: str) -> None:
    """Refused before a byte is written."""
    journal = (home / "journal.jsonl").read_bytes()
    assert _fits(_said_by_front(call), line)
    opening.reset()
    assert (home / "journal.jsonl").read_bytes() == journal


def _fits(text: str, line: str) -> bool:
    """Whether it is that line, ``*`` standing for what differs from run to run."""
    return re.fullmatch(re.escape(line).replace(r"\*", ".*"), text) is not None


# ---------------------------------------------------------------------- what a home may be like


@contextmanager
def _damaged(home: Path, data: Path) -> Iterator[None]:
    raw = bytearray((home / "journal.jsonl").read_bytes())
    raw[raw.index(b"# Sales")] ^= 1
    (home / "journal.jsonl").write_bytes(raw)
    (home / "index.sqlite").unlink()
    yield


@contextmanager
def _newer(home: Path, data: Path) -> Iterator[None]:
    header = (home / "journal.jsonl").read_bytes().split(b"\n", 1)[0]
    doc = orjson.loads(header)["d"] | {"format": 99}
    (home / "journal.jsonl").write_bytes(frame(START, 0, "h", "", None, orjson.dumps(doc)).raw)
    yield


@contextmanager
def _full(home: Path, data: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "pwrite", _no_space)
        yield


def _no_space(*_: Any) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def _locked(home: Path, data: Path) -> Iterator[None]:
    with (home / "locks" / "journal.lock").open() as held, pytest.MonkeyPatch.context() as patch:
        fcntl.flock(held, fcntl.LOCK_EX)
        patch.setattr("heirloom.catalog.lock.FileLock.__init__.__defaults__", (0.05,))
        yield


@contextmanager
def _payload_damaged(home: Path, data: Path) -> Iterator[None]:
    (blob,) = (path for path in (home / "store" / "sha256").rglob("*") if path.is_file())
    blob.chmod(0o600)
    blob.write_text("a,b\n1,3\n")
    yield


@contextmanager
def _link_changed(home: Path, data: Path) -> Iterator[None]:
    data.write_text("a,b\n1,2\n3,4\n")
    yield


@contextmanager
def _gone(home: Path, data: Path) -> Iterator[None]:
    home.rename(home.with_name("elsewhere"))
    yield
    home.with_name("elsewhere").rename(home)


STATES: list[tuple[State, Front, tuple[str, ...], str]] = [
    (
        _damaged,
        lambda: hl.search("sales"),
        ("search", "sales"),
        "The catalog's journal is damaged at byte *: *. "
        "Nothing was changed; run `heirloom salvage`.",
    ),
    (
        _damaged,
        lambda: hl.publish(hl.File(__file__), "new"),
        ("publish", __file__, "new"),
        "The catalog's journal is damaged at byte *: *. "
        "Nothing was changed; run `heirloom salvage`.",
    ),
    (
        _newer,
        lambda: hl.search("sales"),
        ("search", "sales"),
        "*99*Install*",
    ),
    (
        _full,
        lambda: hl.publish(hl.File(__file__), "new"),
        ("publish", __file__, "new"),
        "The catalog's journal took no more: No space left on device (*).",
    ),
    (
        _locked,
        lambda: hl.publish(hl.File(__file__), "new"),
        ("publish", __file__, "new"),
        "Another process has held the catalog's lock for * s (*). Find it with `fuser *`.",
    ),
    (
        _payload_damaged,
        lambda: hl.pull("sales@1", to="out.csv"),
        ("pull", "sales@1", "--to", "out.csv"),
        "The payload at *: expected sha256:*…, got sha256:*…. "
        "Storing the same value again mends it.",
    ),
    (
        _link_changed,
        lambda: hl.pull("where"),
        ("pull", "where"),
        "The linked data at * was changed after it was recorded: 8 bytes* then, 12 bytes* now. "
        "Publish it again to record it anew.",
    ),
    (
        _gone,
        lambda: hl.connect(os.environ["HEIRLOOM_HOME"], read_only=True),
        ("search", "sales"),
        "There is no catalog to read: No such file or directory (*).",
    ),
]


@pytest.mark.parametrize(
    ("state", "call", "words", "line"),
    STATES,
    ids=[f"{state.__name__} {words[0]}" for state, _, words, _ in STATES],
)
def test_a_home_that_is_not_well(
    heirloom: Call,
    home: Path,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: State,
    call: Front,
    words: tuple[str, ...],
    line: str,
) -> None:
    """The same line by either way; what the home holds is left byte for byte.

    (A payload may have been added that no record names: it is stored first.)
    """
    monkeypatch.chdir(tmp_path)
    with state(home, data):
        before = _kept(home)
        for said in (_said_by_front(call), _said_by_terminal(heirloom, words)):
            assert _fits(said, line), said
        opening.reset()
        after = _kept(home)
        assert {path: after.get(path) for path in before} == before
    assert not (tmp_path / "out.csv").exists()


def _kept(home: Path) -> dict[str, bytes]:
    """What a home is: its journal and the payloads of its store."""
    found = [home / "journal.jsonl", *(home / "store").rglob("*")] if home.exists() else []
    return {str(path): path.read_bytes() for path in found if path.is_file()}


def test_a_home_that_vanishes_and_comes_back(home: Path, data: Path) -> None:
    """An open session says so for every verb, makes nothing there, and then goes on."""
    hl.connect()
    hl.get("sales")
    calls: list[Front] = [
        lambda: hl.get("sales"),
        hl.search,
        hl.plans,
        lambda: hl.pull("sales@1"),
        lambda: hl.publish(1, "settings"),
        lambda: hl.publish(hl.File(data), "sales[region=emea]"),
        lambda: hl.alias("sales@1", "x"),
        hl.settle,
    ]
    with _gone(home, data):
        for call in calls:
            assert "home is not there any more" in _said_by_front(call)
        assert not home.exists()
    assert hl.publish({"depth": 4}, "settings").version == 2
    assert hl.search("name=sales").total == 2
