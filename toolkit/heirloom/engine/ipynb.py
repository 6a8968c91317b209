"""The text of a notebook: what of an ``.ipynb`` file is run, without what running left in it."""

from __future__ import annotations

import difflib
import hashlib
import importlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from heirloom.errors import DeclarationError, MissingExtra, TargetNotFound
from heirloom.records.names import check_name

__all__ = ["INJECTED", "PARAMETERS", "Notebook", "missing", "nbformat", "tags"]

PARAMETERS = "parameters"
INJECTED = "injected-parameters"
_MATTER = frozenset({PARAMETERS, "raises-exception", "skip-execution"})
_KERNEL = "python3"
_LANGUAGE = "python"


@dataclass(frozen=True)
class Notebook:
    """A notebook as code: a closure as tasks and workflows have one.

    Two of equal digest run the same cells in the same kind of kernel and place; text between
    the cells is kept, but is no part of the digest.

    Attributes:
        path: Where it was read, absolute; its directory is where it runs.
        doc: The file's JSON, without outputs, counts, timings and injected cells.
        warm: Whether it runs in a kernel that stands ready.
        timeout: Seconds that its cells may take together; `None` for as long as it takes.
    """

    name: str
    path: str
    doc: Mapping[str, Any]
    warm: bool = False
    timeout: float | None = None
    kind: ClassVar[str] = "notebook"
    bound: ClassVar[None] = None
    portable: ClassVar[bool] = True

    @classmethod
    def read(cls, path: Path, name: str | None = None, **options: Any) -> Notebook:
        """Read a file; `options` are `warm` and `timeout`.

        Raises:
            TargetNotFound: There is none; the nearest names beside it are given.
            DeclarationError: It is no notebook, or the name is none.
        """
        doc = _stripped(_valid(_loaded(path), path))
        return cls(
            check_name(name) if name else named_after(path), str(path.absolute()), doc, **options
        )

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> Notebook:
        """What `to_doc` wrote."""
        options = {key: doc[key] for key in ("warm", "timeout") if key in doc}
        return cls(doc["name"], doc["path"], doc["notebook"], **options)

    def to_doc(self) -> dict[str, Any]:
        """The JSON form; pictures pasted into text cells are left out."""
        cells = [{k: v for k, v in cell.items() if k != "attachments"} for cell in self.cells]
        return {
            "digest": self.digest,
            "kind": self.kind,
            "name": self.name,
            "path": self.path,
            "notebook": {**self.doc, "cells": cells},
            **self.options,
        }

    @property
    def options(self) -> dict[str, Any]:
        """How it runs, where that is said."""
        said = {"warm": self.warm, "timeout": self.timeout}
        return {key: value for key, value in said.items() if value}

    @property
    def cells(self) -> list[dict[str, Any]]:
        """All cells, as JSON."""
        return list(self.doc["cells"])

    @property
    def kernel(self) -> str:
        """The name of the kernelspec that it asks for."""
        return str(self.doc["metadata"].get("kernelspec", {}).get("name") or _KERNEL)

    @property
    def language(self) -> str:
        """What its cells are written in, in small letters."""
        metadata = self.doc["metadata"]
        spec, info = metadata.get("kernelspec", {}), metadata.get("language_info", {})
        return str(spec.get("language") or info.get("name") or _LANGUAGE).lower()

    @property
    def in_python(self) -> bool:
        """Whether its cells can be read here, beside being run."""
        return self.language in (_LANGUAGE, "ipython")

    @cached_property
    def digest(self) -> str:
        """``sha256:…`` over name, path, kernel, options, and code cells with tags that matter."""
        code = [
            [cell["source"], sorted(_MATTER.intersection(tags(cell)))]
            for cell in self.cells
            if cell["cell_type"] == "code"
        ]
        form = json.dumps([self.kind, self.name, self.path, self.kernel, self.options, code])
        return f"sha256:{hashlib.sha256(form.encode()).hexdigest()}"

    @property
    def text(self) -> str:
        """The code cells as one text."""
        code = [cell["source"] for cell in self.cells if cell["cell_type"] == "code"]
        return "\n\n\n".join(code) + "\n"

    def require_portable(self, what: str) -> None:
        """Let `what` pass: a notebook always runs in a kernel of its own."""


