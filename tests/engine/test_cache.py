"""A task with a cache: what an equal call made is linked, wherever bodies run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import DeclarationError, NotPortable, TaskFailed
from heirloom.records.executions import Execution, Item
from heirloom.session import Session

TEAM = """
    import os
    import pandas as pd

    sales, seen, late = hl.Artifact("sales"), hl.Artifact("seen"), hl.Artifact("late")
    by_region = hl.Artifact("by_region", ["region"])

    @hl.task(cache=True)
    def frame(n: int) -> Annotated[pd.DataFrame, sales]:
        return pd.DataFrame({"n": range(n)})

    @hl.task(cache=True)
    def double(x: int) -> int:
        return 2 * x

    @hl.task(cache=True)
    def size(frame: pd.DataFrame, label: str = "") -> int:
        return len(frame)

    @hl.workflow
    def flow(n: int) -> Annotated[int, late]:
        return size(frame=frame(n=n))

    @hl.workflow
    def mapped(xs: list[int]):
        return hl.map_task(double)(x=xs)

    @hl.dynamic
    def fan(count: int) -> list[int]:
        return [double(x=i) for i in range(count)]

    @hl.task
    def outer(n: int) -> int:
        return double(x=n) + 1

    @hl.task(cache=True)
    def fails(gate: str) -> int:
        if not os.path.exists(gate):
            raise FileNotFoundError(gate)
        return 1

    @hl.task
    def gated(x: int, gate: str) -> int:
        return len(open(gate).read()) + x

    @hl.workflow
    def resumed(gate: str):
        return gated(x=double(x=21), gate=gate)

    @hl.task(cache=True)
    def living(thing: Any) -> int:
        return 1

    @hl.task(cache=True, cache_ignore_input_vars=["thing"])
    def unseen(x: int, thing: Any) -> int:
        return x
