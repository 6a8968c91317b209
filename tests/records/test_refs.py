"""The grammar of refs."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heirloom.errors import DeclarationError, PartitionError, RefError
from heirloom.records.clauses import OPERATORS, Clause
from heirloom.records.names import check_name
from heirloom.records.refs import Ref, parse_query_string, variable

_LETTERS = "abcxyzABCéßжλ中_"
_WORDS = st.builds(
    str.__add__, st.sampled_from(_LETTERS), st.text(_LETTERS + "0123456789-.", max_size=6)
)
_NAMES = st.lists(_WORDS, min_size=1, max_size=3).map("/".join)
_KEYS = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True).filter(lambda key: key != "not")
_VALUES = st.text(
    st.characters(exclude_categories=["Cs"]), min_size=0, max_size=12
) | st.sampled_from(["true", "not", "or", "2026-01-31", 'say "hi"', "a\\b", "a b", "a\u00a0b"])
_CLAUSES = st.builds(
    Clause, _KEYS, st.sampled_from(OPERATORS), _VALUES.map(lambda v: (v,)), st.booleans()
) | st.builds(
    Clause,
    _KEYS,
    st.just("in"),
    st.lists(_VALUES, min_size=1, max_size=3).map(tuple),
    st.booleans(),
)
_ALIASES = _WORDS
_REFS = st.builds(
    Ref,
    _NAMES,
    st.none() | _WORDS,
    st.lists(_CLAUSES, max_size=3).map(tuple),
    st.none() | st.integers(1, 10**18 - 1) | _ALIASES | st.just("latest"),
)


def _normal(ref: Ref) -> bool:
    """Whether the text is in NFC already, as parsing makes it."""
    return unicodedata.is_normalized("NFC", str(ref))


@given(_REFS.filter(_normal))
def test_a_ref_reads_back_from_its_own_text(ref: Ref) -> None:
    """Parsing what `str` wrote gives the same ref, and writing that the same text."""
    text = str(ref)
    assert Ref.parse(text) == ref
    assert str(Ref.parse(text)) == text


@given(st.text(max_size=30) | st.text('ab[]=!<>,()@"\\ /7', max_size=30))
def test_any_text_is_a_ref_or_a_ref_error(text: str) -> None:
    """Whatever is typed either parses, and then reads back, or fails as `RefError`."""
    try:
        ref = Ref.parse(text)
    except RefError:
        return
    assert Ref.parse(str(ref)) == ref


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("sales", Ref("sales")),
        ("sales@7", Ref("sales", at=7)),
        ("sales@latest", Ref("sales", at="latest")),
        ("team/sales.v2", Ref("team/sales.v2")),
        ("heirloom://p/team/sales@7", Ref("team/sales", "p", at=7)),
        (
            "sales[region=emea]@champion",
            Ref("sales", clauses=(Clause("region", "=", ("emea",)),), at="champion"),
        ),
        (
            'sales[ region = "a, b" , day>=2026-01-01]',
            Ref(
                "sales",
                clauses=(
                    Clause("region", "=", ("a, b",)),
                    Clause("day", ">=", ("2026-01-01",)),
                ),
            ),
        ),
        (
            "sales[not tier in (x, y)]",
            Ref("sales", clauses=(Clause("tier", "in", ("x", "y"), negated=True),)),
        ),
        (r'sales[a="\"\\"]', Ref("sales", clauses=(Clause("a", "=", ('"\\',)),))),
        ("cafe\u0301", Ref("caf\u00e9")),
    ],
)
def test_what_a_text_means(text: str, ref: Ref) -> None:
    """Each part of the grammar is read as the part it is, in NFC."""
    assert Ref.parse(text) == ref


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 0),
        ("7sales", 0),
        ("[a=b]", 0),
        ("sales.csv file", 9),
        ("sales[", 6),
        ("sales[]", 6),
        ("sales[region]", 12),
        ("sales[region=]", 13),
        ("sales[region=emea", 17),
        ("sales[region=emea,]", 18),
        ("sales[region=a b]", 15),
        ("sales[re-gion=a]", 6),
        ("sales[region!emea]", 12),
        ('sales[region="emea]', 13),
        ("sales[tier in x]", 14),
        ("sales[tier in (x]", 16),
        ("sales@", 6),
        ("sales@0", 6),
        ("sales@07", 6),
        ("sales@" + "9" * 19, 6),
        ("sales@my alias", 6),
        ("heirloom://sales", 11),
        ("heirloom:///sales", 11),
        ("heirloom://p/", 13),
        ("a" * 201, 0),
    ],
)
def test_an_error_points_at_the_spot(text: str, at: int) -> None:
    """A text that is no ref fails in one line, which marks where it broke."""
    with pytest.raises(RefError) as caught:
        Ref.parse(text)
    error = caught.value
    assert (error.text, error.at) == (text, at)
    assert "\n" not in str(error)
    assert f"{text[:at]}▸{text[at:]}" in str(error)


def test_only_equality_names_what_is_written() -> None:
    """Brackets as partition values on writing are plain ``key=value`` pairs."""
    assert Ref.parse("sales[region=emea,day=2]").values() == {"region": "emea", "day": "2"}
    for text in ("sales[day>2]", "sales[not day=2]", "sales[day in (2)]"):
        with pytest.raises(PartitionError, match="Only key=value"):
            Ref.parse(text).values()


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("sales?region=emea", "sales[region=emea]"),
        ("sales?region=emea&day>=2026-01-01", "sales[region=emea,day>=2026-01-01]"),
        ("sales@7?region=emea", "sales[region=emea]@7"),
        ("sales?", "sales[]"),
        ("sales[region=emea]", "sales[region=emea]"),
        ('sales[q="a?b"]', 'sales[q="a?b"]'),
        ("sales", "sales"),
    ],
)
def test_the_command_line_writes_brackets_as_a_query_string(typed: str, text: str) -> None:
    """``name?key=value`` is the same as ``name[key=value]``; brackets stay as they are."""
    assert parse_query_string(typed) == text


def test_a_project_is_filled_in_only_where_there_is_none() -> None:
    """A ref keeps the project that it names."""
    assert Ref.parse("sales").within("p").project == "p"
    assert Ref.parse("heirloom://q/sales").within("p").project == "q"


@given(_NAMES)
def test_every_name_that_may_be_declared_is_a_ref(name: str) -> None:
    """What `check_name` lets pass parses as a ref of that name."""
    try:
        checked = check_name(name)
    except DeclarationError:
        return
    assert Ref.parse(checked) == Ref(checked)


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("sales", "sales"),
        ("team/daily.sum-up", "daily_sum_up"),
        ("class", "class_"),
        ("a/for", "for_"),
        ("x²", "x_"),
        ("データ", "データ"),
    ],
)
def test_what_a_version_is_bound_to(name: str, bound: str) -> None:
    """The last word of the name, as Python takes it."""
    assert variable(Ref.parse(name).name) == bound
    exec(f"{variable(name)} = 1", {})
