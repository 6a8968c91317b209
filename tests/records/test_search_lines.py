"""The search line: what it is true of, and where it breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heirloom.errors import RefError
from heirloom.records.clock import now
from heirloom.records.names import fold
from heirloom.records.payloads import Payload
from heirloom.records.search import parse_search
from heirloom.records.search_tree import asks_for
from heirloom.records.versions import ArtifactVersion, Card

Make = Callable[..., ArtifactVersion]


class FakeFacts:
    """What the catalog would tell of versions."""

    def text(self, version: ArtifactVersion) -> str:
        return fold(f"{version.name} {version.card or ''}")

    def related(self, ref: str, direction: str) -> frozenset[str]:
        known = {("raw", "down"): {"heirloom://p/sales@1"}}
        return frozenset(known.get((ref, direction), ()))

    def producer(self, version: ArtifactVersion) -> str:
        return "train"

    def types(self, version: ArtifactVersion) -> Mapping[str, str]:
        return {"n": "int"}


_WRITTEN = {
    "partitions": {"region": "emea", "n": "10"},
    "card": Card("Daily Straße figures"),
    "aliases": ("champion",),
    "created_at": datetime(2026, 1, 31, 12, tzinfo=UTC),
}


def _finds(line: str, version: ArtifactVersion) -> bool:
    return parse_search(line).matches(version, FakeFacts())


@pytest.mark.parametrize(
    "line",
    [
        "",
        "   ",
        "sales",
        "SALES daily",
        '"daily STRASSE"',
        "region=emea",
        "region!=apac",
        "region in (apac, emea)",
        "n>9 n<=10",
        "not region=apac",
        "not (region=apac or region=latam)",
        "region=apac or daily",
        "(region=apac or daily) and sales",
        "name=Sales kind=value by=ADA",
        "by=Train",
        "kind!=model",
        "kind in (model, value)",
        "alias=champion",
        "since=2026-01-31 until=2026-02-01",
        "since=2026-01-31T11:59Z",
        "down=raw",
        "is=value",
    ],
)
def test_true_of_the_version(line: str, make: Make) -> None:
    """Blanks are and, words are casefolded substrings, clauses and reserved keys hold."""
    assert _finds(line, make(**_WRITTEN))


@pytest.mark.parametrize(
    "line",
    [
        "weekly",
        "sales weekly",
        '"figures daily"',
        "region=apac",
        "region in (apac, latam)",
        "n>10",
        "not sales",
        "name=sale",
        "kind=model",
        "by=bob",
        "alias=latest",
        "since=2026-02-01",
        "until=2026-01-31T12:00Z",
        "up=raw",
        "is=linked",
        "region=apac and daily or weekly",
    ],
)
def test_not_true_of_the_version(line: str, make: Make) -> None:
    """What one part denies, the line denies; and binds closer than or."""
    assert not _finds(line, make(**_WRITTEN))


def test_ages_count_back_from_now(make: Make) -> None:
    """``since=7d`` is the last seven days."""
    assert _finds("since=7d", make(created_at=now() - timedelta(days=6)))
    assert not _finds("since=7d", make(created_at=now() - timedelta(days=8)))
    assert _finds("until=1h", make(created_at=now() - timedelta(hours=2)))


@pytest.mark.parametrize("state", ["draft", "yanked", "purged"])
def test_states_are_asked_for_by_name(state: str, make: Make) -> None:
    """A search that speaks of a state says so, however deep, and finds it."""
    assert _finds(f"is={state}", make(state=state))
    assert asks_for(parse_search(f"sales (kind=value or not is={state})"), state)
    assert not asks_for(parse_search("sales kind=value"), state)


def test_linked_versions(make: Make) -> None:
    """``is=linked`` is a payload that was not copied."""
    payload = Payload(format="link", type_name="File", kind="file", link="s3://b/k")
    assert _finds("is=linked", make(payload=payload))


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("(", 1),
        ("(sales", 6),
        ("sales)", 5),
        ("or sales", 0),
        ("sales or", 8),
        ("not", 3),
        ("region=", 7),
        ("region=a=b", 8),
        ("kind<model", 0),
        ("is=gone", 0),
        ("since=soon", 0),
        ("up=7x", 0),
        ("sales [", 6),
        ('"open', 0),
        ("a!b", 1),
        ("not " * 60 + "x", 203),
        ("(" * 60, 51),
    ],
)
def test_a_broken_line_is_pointed_at(line: str, at: int) -> None:
    """What does not parse fails in one line at its spot, never deeper than it can go."""
    with pytest.raises(RefError) as caught:
        parse_search(line)
    assert caught.value.at == at
    assert "\n" not in str(caught.value)


@given(st.text('ab()=!<>, "in not or and is since up 7d@[]\\', max_size=40))
def test_any_line_parses_or_is_refused(line: str) -> None:
    """Nothing that is typed gives another error than `RefError`, and what parses can be asked."""
    try:
        node = parse_search(line)
    except RefError:
        return
    assert asks_for(node, "draft") in {True, False}