"""


@pytest.fixture(scope="module")
def pools() -> Iterator[dict[str, Any]]:
    """Executors that the tests share: processes take their time to start."""
    with ExitStack() as stack:
        spawned = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        yield {
            "here": None,
            "threads": stack.enter_context(ThreadPoolExecutor(4)),
            "processes": stack.enter_context(spawned),
        }


@pytest.fixture(autouse=True)
def session(pools: dict[str, Any], request: pytest.FixtureRequest, tmp_path: Path) -> Session:
    """The session that the front acts on, its tasks on the executor that a test asks for."""
    return hl.connect(tmp_path / "home", executor=pools[getattr(request, "param", "here")])


anywhere = pytest.mark.parametrize("session", ["here", "threads", "processes"], indirect=True)


def _given(execution: Execution) -> Any:
    found: Any = execution.outputs["o0"]
    return found.payload.value if hasattr(found, "payload") else found


def _leaves(record: Any, name: str) -> list[Execution]:
    return [each for each in record.named(name) if each.kind == "task"]


def _reused(record: Any, name: str) -> list[bool]:
    """Of each call, oldest first, whether it was spared."""
    return [each.cached_from is not None for each in _leaves(record, name)]


# -------------------------------------------------------------------- hits


@anywhere
def test_an_equal_call_links_what_was_made(load: Any, record: Any) -> None:
    """It succeeds with the same version and the same value, and emits no version."""
    team = load(TEAM)
    first, second = hl.run(team.flow, n=3), hl.run(team.flow, n=3)
    assert _given(first) == _given(second) == 3
    assert [version.version for version in hl.search("name=sales")] == [1]
    one, two = _leaves(record, "frame")
    assert (two.state, two.cached_from, two.cache_key) == ("succeeded", one.id, one.cache_key)
    assert two.outputs == one.outputs == {"o0": Item(hl.get("sales").ref)}
    one, two = _leaves(record, "size")
    assert two.outputs == {"o0": Item(f"value:{one.id}/o0")}
    third = hl.run(team.flow, n=4)
    assert _given(third) == 4
    assert _reused(record, "frame") == [False, True, False]


@anywhere
def test_maps_dynamic_workflows_and_inner_calls(load: Any, record: Any) -> None:
    """Each item of a map, each call of a run, and a call in a body is looked for by itself."""
    team = load(TEAM)
    assert _given(hl.run(team.mapped, xs=[0, 1])) == [0, 2]
    assert _given(hl.run(team.mapped, xs=[1, 2])) == [2, 4]
    hits = {e.path: e.cached_from for e in _leaves(record, "double") if e.cached_from}
    (known,) = [e for e in _leaves(record, "double")[:2] if e.path == "/double/1"]
    assert hits == {"/double/0": known.id}
    assert _given(hl.run(team.fan, count=4)) == [0, 2, 4, 6]
    assert sum(_reused(record, "double")) == 4
    assert team.outer(n=3) == 7
    assert team.outer(n=8) == 17
    assert _reused(record, "double")[-2:] == [True, False]


def test_nothing_fires_and_the_edges_lead_to_the_first(load: Any, record: Any) -> None:
    """No event comes of a hit; who reads it reads what the first made."""
    team = load(TEAM)
    trigger = hl.OnArtifact(team.sales, inputs={"n": 1})
    hl.LaunchPlan.get_or_create(name="watch", workflow=team.flow, trigger=trigger).activate()
    team.frame(n=3)
    assert len(hl.ledger("watch")) == 1
    again = team.frame(n=3)
    assert team.size(frame=again) == 3
    assert len(hl.ledger("watch")) == 1
    (read,) = record.one("size").all_reads()
    assert read.item == hl.get("sales").ref
    assert hl.get("sales").execution_id == _leaves(record, "frame")[0].id


def test_members_of_a_list_are_linked(load: Any, record: Any) -> None:
    """Each is the version that it was, and who goes over the list reads those."""
    team = load("""
        import pandas as pd
        part = hl.Artifact("part")

        @hl.task(cache=True)
        def parts(n: int) -> list[Annotated[pd.DataFrame, part]]:
            return [pd.DataFrame({"n": range(i)}) for i in range(n)]

        @hl.task
        def size(frame: pd.DataFrame) -> int:
            return len(frame)

        @hl.workflow
        def flow(n: int):
            return hl.map_task(size)(frame=parts(n=n))
    """)
    for _ in range(2):
        assert _given(hl.run(team.flow, n=2)) == [0, 1]
    assert _reused(record, "parts") == [False, True]
    assert [version.version for version in hl.search("name=part")] == [2, 1]
    reads = [[read.item for read in each.all_reads()] for each in _leaves(record, "size")]
    assert reads == [[hl.get("part@1").ref], [hl.get("part@2").ref]] * 2


# -------------------------------------------------------------------- what counts


def test_what_makes_two_calls_equal(
    load: Any, record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code, cache version, content, not what is ignored; another session's find is found, too."""
    text = """
        import os

        @hl.task(cache=True{more})
        def f(x: Any, label: str = "") -> Any:
            return [x, {result}]
    """
    ignored = ', cache_ignore_input_vars=["label"]'

    def hit(more: str = "", result: str = "1", **given: Any) -> bool:
        load(text.format(more=more, result=result)).f(**given)
        return bool(_reused(record, "f")[-1])

    assert not hit(x=1)
    assert hit(x=1)
    assert not hit(x=1.0)
    assert not hit(x=[1])
    assert hit(x=[1])
    assert not hit(x=1, label="a")
    assert not hit(x=1, result="2")
    assert not hit(x=1, more=', cache_version="2"')
    assert hit(x=1, more=', cache_version="2"')
    for release, known in (("a", False), ("b", False), ("a", True)):
        monkeypatch.setenv("RELEASE", release)
        assert hit(x=1, more=', cache_version=os.environ["RELEASE"]') is known
    assert not hit(x=1, label="a", more=ignored)
    assert hit(x=1, label="b", more=ignored)
    hl.connect(record.session.home)
    load(text.format(more="", result="1")).f(x=1)
    assert hl.executions(name="f")[0].cached_from is not None
    hl.connect(record.session.home, project="other")
    load(text.format(more="", result="1")).f(x=1)
    assert hl.executions(name="f")[0].cached_from is None


