"""A format in an annotation, both ways; mypy takes what stands here, as it is to take a user's."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Annotated, Any, assert_type, cast

import pytest

import heirloom as hl
from heirloom import Directory, File
from heirloom.declare.types import spell
from heirloom.engine.annotations import type_named
from heirloom.errors import InputError

table = hl.Artifact("table")


@hl.task
def one(file: Annotated[File, "csv"]) -> str:
    """The text of a file."""
    return Path(assert_type(file, File).path).read_text()


def bracketed(file: File) -> str:
    """The text of a file, whose annotation is replaced below: to mypy, brackets hold a class."""
    return Path(file.path).read_text()


bracketed.__annotations__["file"] = cast(Any, File)["csv"]
short = hl.task(bracketed)


@hl.task
def annotated(files: list[Annotated[File, "csv"]]) -> str:
    """The text of the one file."""
    (file,) = assert_type(files, list[File])
    return Path(file.path).read_text()


@hl.task
def written(path: str) -> Annotated[File, "csv", table]:
    """A file of a format, which is an artifact."""
    return File(path)


@hl.task
def tree(pages: Annotated[Directory, "html"] | None = None) -> bool:
    """Whether there are pages."""
    assert_type(pages, Directory | None)
    return pages is not None


@pytest.fixture(autouse=True)
def _session(tmp_path: Path) -> None:
    """The session that the front acts on."""
    hl.connect(tmp_path / "home")


def test_both_spellings_mean_a_format(tmp_path: Path) -> None:
    """Each takes a file of that format, or of none, and refuses another."""
    (tmp_path / "a.csv").write_text("x")
    file = File(tmp_path / "a.csv", format="csv")
    other = File(tmp_path / "a.csv", format="parquet")
    assert one(file) == short(file) == annotated([file]) == annotated([File(file.path)]) == "x"
    for refuses in (one, short):
        with pytest.raises(InputError, match=r'takes File\["csv"\]'):
            refuses(other)
    with pytest.raises(InputError, match=r'takes list\[File\["csv"\]\]'):
        annotated([other])


def test_a_format_beside_an_artifact(tmp_path: Path) -> None:
    """An output has a format and is an artifact; a mismatch is found at declaration."""
    (tmp_path / "a.csv").write_text("x")
    written(str(tmp_path / "a.csv"))
    assert hl.get("table").format == "file"

    @hl.task
    def wants(file: Annotated[File, "parquet"]) -> None:
        """Takes another."""

    with pytest.raises(InputError, match="its format is csv, not parquet"):

        @hl.workflow
        def mixed(path: str) -> None:
            wants(file=written(path=path))


def test_one_class_for_each_format() -> None:
    """A format is one class, however it is spelled; a file's is not a directory's."""
    file: Any = File
    directory: Any = Directory
    assert file["csv"] is file[".csv"] is file["txt"]["csv"]
    assert file["csv"] is not directory["csv"]
    assert spell(Annotated[File, "csv"]) == 'File["csv"]'
    assert spell(tree.interface.inputs["pages"].type) == 'Directory["html"] | None'


def test_a_format_in_the_text_of_a_notebook() -> None:
    """A notebook's annotation, which is read from its text, has the format too."""
    node = ast.parse('Annotated[File, "csv"]', mode="eval").body
    paths = {"Annotated": "typing.Annotated", "File": "heirloom.File"}
    assert type_named(node, lambda name: paths[ast.unparse(name)]) is cast(Any, File)["csv"]
