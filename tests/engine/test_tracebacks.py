"""What a traceback shows of an error that comes through Heirloom: the user's frames alone."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import HeirloomError, TaskFailed


def names(error: BaseException | None) -> list[str]:
    """The functions of a traceback below the test's own."""
    assert error is not None
    found = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    return [name for name in found if not name.startswith("test_")]


@hl.task
def reads(text: str) -> int:
    """Reads a text as JSON."""
    return len(json.loads(text))


@hl.task(timeout=60)
def nested(text: str) -> int:
    """Calls a task in its body, under a time limit."""
    return int(reads(text=text))


@hl.workflow
def whole(text: str = "{") -> int:
    """Calls it in a workflow."""
    return nested(text=text)  # type: ignore[no-any-return]  # a promise


@hl.dynamic
def looped(text: str = "{") -> None:
    """Reads it while it is traced."""
    json.loads(text)


BODY = ["reads", "loads", "decode", "raw_decode"]
CALLS: list[tuple[Callable[[], Any], list[str]]] = [
    (lambda: reads(text="{"), ["<lambda>", *BODY]),
    (lambda: nested(text="{"), ["<lambda>", "nested", *BODY]),
    (lambda: whole(), ["<lambda>", "nested", *BODY]),
    (lambda: hl.map_task(reads)(text=["{"]), ["<lambda>", *BODY]),
    (lambda: looped(), ["<lambda>", "looped", *BODY[1:]]),
]


@pytest.mark.parametrize(("call", "shown"), CALLS)
def test_a_call_shows_the_callers_and_the_bodys_frames(
    call: Callable[[], Any], shown: list[str]
) -> None:
    """What runs a body stands in no traceback; what the body calls does."""
    with pytest.raises(json.JSONDecodeError) as raised:
        call()
    assert names(raised.value) == shown


def test_a_run_shows_its_call_and_its_cause_the_body() -> None:
    """On threads as well, and of a session as of the front."""
    with ThreadPoolExecutor(2) as threads:
        for run in (hl.run, hl.current().run):
            for executor in (None, threads):
                with pytest.raises(TaskFailed) as raised:
                    run(whole, executor=executor)
                assert names(raised.value) == []
                assert names(raised.value.__cause__) == ["nested", *BODY]


def test_what_another_process_told_stands_alone() -> None:
    """Of an error that brings its traceback as a note, none of our frames is left."""
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes,
        pytest.raises(TaskFailed) as raised,
    ):
        hl.run(whole, executor=processes)
    assert names(raised.value) == names(raised.value.__cause__) == []
    (note,) = getattr(raised.value.__cause__, "__notes__", [""])
    assert "in reads" in note
    assert "heirloom/engine" not in note


def test_errors_that_an_error_came_from_are_shortened_too() -> None:
    """A chain of the user's is as it was, each link without our frames."""

    @hl.task
    def chained(text: str) -> int:
        try:
            return int(reads(text=text))
        except ValueError as error:
            raise KeyError("mine") from error

    with pytest.raises(KeyError) as raised:
        chained(text="{")
    assert names(raised.value) == ["chained"]
    assert names(raised.value.__cause__) == ["chained", *BODY]


REFUSED: list[Callable[[], Any]] = [
    lambda: hl.get("unknown"),
    lambda: hl.connect(project="no project"),
    lambda: hl.Artifact("no name"),
    lambda: hl.Artifact("sales").query(latest="no"),
    lambda: hl.Artifact("sales").create_from(1),
    lambda: hl.Artifact("sales")("by position"),
    lambda: hl.OnArtifact("["),
    lambda: hl.LaunchPlan("no name", whole),
    lambda: hl.LaunchPlan.get_or_create("nightly", whole, max_concurrent=0),
    lambda: hl.LaunchPlan("never-registered", whole).activate(),
]


@pytest.mark.parametrize("call", REFUSED)
def test_an_error_of_ours_shows_the_line_that_called(call: Callable[[], Any]) -> None:
    """However deep inside of it the reason was found."""
    with pytest.raises(HeirloomError) as raised:
        call()
    assert names(raised.value) == ["<lambda>"]


def test_a_body_keeps_the_libraries_that_it_calls() -> None:
    """Also where these are what Heirloom uses itself."""

    @contextmanager
    def held() -> Any:
        yield
        1 / 0  # noqa: B018 - it raises

    @hl.task
    def enters() -> None:
        with held():
            pass

    with pytest.raises(ZeroDivisionError) as raised:
        enters()
    assert names(raised.value) == ["enters", "__exit__", "held"]


def test_a_fault_of_ours_keeps_our_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be reported says where it was."""
    with monkeypatch.context() as broken:
        broken.setattr(hl.current().catalog, "view", None)
        with pytest.raises(TypeError) as raised:
            hl.get("unknown")
    assert len(names(raised.value)) > 2


def test_all_frames_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """``HEIRLOOM_TRACEBACKS=full`` hides nothing."""
    monkeypatch.setenv("HEIRLOOM_TRACEBACKS", "full")
    with pytest.raises(json.JSONDecodeError) as raised:
        reads(text="{")
    assert {"run_leaf", "run_body"} < set(names(raised.value))
