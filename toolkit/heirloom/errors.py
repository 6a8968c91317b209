"""Every error that Heirloom raises.

Each class is also the builtin a reader would expect, carries its data as
keyword-only attributes, survives pickling, and says in one line what happened,
what was got, what is nearest and what to do next. In a traceback stand the user's frames alone;
``HEIRLOOM_TRACEBACKS=full`` shows Heirloom's as well.

::

    HeirloomError(Exception)
      x UserFault                          one line in a notebook
        + DeclarationError(ValueError)
        + RefError(ValueError)             .text .at
        + PartitionError(ValueError)       .expected .given
        + InputError(TypeError)            .name .expected .given
        + NotPortable(TypeError)           .name .reason
        + NotSupported(NotImplementedError)
        + NotFound(LookupError)            .name .closest
          - ArtifactNotFound  - VersionNotFound  - ExecutionNotFound
          - PlanNotFound      - TargetNotFound   - Unmet
        + CatalogError(RuntimeError)       .path
          - CatalogDamaged                 .offset
          - CatalogLocked(TimeoutError)    .waited
          - CatalogUnavailable(OSError)
          - FormatTooNew
        + StoreError(OSError)              .uri
          - PayloadDamaged                 .expected .got
          - PayloadMissing(FileNotFoundError)
        + CodecError(TypeError)
          - MissingExtra(ImportError)      .extra
          - UnsafeRead
        + Fenced(RuntimeError)             .execution_id .attempt
        + TaskTimeout(TimeoutError)
        + WorkerLost(RuntimeError)
      x TaskFailed(RuntimeError)           the user's own error is its __cause__
        + NotebookFailed                   .path .cell_index .ename .evalue
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

__all__ = [
    "ArtifactNotFound",
    "CatalogDamaged",
    "CatalogError",
    "CatalogLocked",
    "CatalogUnavailable",
    "CodecError",
    "DeclarationError",
    "ExecutionNotFound",
    "Fenced",
    "FormatTooNew",
    "HeirloomError",
    "InputError",
    "LoopWarning",
    "MissingExtra",
    "NotFound",
    "NotPortable",
    "NotSupported",
    "NotebookFailed",
    "PartitionError",
    "PayloadDamaged",
    "PayloadMissing",
    "PlanNotFound",
    "QueryWarning",
    "RefError",
    "SecretWarning",
    "StoreError",
    "TargetNotFound",
    "TaskFailed",
    "TaskTimeout",
    "Unmet",
    "UnsafeRead",
    "UserFault",
    "VersionNotFound",
    "WorkerLost",
    "closest",
    "did_you_mean",
]


_LONGEST = 800


class HeirloomError(Exception):
    """The root: one ``except`` catches everything that is ours."""

    def __init__(self, message: str = "", **data: Any) -> None:
        super().__init__(_one_line(message))
        self.__dict__.update(data)


def _one_line(message: str) -> str:
    """`message` with no sign that breaks or turns a line, and no longer than one is read.

    What a user wrote is quoted in it: its end, which says what to do next, is kept.
    """
    if len(message) > _LONGEST:
        message = f"{message[: _LONGEST // 2]} … {message[-_LONGEST // 2 :]}"
    if message.isprintable():
        return message
    signs = (s if s.isprintable() else s.encode("unicode_escape").decode() for s in message)
    return "".join(signs)


class UserFault(HeirloomError):
    """Something that the caller can mend; shown as one line in a notebook."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class DeclarationError(UserFault, ValueError):
    """A declaration that cannot stand: an artifact, task, workflow, plan or cell.

    Mend the line that the message names: a name, a key, a default, an option. Nothing was declared.
    """


class RefError(UserFault, ValueError):
    """Text that is not of the grammar; `text` is what was read, `at` where it broke.

    The message ends with the text and a mark at the spot: mend it there.
    """

    text: str = ""
    at: int = 0

    @classmethod
    def pointing(cls, message: str, text: str, at: int) -> RefError:
        """The error whose message shows `text` with a mark at offset `at`."""
        at = min(at, len(text))
        return cls(f"{message} (at {at + 1}: {text[:at]}▸{text[at:]})", text=text, at=at)


class PartitionError(UserFault, ValueError):
    """Partition keys or values that the artifact does not take.

    Give the keys that `expected` names, each with a value of its declared type; ``%artifact NAME``
    or ``heirloom show NAME`` shows them.
    """

    expected: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


class InputError(UserFault, TypeError):
    """An input that is missing, unknown, or of another type.

    Give the input by its name and as its type; `hl.launch_form` shows what a target takes.
    """

    name: str = ""
    expected: str = ""
    given: str = ""


class NotPortable(UserFault, TypeError):
    """Code that cannot leave this kernel; `name` is what binds it here.

    Bring the value in as an input, or compute it inside of the body; to run it here and now, call
    it by hand.
    """

    name: str = ""
    reason: str = ""


class NotSupported(UserFault, NotImplementedError):
    """Asked for something that Heirloom does not do, and says so.

    The message says what does the same instead.
    """


class NotFound(UserFault, LookupError):
    """Nothing of that name; `closest` are the nearest names that exist.

    Take one of those, or look for it: ``hl.search()``, ``hl.plans()``, ``hl.executions()``.
    """

    name: str = ""
    closest: tuple[str, ...] = ()


class ArtifactNotFound(NotFound):
    """No artifact of that name.

    Emit or declare it first, or name the project that has it: ``heirloom://project/name``.
    """


