"""The lock of a notebook: which versions its smart defaults mean, kept beside it as a file."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heirloom.catalog.protocol import View
from heirloom.declare.interface import Interface
from heirloom.engine.executed import Executed
from heirloom.engine.notebook import NotebookWorkflow
from heirloom.errors import InputError, NotFound, RefError
from heirloom.records.binds import Input
from heirloom.records.items import made_version
from heirloom.records.refs import SCHEME, Ref
from heirloom.records.versions import ArtifactVersion
from heirloom.render.listing import Listing

if TYPE_CHECKING:
    from heirloom.engine.resolve import Resolver
    from heirloom.engine.slots import Slot

__all__ = ["LockMoved", "QueryLock", "begun_by", "entries_of", "is_begun_by", "moved", "moved_to"]

_FORMAT = 1
_log = logging.getLogger("heirloom.notebook")
Entry = Mapping[str, Any]


def entries_of(notebook: NotebookWorkflow, slots: Mapping[str, Slot]) -> dict[str, dict[str, Any]]:
    """What each smart default means in a run that is given `slots`, as a lock has it.

    ``asks`` is the query, ``versions`` the full refs that it gave (one, or of a list all; none
    where `None` does), ``digest`` the content. What was given instead of a default is the same.
    """
    found = {}
    for name, query in notebook.queries.items():
        slot = slots.get(name)
        if slot is not None:
            versions = [item.id for item in slot.items if item.id.startswith(SCHEME)]
            entry = {"asks": str(query), "versions": versions, "digest": slot.payload.digest}
            found[name] = {key: value for key, value in entry.items() if value is not None}
    return found


@dataclass(frozen=True, slots=True, repr=False)
class LockMoved:
    """What an update of a lock changed.

    Attributes:
        path: The lock.
        before: Its entries before; empty where it is new.
        after: Its entries now.
    """

    path: Path
    before: Mapping[str, Entry]
    after: Mapping[str, Entry]

    @property
    def changed(self) -> tuple[str, ...]:
        """The inputs whose entry is another one now, or new, or gone."""
        names = sorted({*self.before, *self.after})
        return tuple(name for name in names if self.before.get(name) != self.after.get(name))

    def write(self) -> None:
        """Move the lock: replace its file."""
        if self.changed:
            QueryLock(self.path, self.after).write()

    @property
    def listing(self) -> Listing:
        """Every input: what it asks, what that meant, what it means now."""
        names = sorted({*self.before, *self.after})
        rows = tuple(
            (
                name,
                {**self.before, **self.after}[name]["asks"],
                _told(self.before.get(name)),
                _told(self.after.get(name)) if name in self.changed else "the same",
            )
            for name in names
        )
        return Listing(str(self.path), ("input", "asks", "was", "is"), rows)

    def __repr__(self) -> str:
        return repr(self.listing)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return self.listing.bundle()


@dataclass(frozen=True, slots=True)
class QueryLock:
    """The entries of a lock, by input, and the file that has them."""

    path: Path
    entries: Mapping[str, Entry]

    @classmethod
    def beside(cls, notebook: NotebookWorkflow) -> QueryLock:
        """The lock of a notebook; without entries where there is no file.

        Raises:
            InputError: The file is no lock.
        """
        path = _path(notebook)
        try:
            doc = json.loads(path.read_text(encoding="utf-8"))
            entries = {str(name): _entry(each) for name, each in doc["inputs"].items()}
            if doc["heirloom"] != _FORMAT:
                raise ValueError(doc["heirloom"])
        except FileNotFoundError:
            return cls(path, {})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            msg = f"{str(path)!r} is no lock of this Heirloom. Remove it, and update it anew."
            raise InputError(msg, name=str(path)) from error
        return cls(path, entries)

    def write(self) -> None:
        """Replace the file, whole."""
        doc = {"heirloom": _FORMAT, "inputs": self.entries}
        text = json.dumps(doc, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        beside.write_text(text, encoding="utf-8")
        beside.replace(self.path)

    def defaults(
        self, notebook: NotebookWorkflow, view: View, resolver: Resolver
    ) -> dict[str, Any]:
        """What stands for each smart default in a run by this lock.

        Raises:
            NotFound: There is no lock, or the catalog lacks a version of it.
            InputError: The notebook asks for something else by now, or a version is another.
        """
        update = f"heirloom update {os.path.basename(notebook.path)}"
        if notebook.queries and not self.entries:
            msg = f"There is no lock {str(self.path)!r}: {update} writes it."
            raise NotFound(msg, name=str(self.path))
        found: dict[str, Any] = {}
        for name, query in notebook.queries.items():
            entry = self.entries.get(name)
            if entry is None or entry["asks"] != str(query):
                has = f"{entry['asks']!r}" if entry else "nothing"
                msg = (
                    f"Input {name!r} of {notebook.name!r} asks {str(query)!r}, and the lock has "
                    f"{has} for it: {update} moves it."
                )
                raise InputError(msg, name=name)
            versions = [_version(view, ref, update) for ref in entry["versions"]]
            value = versions if query.each else versions[0] if versions else None
            if resolver.slot_given(value, "query").payload.digest != entry.get("digest"):
                msg = (
                    f"{', '.join(entry['versions'])} is not in this catalog what the lock has for "
                    f"{name!r}: its content is another. {update} moves the lock."
                )
                raise InputError(msg, name=name)
            found[name] = value
        return found


def moved(notebook: NotebookWorkflow, view: View, resolver: Resolver) -> LockMoved:
    """What a lock would be by the catalog as it stands now; nothing is written.

    Raises:
        Unmet: A query finds nothing, and `None` will not do.
        InputError: The lock that is there is none.
    """
    interface, defaults = notebook.interface, notebook.defaults
    asked = {name: spec for name, spec in interface.inputs.items() if name in defaults}
    wanted = resolver.wanted(Interface(notebook.name, asked, ()), {}, defaults=defaults)
    return _to(notebook, entries_of(notebook, resolver.settle(view, wanted)))


def moved_to(notebook: NotebookWorkflow, ran: Executed) -> LockMoved:
    """What a lock would be by what a run was given; nothing is written.

    Raises:
        InputError: The lock that is there is none, or it was another notebook's run.
    """
    noted = ran.notebook.metadata.heirloom
    if noted.notebook != notebook.path:
        msg = f"{ran.execution!r} ran {noted.notebook!r}, not {notebook.path!r}."
        raise InputError(msg, name="run")
    return _to(notebook, json.loads(json.dumps(noted.lock)))


def is_begun_by(notebook: NotebookWorkflow, given: Collection[str]) -> bool:
    """Whether a run that is given these inputs begins the lock: there is none, and all is asked.

    Where one of its smart defaults, or what such a one asks by, is given, a run says nothing of
    what they mean.
    """
    binds = [bind for query in notebook.queries.values() for bind in query.binds]
    asked = {bind.name for bind in binds if isinstance(bind, Input)}
    decided = {*notebook.queries, *asked}.intersection(given)
    file = Path(notebook.path)
    return bool(notebook.queries) and not decided and file.exists() and not _path(notebook).exists()


def begun_by(notebook: NotebookWorkflow, ran: Executed) -> None:
    """Write the first lock, by what a run was given; where nothing can be written there is none."""
    try:
        first = moved_to(notebook, ran)
        if not first.before:  # another run's may have come meanwhile
            first.write()
    except OSError as error:
        _log.info("No lock was written beside %r: %s", notebook.path, error.strerror)


def _path(notebook: NotebookWorkflow) -> Path:
    return Path(f"{notebook.path.removesuffix('.ipynb')}.heirloom.lock")


def _to(notebook: NotebookWorkflow, entries: Mapping[str, Entry]) -> LockMoved:
    lock = QueryLock.beside(notebook)
    return LockMoved(lock.path, lock.entries, entries)


def _entry(doc: Any) -> Entry:
    """An entry as it was written.

    Raises:
        ValueError: It is none.
    """
    texts = [doc["asks"], doc.get("digest", ""), *doc["versions"]]
    if not all(isinstance(each, str) for each in texts):
        raise ValueError(doc)
    entry: Entry = doc
    return entry


def _version(view: View, ref: str, update: str) -> ArtifactVersion:
    try:
        found = view.version(*made_version(ref))
    except RefError:
        found = None
    if found is None:
        msg = f"The lock has {ref!r}, which this catalog does not: {update} moves it."
        raise NotFound(msg, name=ref)
    return found


def _told(entry: Entry | None) -> str:
    """What an entry means, shortly."""
    if entry is None:
        return "nothing"
    refs = [Ref.parse(ref) for ref in entry["versions"]]
    return ", ".join(f"{ref.name}@{ref.at}" for ref in refs) or "None"
