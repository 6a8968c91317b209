"""Containers and objects whose members are kept each by itself."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pydantic
import pytest

import heirloom as hl
from heirloom.cli import main
from heirloom.engine.taking import takes
from heirloom.errors import CodecError
from heirloom.session import Session

FRAME = pd.DataFrame({"a": [1, 2]})


@dataclasses.dataclass
class Split:
    train: pd.DataFrame
    weights: np.ndarray[Any, Any]
    names: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = len(self.train)


@dataclasses.dataclass(frozen=True, slots=True)
class Study:
    splits: dict[str, Split]
    report: hl.File | None = None


class Pair(NamedTuple):
    left: pd.DataFrame
    right: int


class Model(pydantic.BaseModel, arbitrary_types_allowed=True):
    table: pa.Table
    scores: list[Any] = []
    _hits: int = pydantic.PrivateAttr(3)


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """This module under its name, as an imported one is."""
    monkeypatch.setitem(sys.modules, __name__, sys.modules[Split.__module__])


def _split() -> Split:
    return Split(FRAME, np.arange(3), ["x", "y"])


def _published(value: Any) -> Any:
    version = hl.publish(value, "thing")
    return version, hl.pull("thing")


def test_a_dataclass_with_a_frame_and_an_array_comes_back() -> None:
    """An object whose fields have codecs of their own is kept by its fields."""
    version, back = _published(_split())
    assert (version.format, version.kind) == ("collection", "value")
    assert version.type_name.endswith("Split")
    assert type(back) is Split
    pd.testing.assert_frame_equal(back.train, FRAME)
    assert back.weights.tolist() == [0, 1, 2]
    assert (back.names, back.rows) == (["x", "y"], 2)


def test_objects_nest_with_files_inside(tmp_path: Path) -> None:
    """Objects in dicts in objects come back, with the files that they hold."""
    (tmp_path / "report.md").write_text("# Done")
    study = Study({"a": _split()}, hl.File(tmp_path / "report.md"))
    _, (back, again) = _published([study, study])
    assert type(back) is type(again) is Study
    assert back.splits["a"].train.equals(FRAME)
    assert back.report is not None
    assert Path(back.report.path).read_text() == "# Done"
    assert back.report.path != str(tmp_path / "report.md")


def test_a_named_tuple_and_a_model_come_back() -> None:
    """A named tuple and a pydantic model with tables in them keep their class and private parts."""
    _, pair = _published(Pair(FRAME, 7))
    assert type(pair) is Pair
    assert (pair.left.equals(FRAME), pair.right) == (True, 7)
    _, model = _published(Model(table=pa.table({"a": [1]}), scores=[np.eye(2)]))
    assert type(model) is Model
    assert model.table.to_pydict() == {"a": [1]}
    assert model.scores[0].tolist() == [[1, 0], [0, 1]]
    assert (model._hits, model.model_fields_set) == (3, {"table", "scores"})


def test_an_object_whose_class_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its class it is a dict of its fields, each as it was; no code of it is imported."""
    hl.publish(_split(), "thing")
    monkeypatch.delitem(sys.modules, __name__)
    back = hl.pull("thing")
    assert list(back) == ["train", "weights", "names"]
    pd.testing.assert_frame_equal(back["train"], FRAME)


def test_plain_objects_stay_in_the_record() -> None:
    """An object of plain values is one value, not a collection of them."""
    version, back = _published(Study({}))
    assert version.format == "json"
    assert back == Study({})


def test_an_object_that_holds_itself_is_refused() -> None:
    """A circle is refused in one line, whether by containers or by objects."""
    split = _split()
    split.names.append(split)  # type: ignore[arg-type]  # it is what is tested
    with pytest.raises(CodecError, match="nest deeper than 32"):
        hl.publish(split, "thing")