def tags(cell: Mapping[str, Any]) -> list[str]:
    """The tags of a cell."""
    return list(cell["metadata"].get("tags", ()))


def named_after(path: Path) -> str:
    """The file's stem as a name: ``2-train model.ipynb`` is ``train-model``.

    A number of up to three digits in front only orders files.
    """
    stem = re.sub(r"^\d{1,3}[-_. ]+(?=\w)", "", path.stem)
    word = re.sub(r"[^\w.\-]+", "-", stem).strip("-.") or "notebook"
    return check_name(word if word[0].isalpha() or word[0] == "_" else f"_{word}")


def missing(error: ImportError) -> MissingExtra:
    """The error where a library that notebooks need is not installed."""
    msg = f'Notebooks need {error.name}: pip install "jupyter-heirloom[notebooks]"'
    return MissingExtra(msg, extra="notebooks")


def nbformat() -> Any:
    """The library of notebook files.

    Raises:
        MissingExtra: It is not installed; the message says what installs it.
    """
    try:
        return importlib.import_module("nbformat")
    except ImportError as error:
        raise missing(error) from error


def _loaded(path: Path) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        beside = [other.name for other in path.parent.glob("*.ipynb")]
        near = difflib.get_close_matches(path.name, beside, n=3)
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        msg = f"No notebook {str(path)!r}.{hint}"
        raise TargetNotFound(msg, name=str(path), closest=tuple(near)) from error
    except OSError as error:
        msg = f"Notebook {str(path)!r} cannot be read: {error.strerror}."
        raise TargetNotFound(msg, name=str(path)) from error
    except ValueError as error:
        raise _no_notebook(path, "it is no JSON") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("nbformat"), int):
        raise _no_notebook(path, "it has no nbformat")
    return raw


def _valid(raw: dict[str, Any], path: Path) -> dict[str, Any]:
    """The notebook in today's format, as far as running it needs its schema."""
    library = nbformat()
    known = (raw["nbformat"], raw.get("nbformat_minor", 0)) >= (4, 5)
    try:
        if raw["nbformat"] < 4:
            raw = dict(library.convert(library.reader.reads(json.dumps(raw)), 4))
        doc: dict[str, Any] = library.v4.to_notebook(_identified(raw, known))
    except (AttributeError, KeyError, TypeError, ValueError, library.ValidationError) as error:
        raise _no_notebook(path, "its cells are none") from error
    if not isinstance(doc["metadata"], dict) or not all(map(_is_cell, doc["cells"])):
        raise _no_notebook(path, "its cells are none")
    return doc


def _is_cell(cell: Mapping[str, Any]) -> bool:
    return (
        cell.get("cell_type") in {"code", "markdown", "raw"}
        and isinstance(cell.get("source"), str)
        and isinstance(cell.get("metadata"), dict)
    )


def _identified(raw: dict[str, Any], known: bool) -> dict[str, Any]:
    """Every cell with an id of its own; a cell without one is known by where it stands."""
    seen: set[str] = set()
    cells = []
    for at, cell in enumerate(raw["cells"]):
        own = cell.get("id") if known else None
        own = own if own and own not in seen else f"cell-{at}"
        seen.add(own)
        cells.append({**cell, "id": own})
    minor = max(5, raw.get("nbformat_minor", 0))
    return {"metadata": {}, **raw, "cells": cells, "nbformat_minor": minor}


def _stripped(doc: Mapping[str, Any]) -> dict[str, Any]:
    """The notebook as plain JSON, without what running it left."""
    plain = json.loads(json.dumps(doc))
    plain["metadata"] = _without(plain["metadata"], "widgets", "heirloom", "papermill")
    plain["cells"] = [cell for cell in plain["cells"] if INJECTED not in tags(cell)]
    for cell in plain["cells"]:
        cell["metadata"] = _without(cell["metadata"], "execution", "papermill")
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return dict(plain)


def _without(metadata: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key not in keys}


def _no_notebook(path: Path, why: str) -> DeclarationError:
    msg = f"{str(path)!r} is no notebook: {why}."
    return DeclarationError(msg)
