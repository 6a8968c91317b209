"""Completion of the search line."""

from __future__ import annotations

import pytest

import heirloom as hl
from heirloom.engine.completing import MOST
from heirloom.records.ledger import LEDGER_STATES
from heirloom.records.search_tree import ORDERS
from heirloom_widgets.ledger import STATES
from heirloom_widgets.search import ORDERED


def _texts(session: hl.Session, line: str) -> list[str]:
    return [offer.text for offer in session.completions(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ki", ["kind="]),
        ("bat", ["batch="]),
        ("name=pred", ["prediction"]),
        ("name=PRED", ["prediction"]),
        ("name=prediction", []),
        ("kind=", ["data", "model", "file", "value"]),
        ("is=ya", ["yanked"]),
        ("alias=", ["champion"]),
        ("alias=zz", []),
        ("batch=", ["a", "b", "c"]),
        ("batch in (a, ", ["a", "b", "c"]),
        ("(kind=model or batch=c", []),
        ("not blessed!=", ["false", "true"]),
        ("by=tr", ["train"]),
        ("by=test", ["tester"]),
        ("since=7", ["7d"]),
        ("up=bless", ["blessed_model"]),
        ("nothing_like_it", []),
    ],
)
def test_what_could_follow(session: hl.Session, line: str, expected: list[str]) -> None:
    """Keys, and of values only such as the catalog has."""
    assert _texts(session, line) == expected


def test_the_panels_name_every_order_and_state() -> None:
    """What the toolkit knows can be chosen, and nothing else."""
    assert tuple(ORDERED) == ORDERS
    assert STATES == LEDGER_STATES


def test_an_empty_line_offers_its_keys_the_partitions_first(session: hl.Session) -> None:
    """A newcomer sees what can be asked; here no word of the grammar and no name yet."""
    texts = _texts(session, "")
    assert texts[:4] == ["batch=", "blessed=", "note=", "name="]
    assert {"kind=", "since=", "alias=", "up="} < set(texts)
    assert not {"not", "or"} & set(texts)


def test_a_bare_word_finds_artifacts_by_any_part_of_their_name(session: hl.Session) -> None:
    """Nobody has to know how a name begins."""
    assert _texts(session, "kind=data model") == ["name=blessed_model"]


def test_a_value_that_is_no_word_is_quoted(session: hl.Session) -> None:
    """What is accepted parses, and finds what it was offered for."""
    session.publish(1, 'sums[region="north, \\"old\\" or new"]')
    (text,) = _texts(session, 'region="north, \\"o')
    assert [v.name for v in session.search(f"region={text}")] == ["sums"]
    assert _texts(session, "region=no") == [text]
    (offer,) = session.completions('kind=value region="north')
    assert offer.begin == len("kind=value region=")


def test_of_many_values_the_first_are_offered(session: hl.Session) -> None:
    """Ten thousand partition values are no list; more letters are."""
    artifact = hl.Artifact("many", ["n"])
    for number in range(MOST + 3):
        session.publish(number, f"{artifact.name}[n={number}]")
    assert len(_texts(session, "n=")) == MOST
    assert _texts(session, "n=42") == []
    assert _texts(session, "n=4")[:2] == ["4", "40"]