@pytest.mark.parametrize(
    ("value", "as_", "expected"),
    [
        ([FRAME], list[pl.DataFrame], None),
        ([FRAME], tuple, tuple),
        ([FRAME], "tuple", tuple),
        ([FRAME], list[dict[str, Any]], {"a": [1, 2]}),
        ({"x": FRAME}, dict[str, pa.Table], pa.Table),
        ((FRAME, np.arange(2)), list, list),
    ],
)
def test_members_are_had_as_what_is_asked(value: Any, as_: Any, expected: Any) -> None:
    """`as_` speaks of the container and, where it has a type inside, of the members."""
    hl.publish(value, "thing")
    if expected is None:
        with pytest.raises(CodecError, match=r"cannot be had as polars\.DataFrame"):
            hl.pull("thing", as_=as_)
        return
    back = hl.pull("thing", as_=as_)
    if isinstance(expected, dict):
        assert back == [expected]
    elif expected is pa.Table:
        assert type(back["x"]) is pa.Table
    else:
        assert type(back) is expected


@pytest.mark.parametrize("pull", [hl.pull_frame, lambda ref: hl.pull(ref, as_="DataFrame")])
def test_a_collection_has_no_frame(pull: Any) -> None:
    """Values kept member by member are refused as one frame, with what they are."""
    hl.publish([FRAME, FRAME], "thing")
    with pytest.raises(CodecError, match="A list kept member by member has no frame"):
        pull("thing")


def test_what_cannot_be_had_is_said_before_anything_is_read() -> None:
    """A wish that stands for nothing is refused for collections as for all."""
    hl.publish([FRAME], "thing")
    with pytest.raises(CodecError, match=r"Nothing can be had as 'lisst'\. Did you mean 'list'"):
        hl.pull("thing", as_="lisst")


def test_a_field_is_an_edge(record: Any) -> None:
    """What was pulled and put into a field is an edge of the task that takes the object."""
    source = hl.publish(FRAME, "source")

    @hl.task
    def take(split: Split) -> int:
        return len(split.train)

    assert take(split=Split(hl.pull("source"), np.arange(1))) == 2
    assert source.ref in record.reads("take")


def test_objects_in_a_list_are_mapped(record: Any) -> None:
    """A list of objects with frames is a list of items: each call is given its own."""

    @hl.task
    def rows(split: Split) -> int:
        return split.rows

    assert hl.map_task(rows)(split=[_split(), _split()]) == [2, 2]
    calls = [execution for execution in record.named("rows") if execution.kind == "task"]
    assert [call.inputs["split"].format for call in calls] == ["collection", "collection"]