def test_equal_content_counts_however_it_came(load: Any, record: Any) -> None:
    """A version and a live frame of the same content are the same input."""
    team = load(TEAM)
    made = team.frame(n=5)
    assert team.size(frame=made) == 5
    assert team.size(frame=hl.pull("sales")) == 5
    assert team.size(frame=made.copy()) == 5
    assert team.size(frame=made.head(4)) == 4
    assert _reused(record, "size") == [False, True, True, False]


def test_a_failed_run_is_never_reused(load: Any, record: Any, tmp_path: Path) -> None:
    """The next call runs, and only what it made well is reused."""
    team, gate = load(TEAM), tmp_path / "gate"
    with pytest.raises(FileNotFoundError):
        team.fails(gate=str(gate))
    gate.touch()
    assert team.fails(gate=str(gate)) == team.fails(gate=str(gate)) == 1
    assert _reused(record, "fails") == [False, False, True]


# -------------------------------------------------------------------- what is not there any more


def test_a_payload_that_is_gone_is_made_again(session: Session, load: Any, record: Any) -> None:
    """The body runs, its version is a new one, and that is what the next call links."""
    team = load(TEAM)
    team.frame(n=3)
    blob = session.payloads.store.path(hl.get("sales").digest or "")
    blob.chmod(0o600)
    blob.unlink()
    assert len(team.frame(n=3)) == 3
    assert hl.get("sales").version == 2
    team.frame(n=3)
    assert _reused(record, "frame") == [False, False, True]


def test_a_yanked_version_is_made_again(load: Any, record: Any) -> None:
    """What somebody took back is no answer."""
    team = load(TEAM)
    team.frame(n=3)
    hl.yank("sales@1", "wrong")
    team.frame(n=3)
    assert hl.get("sales").version == 2
    assert _reused(record, "frame") == [False, False]


def test_a_link_that_changed_is_made_again(load: Any, record: Any, tmp_path: Path) -> None:
    """An output that was linked, not copied, is looked at before it is reused."""
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n")
    team = load("""
        kept = hl.Artifact("kept")

        @hl.task(cache=True)
        def linked(path: str) -> Annotated[hl.File, kept]:
            return hl.File(path, link=True)
    """)
    for _ in range(2):
        team.linked(path=str(data))
    data.write_text("a\n1\n2\n")
    team.linked(path=str(data))
    assert _reused(record, "linked") == [False, True, False]
    assert hl.get("kept").version == 2


# -------------------------------------------------------------------- again


def test_a_resumed_run_keeps_its_hits(load: Any, record: Any, tmp_path: Path) -> None:
    """What the first attempt reused is not asked for again, and the run has one record of it."""
    team, gate = load(TEAM), tmp_path / "gate"
    team.double(x=21)
    failed = hl.run(team.resumed, gate=str(gate), check=False)
    gate.write_text("")
    assert _given(hl.resume(failed)) == 42
    assert _reused(record, "double") == [False, True]


def test_a_rerun_runs_the_body(load: Any, record: Any) -> None:
    """To run again what was recorded asks no cache, in inner calls neither."""
    team = load(TEAM)
    hl.run(team.flow, n=2)
    again = hl.rerun(hl.run(team.flow, n=2))
    assert _given(again) == 2
    assert _reused(record, "frame") == _reused(record, "size") == [False, True, False]


@pytest.mark.parametrize("session", ["threads"], indirect=True)
def test_equal_calls_at_once(load: Any, record: Any, tmp_path: Path) -> None:
    """Both run, each is recorded, and a later call reuses one of them."""
    both = load("""
        import os, time

        @hl.task(cache=True, cache_ignore_input_vars=["gate"])
        def meet(x: int, gate: str) -> int:
            open(gate, "a").close()
            until = time.monotonic() + 30
            while len(os.listdir(os.path.dirname(gate))) < 2 and time.monotonic() < until:
                time.sleep(0.002)
            return x

        @hl.workflow
        def flow(a: str, b: str):
            return meet(x=1, gate=a), meet(x=1, gate=b)
    """)
    gates = tmp_path / "gates"
    gates.mkdir()
    hl.run(both.flow, a=str(gates / "a"), b=str(gates / "b"))
    assert _reused(record, "meet") == [False, False]
    hl.run(both.flow, a=str(gates / "a"), b=str(gates / "b"))
    assert _reused(record, "meet") == [False, False, True, True]