class VersionNotFound(NotFound):
    """The artifact exists, the version asked for does not.

    ``hl.search("name=...")`` lists those there are; a draft or a yanked one is reached by its
    number alone.
    """


class ExecutionNotFound(NotFound):
    """No execution of that id.

    ``hl.executions()`` lists them; six signs of an id are enough where no other begins so.
    """


class PlanNotFound(NotFound):
    """No launch plan of that name.

    ``hl.plans()`` lists them; a plan is there once it is registered.
    """


class TargetNotFound(NotFound):
    """No task, workflow, plan or notebook of that name to run.

    Name a notebook by its path; what is run by its name has run here before, or is a plan's.
    """


class Unmet(NotFound):
    """A query that stands for an input found no version.

    Emit a version that meets the query, or give the input yourself; at a plan the row is ``unmet``
    and the next event asks anew.
    """


class CatalogError(UserFault, RuntimeError):
    """The catalog could not do it; it is as it was."""

    path: str = ""


class CatalogDamaged(CatalogError):
    """The journal holds bytes that nobody wrote; nothing is served from behind them.

    ``heirloom verify --full`` says what else; ``heirloom salvage`` brings back all that is intact
    and keeps the rest beside it.
    """

    offset: int = 0


class CatalogLocked(CatalogError, TimeoutError):
    """Another process held the journal for longer than the limit.

    Call again. If it lasts, ``fuser`` says which process holds the file that the message names.
    """

    waited: float = 0.0


class CatalogUnavailable(CatalogError, OSError):
    """The home cannot be read or written.

    The message says why: rights, a full disk, a network's file system, another user's home.
    ``heirloom doctor`` says it for a home that does not open.
    """


class FormatTooNew(CatalogError):
    """Written by a later Heirloom; nothing was read.

    Install a newer Heirloom.
    """


class StoreError(UserFault, OSError):
    """The store refused; nothing was left behind.

    The message has the store's own reason; mend that and call again.
    """

    uri: str = ""


class PayloadDamaged(StoreError):
    """The payload's bytes are not those that were recorded.

    Emit it again or bring the file back from a copy: its record and its lineage stand.
    ``heirloom verify --payloads`` looks at all of them.
    """

    expected: str = ""
    got: str = ""


class PayloadMissing(StoreError, FileNotFoundError):
    """The payload is not where the record says.

    If the store was moved, ``heirloom stores ID PLACE`` says where it is now; else bring the file
    back or emit it again.
    """


class CodecError(UserFault, TypeError):
    """A value that no codec takes, or a payload that no codec reads.

    Give a value of a kind that ``docs/types.md`` lists, name another ``format=``, or register a
    codec of your own.
    """


class MissingExtra(CodecError, ImportError):
    """A library is needed that is not installed; the message says what installs it.

    Install that, and restart the kernel if it has the package half imported.
    """

    extra: str = ""


class UnsafeRead(CodecError):
    """Reading this payload would run code, and the caller did not allow it.

    If you trust who wrote it, pass ``allow_pickle=True`` in that call (``%pull --allow-pickle``,
    ``@task(allow_pickle=True)`` for an input).
    """


class Fenced(UserFault, RuntimeError):
    """A later attempt has taken this execution over; this one records nothing.

    Nothing is to be done: what the later attempt records counts.
    """

    execution_id: str = ""
    attempt: int = 0


class TaskTimeout(UserFault, TimeoutError):
    """A body ran longer than its task allows.

    Give it longer (``@task(timeout=...)``) or less to do; `hl.resume` runs it again.
    """


class WorkerLost(UserFault, RuntimeError):
    """The process that ran a body died before the body ended; `again`: another can run it.

    Look whether it ran out of memory or was killed; `hl.resume` runs it again, a reactor does so by
    itself.
    """

    again: bool = True


class TaskFailed(HeirloomError, RuntimeError):
    """A body raised; `execution` is its record and ``__cause__`` the user's error.

    Mend the body; `hl.log` shows what it printed, `hl.resume` keeps what has succeeded.
    """

    execution: Any = None


class NotebookFailed(TaskFailed):
    """A cell of a notebook raised.

    `hl.executed` gives the notebook as it ran, the failing cell with its traceback; in a notebook
    that stands where its own would.
    """

    path: str = ""
    cell_index: int = 0
    ename: str = ""
    evalue: str = ""

    def _render_traceback_(self) -> list[str]:
        told = getattr(self.execution, "error", None) or ""
        own = told.removesuffix(str(self)).strip()
        return [*([own, ""] if own else []), f"{type(self).__name__}: {self}"]


def closest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known names nearest to `name`, best first, three at most."""
    return tuple(difflib.get_close_matches(name, list(known), n=3, cutoff=0.6))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` with a leading blank, or an empty string."""
    near = closest(name, known)
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""


class LoopWarning(UserWarning):
    """Plans start each other in a circle that nothing stops.

    Bound the trigger with ``max_depth=``, listen with ``when="change"``, or deactivate one plan.
    """


class QueryWarning(UserWarning):
    """A query asks for what no version of the artifact can have.

    Mend the key or value that the message names, or the declaration of the artifact.
    """


class SecretWarning(UserWarning):
    """What looks like a secret stands where it is recorded for good.

    Read it from the environment inside of the body; ``heirloom redact`` takes away what is
    recorded.
    """
