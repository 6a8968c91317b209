"""Names, values and texts that mean harm: kept word for word, or refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.catalog.verify import verify
from heirloom.errors import HeirloomError


def _nested(depth: int) -> Any:
    found: Any = 1
    for _ in range(depth):
        found = [found]
    return found


_TEXTS: dict[str, str] = {
    "a forged line": 'x\n{"c":"00000000","p":"00000000","n":1,"x":0,"o":"x","t":"versions"}\n',
    "a line separator": "a\u2028b\u2029c\u0085d\x0be\x0cf\r",
    "NUL": "a\x00b",
    "half a surrogate": "a\ud800",
    "a surrogate pair": "\ud83d\ude00",
    "turned around": "a\u202eb\u2066c",
    "an escape": "\x1b[2J\x1b]0;owned\x07",
    "a path": "../../etc/passwd",
    "a script": "<script>alert(1)</script>",
    "an order": "'; DROP TABLE versions; --",
    "a wildcard": "%_*?[a-z]\\",
    "composed twice": "e\u0301\u0301\ufb01",
    "nothing": "",
    "blanks": "   \t ",
    "long": "x" * 300,
    "huge": "y" * 10_000_000,
}
_VALUES: dict[str, Any] = {
    "NaN": float("nan"),
    "an infinity within": {"a": [float("-inf")]},
    "beyond 64 bits": 1 << 64,
    "below 64 bits": -(1 << 63) - 1,
    "a digit string of a million": 10**4000,
    "deep": _nested(1_000),
    "very deep": _nested(100_000),
    "huge": {"text": "z" * 10_000_000},
    "keys that are no strings": {1: 2, None: 3},
    "bytes within": {"a": b"\xff\x00"},
    "half a surrogate within": ["\udc00"],
    "itself": None,
}
_itself: list[Any] = []
_itself.append(_itself)
_VALUES["itself"] = _itself


@pytest.fixture
def session(tmp_path: Path) -> hl.Session:
    """A session in a home with one version."""
    session = hl.connect(tmp_path / "home")
    hl.publish(1, "sales[region=emea]", card="first")
    return session


def _is_one_line(error: HeirloomError) -> None:
    assert str(error).isprintable()
    assert len(str(error)) < 1_000


def _kept_or_refused(session: hl.Session, act: Callable[[], Any], back: Callable[[], Any]) -> Any:
    """What `back` then gives; `None` where `act` was refused: typed, one line, nothing written."""
    journal = session.home / "journal.jsonl"
    before = journal.read_bytes()
    try:
        act()
    except HeirloomError as error:
        _is_one_line(error)
        assert journal.read_bytes() == before
        return None
    finally:
        assert hl.publish(2, "after").version >= 1
        assert hl.get("sales@1").card is not None
        report = verify(session.home)
        assert report.ok, report.problems
    return back()


@pytest.mark.parametrize("text", _TEXTS.values(), ids=list(_TEXTS))
@pytest.mark.parametrize("where", ["value", "card", "partition", "note", "alias", "name", "reason"])
def test_hostile_text(session: hl.Session, where: str, text: str) -> None:
    """Wherever a user may write, a text comes back as it was, or is refused and changes nothing."""
    acts: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "value": (lambda: hl.publish(text, "mine"), lambda: hl.pull("mine")),
        "card": (lambda: hl.publish(1, "mine", card=text), lambda: _card("mine")),
        "partition": (
            lambda: (
                hl.Artifact("mine", partition_keys=["k"]).create_from(1, k=text)
                and hl.publish(1, f"mine[k={text}]")
            ),
            lambda: hl.get("mine").partitions["k"],
        ),
        "note": (lambda: hl.annotate("sales@1", note=text), lambda: hl.get("sales@1").notes[-1]),
        "alias": (lambda: hl.alias("sales@1", text), lambda: hl.get("sales@1").aliases[0]),
        "name": (lambda: hl.publish(1, text), lambda: hl.get(text).name),
        "reason": (lambda: hl.yank("sales@1", reason=text), lambda: text),
    }
    found = _kept_or_refused(session, *acts[where])
    assert found in (None, text)


def _card(ref: str) -> str:
    card = hl.get(ref).card
    return card.text if card is not None else ""


@pytest.mark.parametrize("value", _VALUES.values(), ids=list(_VALUES))
def test_hostile_values(session: hl.Session, value: Any) -> None:
    """A value comes back equal, or is refused and changes nothing."""
    found = _kept_or_refused(session, lambda: hl.publish(value, "mine"), lambda: hl.pull("mine"))
    assert found is None or repr(found) == repr(value)


@pytest.mark.parametrize("value", _VALUES.values(), ids=list(_VALUES))
def test_hostile_documents(session: hl.Session, value: Any) -> None:
    """In a table of the user's, too."""
    table = session.db.table("mine")

    def act() -> None:
        table.insert({"value": value})

    found = _kept_or_refused(session, act, lambda: table.all()[0]["value"])
    assert found in (None, value)


@pytest.mark.parametrize("text", _TEXTS.values(), ids=list(_TEXTS))
@pytest.mark.parametrize("quoted", [True, False])
def test_hostile_searches(session: hl.Session, text: str, quoted: bool) -> None:
    """A search finds nothing, or is refused in one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    asked = f'"{escaped}"' if quoted else text
    _kept_or_refused(session, lambda: hl.search(asked).total, lambda: None)
