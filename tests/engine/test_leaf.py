"""One task call: what its body is given, what is recorded of it, and how it can end."""
# What a call in a workflow's body gives is a promise, which its annotation does not speak of.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pandas as pd
import pytest

import heirloom as hl
from heirloom.errors import (
    CodecError,
    DeclarationError,
    InputError,
    PartitionError,
    TaskFailed,
    UnsafeRead,
)
from heirloom.records.executions import Item
from heirloom.records.payloads import Payload

sales = hl.Artifact("sales", ["region"])
report = hl.Artifact("report")
typed = hl.Artifact("typed", ["big", "n"])
low, high = hl.Artifact("low", ["q"]), hl.Artifact("high", ["q"])
any_sales = hl.Artifact("sales")


class Parts(NamedTuple):
    """Two outputs, one of them a version."""

    half: int
    rest: Annotated[int, report]


class Client:
    """A live thing that has no format."""


# ---------------------------------------------------------------------- outputs


def test_an_output_is_recorded_as_a_nameless_value(record: Any) -> None:
    """What no artifact is annotated for is a value of its execution, with its payload."""

    @hl.task
    def double(x: int) -> int:
        return 2 * x

    assert double(4) == 8
    done = record.one("double")
    payload = done.outputs["o0"]
    assert (done.kind, done.state, done.path, done.root_id) == ("task", "succeeded", "", done.id)
    assert isinstance(payload, Payload)
    assert payload.value == 8
    assert not hl.search().versions


def test_an_annotated_output_is_a_version(record: Any) -> None:
    """An output under an artifact is its next version, made by that execution."""

    @hl.task
    def total(x: int) -> Annotated[int, report]:
        return x

    total(1)
    total(2)
    version = hl.get("report")
    assert (version.version, version.payload.value) == (2, 2)
    assert version.execution_id == record.named("total")[-1].id
    assert record.named("total")[-1].outputs == {"o0": Item(version.ref)}


def test_what_create_from_says_stands_in_the_version() -> None:
    """Partitions, card, format and attachments of ``create_from`` belong to the version."""

    class Figures:
        def serialize_to_string(self, _: Any, name: str) -> tuple[str, str]:
            return "figures", "1 2 3"

    @hl.task
    def emit() -> Annotated[dict[str, int], sales]:
        return sales.create_from({"n": 1}, hl.DataCard("# Sales"), Figures(), region="emea")

    emit()
    version = hl.get("sales[region=emea]")
    assert version.partitions == {"region": "emea"}
    assert str(version.card) == "# Sales"
    assert version.attachments == {"figures": "1 2 3"}


def test_a_draft_is_never_latest() -> None:
    """``create_from(draft=True)`` records a version that only its number reaches."""

    @hl.task
    def emit(x: int, draft: bool) -> Annotated[int, report]:
        return report.create_from(x, draft=draft)

    emit(1, False)
    emit(2, True)
    assert hl.get("report").version == 1
    assert hl.get("report@2").state == "draft"


def test_a_bound_partition_is_the_inputs_value() -> None:
    """``artifact(key=Inputs.x)`` gives the version the canonical text of that input."""

    @hl.task
    def emit(big: bool, n: int) -> Annotated[int, typed(big=hl.Inputs.big, n=hl.Inputs.n)]:
        return n

    emit(True, 7)
    assert hl.get("typed").partitions == {"big": "true", "n": "7"}


def test_one_object_twice_is_two_creations() -> None:
    """An interned value returned for two outputs keeps what was said of each."""

    @hl.task
    def emit() -> tuple[Annotated[int, low], Annotated[int, high]]:
        return low.create_from(7, q="a"), high.create_from(7, q="b")

    assert emit() == (7, 7)
    assert hl.get("low").partitions == {"q": "a"}
    assert hl.get("high").partitions == {"q": "b"}


def test_two_outputs_of_one_artifact_keep_their_order() -> None:
    """The same value emitted twice under one artifact is two versions, in the order said."""

    @hl.task
    def emit() -> tuple[Annotated[int, sales], Annotated[int, sales]]:
        return sales.create_from(7, region="emea"), sales.create_from(7, region="apac")

    emit()
    assert [hl.get(f"sales@{n}").partitions["region"] for n in (1, 2)] == ["emea", "apac"]