def test_members_in_a_large_collection_are_verified_and_travel(
    tmp_path: Path, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the document itself is in the store, its members are checked and exported, too."""
    many = [pd.DataFrame({"a": [number]}) for number in range(40)]
    version = hl.publish({"splits": [Split(each, np.arange(2)) for each in many]}, "thing")
    assert version.digest
    assert session.get("thing").size > 4096
    session.close()
    home = ["--home", str(tmp_path / "home")]
    assert main([*home, "export", "--payloads", str(tmp_path / "out.json")]) == 0
    assert main(["--home", str(tmp_path / "other"), "import", str(tmp_path / "out.json")]) == 0
    there = hl.connect(tmp_path / "other")
    pd.testing.assert_frame_equal(there.pull("thing")["splits"][7].train, many[7])
    there.close()
    for blob in (tmp_path / "home" / "store" / "sha256").rglob("*"):
        if blob.is_file() and blob.read_bytes().startswith(b"PAR1"):
            blob.chmod(0o600)
            blob.write_bytes(b"PAR1")
    capsys.readouterr()
    assert main([*home, "verify", "--payloads"]) != 0
    assert capsys.readouterr().out.count("Needed by") == 40


def test_a_look_loads_no_member(session: Session, tmp_path: Path) -> None:
    """Executions can be looked at when a member is gone, and name such a value by its payload."""
    (tmp_path / "a.txt").write_text("x")

    @hl.task
    def count(files: list[hl.File]) -> int:
        return len(files)

    assert count(files=[hl.File(tmp_path / "a.txt", link=True)]) == 1
    (tmp_path / "a.txt").unlink()
    (execution,) = session.executions(name="count")
    assert execution.inputs["files"].payload.format == "collection"
    with pytest.raises(hl.errors.PayloadMissing):
        session.peek(execution.inputs["files"])


def test_a_large_dict_keeps_its_order() -> None:
    """The members of a dict come in the order that they had, in the record and in the store."""
    frames = {f"k{number}": FRAME for number in reversed(range(40))}
    version, back = _published(frames)
    assert version.size > 4096
    assert list(back) == list(frames)


def test_equal_sets_are_equal_bytes(tmp_path: Path) -> None:
    """The order in which a set gives its members does not tell: nothing changed, nothing fires."""
    for name in "abcdefgh":
        (tmp_path / name).write_text(name)
    files = [hl.File(tmp_path / name) for name in "abcdefgh"]
    assert hl.publish(set(files), "x").digest == hl.publish(set(reversed(files)), "x").digest
    same = {hl.File(f.path): 0 for f in files}
    assert hl.publish(set(same), "x").digest == hl.get("x@1").digest


@pytest.mark.parametrize(
    "document", [{}, {"odd": []}, {"list": 3}, {"payload": {}}, {"object": ["m"]}, {"dict": [1]}, 7]
)
def test_a_document_that_is_none(session: Session, document: Any) -> None:
    """A payload that only says it is a collection is refused in one line."""
    version = hl.publish([FRAME], "thing")
    forged = dataclasses.replace(version.payload, value=document)
    with pytest.raises(CodecError, match="The payload is no collection that Heirloom wrote"):
        session.payloads.load(forged)


def test_what_may_take_a_collection_is_told_without_loading(session: Session) -> None:
    """A container fits its own class and those above it; no member is read for it."""
    payload = hl.publish([FRAME], "thing").payload
    (member,) = session.payloads.inside(payload)
    session.payloads.store.path(str(member.digest)).unlink()
    fitting = [hint for hint in (list, list[Any], Sequence, dict, int) if _takes(session, hint)]
    assert fitting == [list, list[Any], Sequence]


def _takes(session: Session, hint: Any) -> bool:
    return takes(hint, session.get("thing").payload, session.payloads)


def test_an_object_of_what_calls_return(load: Any, record: Any) -> None:
    """A workflow builds it of frames that stay in the store; each is an edge of who takes it."""
    team = load("""
        import pandas as pd
        from dataclasses import dataclass

        @dataclass
        class Split:
            train: pd.DataFrame
            names: list[str]

        @hl.task
        def frame(n: int) -> pd.DataFrame:
            return pd.DataFrame({"a": [n]})

        @hl.task
        def rows(splits: list[Split]) -> list[int]:
            return [int(split.train.a[0]) for split in splits]

        @hl.workflow
        def whole() -> list[int]:
            return rows(splits=[Split(frame(n=1), ["x"]), Split(frame(n=2), [])])
    """)
    assert team.whole() == [1, 2]
    frames = {f"value:{made.id}/o0" for made in record.named("frame")}
    assert set(record.reads("rows")) == frames


def test_what_an_execution_took_and_gave_is_one_short_line() -> None:
    """A value, its payload and the query for it are shown by what they are, not what they hold."""
    hl.publish([Split(FRAME, np.arange(3.0), ["a"] * 500)] * 30, "parts[day=1]")
    query = hl.Artifact("parts", ["day"]).query(day=hl.one_of(*range(99)))

    @hl.task
    def take(parts: list[Split]) -> list[Split]:
        return parts

    run = hl.run(take, parts=query)
    (value,) = run.outputs.values()
    for each in (query, *run.inputs.values(), value, value.payload):
        assert len(repr(each)) <= 160
        assert "\n" not in repr(each)
    assert repr(value).startswith(f"<value:{run.id}/o0 ")
