"""The source closure of code: pure data from which a fresh interpreter rebuilds it."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any

from heirloom.declare.code.canonical import canonical
from heirloom.declare.code.classes import methods
from heirloom.declare.code.fragment import Fragment, Needs
from heirloom.declare.code.origin import origin
from heirloom.declare.code.reach import Reach
from heirloom.declare.code.seen import Seen
from heirloom.declare.trace import Names, names
from heirloom.errors import NotPortable

__all__ = ["CELL", "Closure", "Fragment", "capture", "capture_cell", "home_of", "looked_at"]


@dataclass(frozen=True)
class Closure:
    """Code with everything that it names; two of equal `digest` do the same.

    The fragments bind names of one module, in their order. Modules of the user's own come with
    their text. Versions of distributions are kept to tell how environments differ; they are not
    part of the digest. Docstrings are; comments and formatting are not.
    """

    kind: str
    """``task``, ``workflow``, ``map``, ``cell``, ``function``, ``class`` or ``notebook``."""
    name: str
    """The name to take from the rebuilt module."""
    fragments: tuple[Fragment, ...]
    modules: Mapping[str, str]
    """The user's own modules by dotted name; a package by its own text."""
    distributions: Mapping[str, str]
    bound: str | None = None
    """The one name that binds the code to this kernel, or `None`."""
    reason: str | None = None
    """What that name is, as a clause, and what reads it."""
    mend: str | None = None
    """What the user can do about it."""

    @cached_property
    def digest(self) -> str:
        """``sha256:`` and the hexadecimal digest of the code's canonical form."""
        fragments = sorted((each.name, canonical(each.source)) for each in self.fragments)
        modules = sorted((name, canonical(text)) for name, text in self.modules.items())
        form = json.dumps([self.kind, self.name, fragments, modules, self.bound])
        return f"sha256:{hashlib.sha256(form.encode()).hexdigest()}"

    @property
    def text(self) -> str:
        """All fragments as one text, as they are executed."""
        return "\n\n\n".join(each.source for each in self.fragments) + "\n"

    @property
    def whole(self) -> str:
        """All that would run: its own text, then that of the modules that come with it."""
        modules = [f"# module {name}\n{text}" for name, text in self.modules.items()]
        return "\n\n".join([self.text, *modules])

    @property
    def portable(self) -> bool:
        """Whether it can run apart from this kernel."""
        return self.bound is None

    def require_portable(self, what: str) -> None:
        """Let portable code pass.

        Args:
            what: What the code is to be, to begin the message with: ``plan 'nightly'``.

        Raises:
            NotPortable: It is bound; the message names what binds it, and the mend.
        """
        if self.bound is not None:
            message = (
                f"{what[:1].upper()}{what[1:]} cannot run apart from this kernel: "
                f"it uses {self.bound!r}, and {self.reason}. To mend it, {self.mend}."
            )
            raise NotPortable(message, name=self.bound, reason=self.reason)

    def to_doc(self) -> dict[str, Any]:
        """The closure as JSON values."""
        return asdict(self) | {"fragments": [asdict(each) for each in self.fragments]}

    @cached_property
    def json(self) -> bytes:
        """`to_doc` as it travels."""
        return json.dumps(self.to_doc()).encode()

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> Closure:
        """The closure that gave `doc`; what a later Heirloom wrote beside it is passed over."""
        known = {field.name: doc[field.name] for field in fields(cls) if field.name in doc}
        known["fragments"] = tuple(
            Fragment(each["name"], each["source"], each["kind"]) for each in doc["fragments"]
        )
        return cls(**known)


def capture(
    value: Any, *, kind: str, name: str | None = None, namespace: Mapping[str, Any] | None = None
) -> Closure:
    """What `looked_at` gives, without what its names stood for."""
    return looked_at(value, kind=kind, name=name, namespace=namespace)[0]


def looked_at(
    value: Any, *, kind: str, name: str | None = None, namespace: Mapping[str, Any] | None = None
) -> tuple[Closure, Seen]:
    """The source closure of a task, workflow, function, method or class, as its names are now.

    With it comes what they stand for: as long as that holds, so does the closure. Nothing is run,
    and nothing raised for code that cannot leave this kernel: the closure says so.

    Args:
        value: The object, or the plain function.
        kind: What it is, for the record.
        name: The name to give it; `None` for the one that it bears in the namespace.
        namespace: The names around it; `None` for those of its module.
    """
    home = namespace if namespace is not None else home_of(value)
    if name is None or not name.isidentifier():
        name = _name(value, home)
    reach = Reach(home)
    reach.take(name, value, home)
    reach.run()
    closure = _closure(reach, kind, name)
    bound = {name for failed, why in reach.failed.items() for name in (failed, why.name) if name}
    return closure, Seen.of(reach.looks, bound)


def capture_cell(
    source: str, namespace: Mapping[str, Any], *, name: str, bound_names: Collection[str] = ()
) -> Closure:
    """The source closure of a cell's body; what the cell itself binds first is not captured.

    Args:
        source: The cell's Python text, after IPython's transformation.
        namespace: The notebook's names.
        name: The name to record it under.
        bound_names: Names that it is given from outside, as ``--from`` gives them.

    Raises:
        SyntaxError: The text is no Python.
    """
    found = names(source, loops_run=True)
    # A function that the cell defines is taken to be called when the cell has bound its names.
    free = found.now | found.soon | (found.reads - found.sure)
    # A star import may bind anything.
    bound = free if "*" in found.writes else found.writes - found.mutated
    reach = Reach(namespace, bound_names)
    reach.resolve(Names(reads=free, writes=bound), namespace)
    reach.run()
    reach.put(CELL, source, "cell", Needs(now=free))
    return _closure(reach, "cell", name, last=CELL)


CELL = "<cell>"
"""The name of a cell's own fragment, which binds none; no other fragment can be called so."""


def _name(value: Any, home: Mapping[str, Any]) -> str:
    own = str(getattr(value, "__name__", ""))
    known = [own, *home] if own in home else home
    for name in known:
        if name.isidentifier() and home[name] is value:
            return name
    return own if own.isidentifier() else "entry"


def home_of(value: Any) -> Mapping[str, Any]:
    """The names around the definition of a task, workflow, function or class; of others, none."""
    raw = origin(value, getattr(value, "__name__", "")) if callable(value) else None
    function = raw if isinstance(raw, FunctionType) else next(methods(raw), None) if raw else None
    if function is not None:
        return function.__globals__
    return vars(sys.modules.get(getattr(raw, "__module__", ""), ModuleType("")))


def _closure(reach: Reach, kind: str, name: str, last: str = "") -> Closure:
    fragments = reach.finished(last=last or name)
    culprit = reach.culprit
    bound, reason, mend = None, None, None
    if culprit is not None:
        bound, reason = culprit.name, culprit.why.reason
        if culprit.reader not in ("", name):
            reason += f" (read by {culprit.reader!r})"
        give = f"bring it with --from {bound}=REF" if kind == "cell" else "make it an input"
        mend = culprit.why.mend or give
    texts, owners = dict(sorted(reach.modules.texts.items())), reach.modules.distributions
    return Closure(kind, name, fragments, texts, dict(sorted(owners.items())), bound, reason, mend)
