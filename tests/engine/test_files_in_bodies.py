"""Files that bodies are given, wherever in an input they stand: never the caller's own."""

from __future__ import annotations

import dataclasses
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pydantic
import pytest

import heirloom as hl
from heirloom.errors import CodecError

GIVEN: list[Path] = []


@dataclasses.dataclass
class Batch:
    rows: hl.File
    label: str = ""


class Pair(NamedTuple):
    left: hl.File
    number: int


class Config(pydantic.BaseModel, arbitrary_types_allowed=True):
    table: hl.File | None = None
    rate: float = 0.5


def _paths(value: Any) -> list[str]:
    """The paths of the files in a value, in order."""
    if isinstance(value, hl.File | hl.Directory):
        return [value.path]
    if dataclasses.is_dataclass(value):
        parts = list(vars(value).values())
    elif isinstance(value, pydantic.BaseModel):
        parts = list(value.__dict__.values())
    else:
        parts = list(value.values()) if isinstance(value, dict) else []
    parts = list(value) if isinstance(value, list | tuple | set) else parts
    return [path for part in parts for path in _paths(part)]


@hl.task
def look(value: Any) -> str:
    """Reads the one file in its input, and tells where it lay."""
    (path,) = _paths(value)
    GIVEN.append(Path(path))
    assert not stat.S_IMODE(Path(path).stat().st_mode) & 0o222
    return Path(path).read_text()


@hl.task
def wrapped(value: Any) -> Any:
    """What it is given."""
    return value


@hl.workflow
def passed_on(value: Any) -> Any:
    """From one body to another."""
    return look(value=wrapped(value=value))


SHAPES: list[Callable[[hl.File], Any]] = [
    lambda file: file,
    lambda file: [file],
    lambda file: {"a": {"b": (file, 1)}},
    lambda file: {file},
    lambda file: Batch(file),
    lambda file: Pair(file, 1),
    lambda file: Config(table=file),
    lambda file: [{"batch": [Batch(file, "x")]}],
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("run", [look, passed_on])
def test_a_file_is_read_only_wherever_it_stands(
    tmp_path: Path, shape: Callable[[hl.File], Any], run: Any
) -> None:
    """A body gets a read-only path under the file's name, which ends with the body."""
    source = tmp_path / "data.csv"
    source.write_text("a\n1\n")
    GIVEN.clear()
    assert run(value=shape(hl.File(source))) == "a\n1\n"
    (given,) = GIVEN
    assert given.name == "data.csv"
    assert os.path.realpath(given) != os.path.realpath(source)
    assert not given.exists()
    assert source.read_text() == "a\n1\n"


def test_a_directory_inside_a_list_is_read_only(tmp_path: Path) -> None:
    """The same of a directory: each file below it is read-only, and not the caller's."""
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    (tmp_path / "tree" / "deep" / "a.txt").write_text("x")

    @hl.task
    def below(trees: list[hl.Directory]) -> str:
        (tree,) = trees
        leaf = Path(tree.path) / "deep" / "a.txt"
        assert not leaf.stat().st_mode & 0o222
        assert os.path.realpath(leaf) != os.path.realpath(tmp_path / "tree" / "deep" / "a.txt")
        return leaf.read_text()

    assert below(trees=[hl.Directory(tmp_path / "tree")]) == "x"


def test_an_optional_file_may_be_none(tmp_path: Path) -> None:
    """`File | None` takes a file, which is read-only, and None."""
    (tmp_path / "a.txt").write_text("x")

    @hl.task
    def maybe(file: hl.File | None = None) -> str:
        return "none" if file is None else Path(file.path).read_text()

    assert maybe() == "none"
    assert maybe(file=hl.File(tmp_path / "a.txt")) == "x"


def test_what_a_body_gives_back_lasts(tmp_path: Path) -> None:
    """A list with a file that a body was given is read from the store when it is over."""
    (tmp_path / "a.txt").write_text("x")
    (file,) = wrapped(value=[hl.File(tmp_path / "a.txt")])
    assert Path(file.path).read_text() == "x"
    assert file.path != str(tmp_path / "a.txt")


def test_a_file_that_is_not_there_is_found_before_the_body(tmp_path: Path) -> None:
    """Inside a list, too, and beside a value that no codec takes: nothing runs on the path."""
    GIVEN.clear()
    with pytest.raises(CodecError, match="No file at"):
        look(value=[hl.File(tmp_path / "nowhere.csv")])
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(CodecError, match="No safe format for an object"):
        look(value=[object(), hl.File(tmp_path / "a.txt")])
    assert GIVEN == []


def test_a_link_is_where_it_lies_and_changes_are_told(tmp_path: Path) -> None:
    """A linked file inside a list is the place itself; changed since, no body sees it."""
    source = tmp_path / "huge.bin"
    source.write_text("x")
    hl.publish([hl.File(source, link=True)], "linked")

    @hl.task
    def read(files: list[hl.File]) -> str:
        (file,) = files
        assert file.path == str(source)
        return Path(file.path).read_text()

    assert read(files=hl.get("linked")) == "x"
    source.write_text("another")
    with pytest.raises(hl.errors.PayloadDamaged, match="was changed after it was recorded"):
        read(files=hl.get("linked"))


@pytest.mark.parametrize("shape", SHAPES[:2])
def test_a_body_that_changes_what_is_linked_fails(
    tmp_path: Path, shape: Callable[[hl.File], Any]
) -> None:
    """A link is the place itself: a body that writes there has no output, and says why."""
    source = tmp_path / "huge.bin"
    source.write_text("x")

    @hl.task
    def write(value: Any) -> int:
        (path,) = _paths(value)
        return Path(path).write_text("another")

    with pytest.raises(hl.errors.PayloadDamaged, match="was changed after it was recorded"):
        write(value=shape(hl.File(source, link=True)))