def test_several_outputs_by_name(record: Any) -> None:
    """The fields of a NamedTuple are the outputs, and the call returns that tuple."""

    @hl.task
    def split(x: int) -> Parts:
        return Parts(x // 2, x % 2)

    parts = split(5)
    assert (parts.half, parts.rest) == (2, 1)
    assert list(record.one("split").outputs) == ["half", "rest"]
    assert hl.pull("report") == 1


def test_none_emits_nothing(record: Any) -> None:
    """An Optional output that is None makes no version; the execution says None."""

    @hl.task
    def maybe(x: int) -> Annotated[int | None, report]:
        return x if x > 0 else None

    assert maybe(0) is None
    assert record.one("maybe").outputs["o0"].type_name == "None"
    assert not hl.search().versions


def test_a_live_value_passes_alive(record: Any) -> None:
    """A value that no codec takes is handed on as it is, and recorded as alive."""

    @hl.task
    def connect() -> Any:
        return Client()

    @hl.task
    def use(client: Any) -> bool:
        return isinstance(client, Client)

    client = connect()
    assert use(client)
    payload = record.one("connect").outputs["o0"]
    assert (payload.format, payload.type_name) == ("alive", f"{__name__}.Client")
    assert record.reads("use") == {record.item("connect"): "declared"}


def test_a_live_value_is_no_version(record: Any) -> None:
    """An artifact needs a payload: emitting a value without format fails the execution."""

    @hl.task
    def connect() -> Annotated[Any, report]:
        return Client()

    with pytest.raises(CodecError):
        connect()
    assert record.one("connect").state == "failed"
    assert not hl.search().versions


def test_a_file_that_is_not_there_is_no_output(tmp_path: Path, record: Any) -> None:
    """A File without bytes is refused instead of being passed on alive."""

    @hl.task
    def write() -> hl.File:
        return hl.File(tmp_path / "nowhere.csv")

    with pytest.raises(CodecError, match=r"nowhere\.csv"):
        write()
    assert record.one("write").state == "failed"


# ---------------------------------------------------------------------- inputs


def test_inputs_are_recorded(record: Any) -> None:
    """Every input is in the record, defaults too, and a plain value with its payload."""

    @hl.task
    def add(a: int, b: int = 2) -> int:
        return a + b

    add(a=1)
    inputs = record.one("add").inputs
    assert {name: bound.value for name, bound in inputs.items()} == {"a": 1, "b": 2}


def test_a_consumer_does_not_see_what_another_did(record: Any) -> None:
    """Two tasks of a workflow that are given one frame each see it as it was made."""
    seen: list[int] = []

    @hl.task
    def make() -> pd.DataFrame:
        return pd.DataFrame({"n": [1, 2, 3]})

    @hl.task
    def spoil(frame: pd.DataFrame) -> int:
        frame["n"] = 0
        return 0

    @hl.task
    def total(frame: pd.DataFrame) -> int:
        seen.append(int(frame["n"].sum()))
        return seen[-1]

    @hl.workflow
    def both() -> int:
        frame = make()
        spoil(frame=frame)
        return total(frame=frame)

    assert both() == 6
    assert seen == [6]


def test_a_file_input_is_lent_read_only(tmp_path: Path) -> None:
    """A File input is a readable path under its own name, read-only, and gone after the body."""
    source = tmp_path / "data.csv"
    source.write_text("a\n1\n")
    lent: list[str] = []

    @hl.task
    def read(file: hl.File) -> str:
        lent.append(file.path)
        assert os.stat(file.path).st_mode & 0o222 == 0
        return Path(file.path).read_text()

    assert read(hl.File(source)) == "a\n1\n"
    assert Path(lent[0]).name == "data.csv"
    assert lent[0] != str(source)
    assert not os.path.lexists(lent[0])


def test_a_file_input_may_be_the_output(tmp_path: Path) -> None:
    """A task that returns the file it was given returns one that can still be read."""
    source = tmp_path / "data.csv"
    source.write_text("a\n1\n")

    @hl.task
    def same(file: hl.File) -> Annotated[hl.File, report]:
        return file

    @hl.task
    def text(file: hl.File) -> str:
        return Path(file.path).read_text()

    @hl.workflow
    def passed_on(file: hl.File) -> str:
        return text(file=same(file=file))

    assert Path(same(hl.File(source)).path).read_text() == "a\n1\n"
    assert passed_on(file=hl.File(source)) == "a\n1\n"


def test_a_directory_travels_whole(tmp_path: Path) -> None:
    """A Directory that one task made is there, read-only, for the next."""

    @hl.task
    def write() -> hl.Directory:
        (tmp_path / "out" / "deep").mkdir(parents=True)
        (tmp_path / "out" / "deep" / "a.txt").write_text("a")
        return hl.Directory(tmp_path / "out")

    @hl.task
    def read(directory: hl.Directory) -> str:
        return (Path(directory.path) / "deep" / "a.txt").read_text()

    @hl.workflow
    def both() -> str:
        return read(directory=write())

    assert both() == "a"


def test_a_version_is_given_as_its_payload(record: Any) -> None:
    """An `ArtifactVersion` given for an input is loaded for the body, and is an edge."""

    @hl.task
    def use(x: int) -> int:
        return x + 1

    version = hl.publish(41, "answer")
    assert use(version) == 42
    assert record.reads("use") == {version.ref: "declared"}


def test_a_uri_is_a_version_where_text_is_not_meant(record: Any) -> None:
    """A full ref given for an input that is no text is that version; for text it is text."""

    @hl.task
    def number(x: int) -> int:
        return x

    @hl.task
    def text(x: str) -> str:
        return x

    version = hl.publish(5, "answer")
    assert number(version.ref) == 5
    assert text(version.ref) == version.ref
    assert record.reads("number") == {version.ref: "declared"}
    assert record.reads("text") == {}


def test_a_wrong_type_runs_nothing(record: Any) -> None:
    """An input of another type is refused before the body, and nothing is recorded."""

    @hl.task
    def use(x: int) -> int:
        raise AssertionError

    with pytest.raises(InputError, match="'x' of 'use' takes int; got str 'seven'"):
        use("seven")
    assert not record.all


def test_a_version_of_a_wrong_type_runs_nothing(record: Any) -> None:
    """A version whose payload is of another type is refused, too."""

    @hl.task
    def use(x: int) -> int:
        raise AssertionError

    version = hl.publish("seven", "word")
    with pytest.raises(InputError, match="takes int; got str"):
        use(version)
    assert not record.named("use")


def test_an_unknown_input_names_the_nearest(record: Any) -> None:
    """A misspelt input is refused with the one that was meant."""

    @hl.task
    def use(region: str) -> str:
        return region

    with pytest.raises(InputError, match=r"no input 'regoin'\. Did you mean 'region'"):
        use(regoin="emea")
    with pytest.raises(InputError, match="needs input 'region'"):
        use()
    assert not record.all


def test_a_pickled_input_needs_the_tasks_word() -> None:
    """A pickled version is loaded for a task only where the task allows it."""

    @hl.task
    def careful(x: dict[str, int]) -> int:
        return len(x)

    @hl.task(allow_pickle=True)
    def trusting(x: dict[str, int]) -> int:
        return len(x)

    version: Any = hl.publish({"a": 1}, "risky", format="pickle")
    with pytest.raises(UnsafeRead, match=r"Input 'x' of 'careful'.*allow_pickle=True"):
        careful(version)
    assert trusting(version) == 1


def test_the_versions_behind_inputs_are_at_hand() -> None:
    """``hl.inputs`` gives, inside a body, the version that an input came from."""

    @hl.task
    def region(rows: int, factor: int) -> str:
        assert "factor" not in hl.inputs
        return hl.inputs["rows"].partitions["region"]

    version: Any = hl.publish(3, "sales[region=emea]")
    assert region(version, 2) == "emea"
    assert not list(hl.inputs)


# ---------------------------------------------------------------------- bad ends


def test_a_body_that_raises_is_recorded_as_failed(record: Any) -> None:
    """The user's own error comes out; the execution keeps its traceback, and no version."""

    @hl.task
    def fail(x: int) -> Annotated[int, report]:
        report.create_from(x)
        raise KeyError("the cause")

    with pytest.raises(KeyError, match="the cause"):
        fail(1)
    failed = record.one("fail")
    assert failed.state == "failed"
    assert failed.ended_at is not None
    assert "Traceback" in failed.error
    assert "the cause" in failed.error
    assert failed.inputs["x"].value == 1
    assert not failed.outputs
    assert not hl.search().versions


def test_a_failed_run_is_one_line_whatever_was_raised() -> None:
    """An error whose message is long, or raises one itself, is told in one line."""

    class Unsayable(Exception):
        def __str__(self) -> str:
            raise ValueError

    @hl.task
    def long() -> None:
        raise RuntimeError("first\nsecond")

    @hl.task
    def unsayable() -> None:
        raise Unsayable

    with pytest.raises(TaskFailed, match=r"'long' failed: RuntimeError: first\\nsecond$"):
        hl.run(long)
    with pytest.raises(TaskFailed, match=r"failed: Unsayable: \(its message raises"):
        hl.run(unsayable)


def test_a_run_by_hand_wraps_the_users_error() -> None:
    """``hl.run`` raises `TaskFailed` with the execution and the user's error as its cause."""

    @hl.task
    def fail() -> int:
        return 1 // 0

    with pytest.raises(TaskFailed, match="task 'fail' failed: ZeroDivisionError") as caught:
        hl.run(fail)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert caught.value.execution.state == "failed"
    assert hl.run(fail, check=False).state == "failed"


def test_an_interrupt_is_recorded_as_cancelled(record: Any) -> None:
    """KeyboardInterrupt in a body passes through; the execution is cancelled."""

    @hl.task
    def stop() -> Annotated[int, report]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert record.one("stop").state == "cancelled"
    assert not hl.search().versions


def test_an_exit_is_recorded_as_failed(record: Any) -> None:
    """``sys.exit`` in a body is no interrupt: the execution failed."""

    @hl.task
    def leave() -> int:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        leave()
    assert record.one("leave").state == "failed"


def test_an_interrupt_after_the_commit_changes_nothing(
    record: Any, session: hl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupt that comes when the end is recorded does not make it another one."""
    commit = session.catalog.commit

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        commit(*args, **kwargs)
        monkeypatch.setattr(session.catalog, "commit", commit)
        raise KeyboardInterrupt

    @hl.task
    def emit() -> Annotated[int, report]:
        monkeypatch.setattr(session.catalog, "commit", interrupted)
        return 1

    with pytest.raises(KeyboardInterrupt):
        emit()
    assert record.one("emit").state == "succeeded"
    assert hl.get("report").version == 1


def test_an_unclaimed_creation_is_an_error(record: Any) -> None:
    """What ``create_from`` promised and the body did not return fails the execution."""

    @hl.task
    def forget() -> Annotated[int, sales]:
        sales.create_from(1, region="emea")
        return 2

    with pytest.raises(DeclarationError, match=r"'forget' said sales\.create_from"):
        forget()
    assert record.one("forget").state == "failed"
    assert not hl.search().versions


def test_a_promised_version_cannot_be_none(record: Any) -> None:
    """A creation whose Optional output returns None after all is an error."""

    @hl.task
    def forget() -> Annotated[int | None, sales]:
        sales.create_from(1, region="emea")
        return None

    with pytest.raises(DeclarationError, match="did not return"):
        forget()


def test_none_is_no_version_unless_that_may_be(record: Any) -> None:
    """An output of any type that is None, itself or a member of it, has not kept its promise."""

    @hl.task
    def forget() -> Annotated[Any, report]:
        return None

    @hl.task
    def some() -> list[Annotated[Any, report]]:
        return [1, None]

    @hl.task
    def perhaps() -> list[Annotated[int, report] | None]:
        return [1, None]

    @hl.dynamic
    def neither(n: int) -> Annotated[Any, report]:
        return None

    for target, inputs in ((forget, {}), (some, {}), (neither, {"n": 1})):
        with pytest.raises(TaskFailed, match=r"is None, which is no version of 'report'\. Return"):
            hl.run(target, inputs)
    assert {each.state for each in record.all} == {"failed"}
    assert not hl.search().versions
    assert perhaps() == [1, None]
    assert hl.search().total == 1


def test_create_from_outside_a_task_is_refused() -> None:
    """Outside of a task nothing returns the value: publish is named."""
    with pytest.raises(DeclarationError, match=r"hl\.publish"):
        sales.create_from(1, region="emea")


def test_a_wrong_output_type_is_recorded_as_failed(record: Any) -> None:
    """A body that returns another type than promised has failed, and emits nothing."""

    @hl.task
    def lie() -> Annotated[int, report]:
        return "seven"  # type: ignore[return-value]  # it is the mistake under test

    with pytest.raises(InputError, match="Output 'o0' of 'lie' is int; it returned str 'seven'"):
        lie()
    assert record.one("lie").state == "failed"
    assert not hl.search().versions


def test_a_wrong_number_of_outputs(record: Any) -> None:
    """Two promised outputs and three returned is a failure, too."""

    @hl.task
    def lie() -> tuple[int, int]:
        return 1, 2, 3  # type: ignore[return-value]  # it is the mistake under test

    with pytest.raises(InputError, match="promises 2 outputs; it returned 3"):
        lie()
    assert record.one("lie").state == "failed"


@pytest.mark.parametrize(
    ("partitions", "says"),
    [({}, "needs partitions"), ({"region": "emea", "x": 1}, "no partition key 'x'")],
)
def test_partitions_that_are_not_declared(
    partitions: dict[str, Any], says: str, record: Any
) -> None:
    """Missing or unknown partitions fail the execution; no version is recorded."""
    hl.publish(1, "sales[region=emea]")

    @hl.task
    def emit() -> Annotated[int, any_sales]:
        return any_sales.create_from(1, **partitions)

    with pytest.raises(PartitionError, match=says):
        emit()
    assert record.one("emit").state == "failed"
    assert hl.get("sales").version == 1