# -------------------------------------------------------------------- refusals


def test_an_input_without_content_is_not_cached(load: Any, record: Any) -> None:
    """What lives in this process only, or is a secret: the call runs, and a warning says why."""
    team = load(TEAM)
    for _ in range(2):
        with pytest.warns(UserWarning, match="input 'thing', a .*lock, has no format"):
            team.living(thing=threading.Lock())
    assert _reused(record, "living") == [False, False]
    assert not record.named("living")[0].cache_key
    for _ in range(2):
        team.unseen(x=1, thing=threading.Lock())
    assert _reused(record, "unseen") == [False, True]
    asked = load("""
        @hl.task(cache=True)
        def ask(password: str) -> int:
            return len(password)
    """)
    for _ in range(2):
        with pytest.warns(UserWarning, match=r"'password', .* is taken for a secret"):
            asked.ask(password="correct horse")
    assert _reused(record, "ask") == [False, False]


def test_bound_code_is_refused(load: Any, record: Any) -> None:
    """Code that lives on what only this kernel has cannot be compared: nothing of a run begins."""
    client = threading.Lock()

    @hl.task(cache=True)
    def f(x: int) -> int:
        with client:
            return x

    @hl.task
    def before(x: int) -> int:
        return x

    @hl.workflow
    def flow(x: int) -> Any:
        return f(x=before(x=x))

    @hl.workflow
    def deep(xs: list[int]) -> Any:
        flow(x=1)
        return hl.map_task(f)(x=xs)

    calls: list[tuple[Any, dict[str, Any]]] = [
        (f, {"x": 1}),
        (flow, {"x": 1}),
        (hl.map_task(f), {"x": [1]}),
        (deep, {"xs": [1]}),
    ]
    for target, given in calls:
        with pytest.raises(NotPortable, match="'f' cannot be cached: it uses 'client'"):
            hl.run(target, given)
    assert record.all == []

    @hl.dynamic
    def fan(x: int) -> Any:
        return f(x=before(x=x))

    with pytest.raises(TaskFailed, match="it uses 'client'"):
        hl.run(fan, x=1)
    assert [each.name for each in record.all] == ["fan"]


def test_turned_off(load: Any, record: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every body runs, where a session is opened so; what it made is found when it is on again."""
    team = load(TEAM)
    home = hl.current().home
    team.double(x=1)
    monkeypatch.setenv("HEIRLOOM_CACHE", "off")
    hl.connect(home)
    assert team.double(x=1) == 2
    monkeypatch.delenv("HEIRLOOM_CACHE")
    record.session = hl.connect(home)
    assert team.double(x=1) == 2
    assert _reused(record, "double") == [False, False, True]
    assert record.named("double")[2].cached_from == record.named("double")[1].id


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("cache_ignore_input_vars=['regoin']", "names 'regoin', no input. Did you mean 'region'"),
        ("cache_ignore_input_vars=['region']", "gives its versions their partition 'region'"),
        ("cache='v1'", "takes True or False; got 'v1'"),
        ("cache_ignore_input_vars=[1]", r"takes names of inputs; got \[1\]"),
    ],
)
def test_options_that_are_none(load: Any, options: str, said: str) -> None:
    """They are refused when the task is declared."""
    with pytest.raises(DeclarationError, match=said):
        load(f"""
            made = hl.Artifact("made", ["region"])

            @hl.task({"" if options.startswith("cache=") else "cache=True, "}{options})
            def f(region: str) -> Annotated[int, made(region=hl.Inputs.region)]:
                return 1
        """)
