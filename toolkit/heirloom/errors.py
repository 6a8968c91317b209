"""Every error that Heirloom raises.

Each class is also the builtin a reader would expect, carries its data as
keyword-only attributes, survives pickling, and says in one line what happened,
what was got, what is nearest and what to do next.

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
    """A declaration that cannot stand: an artifact, task, workflow, plan or cell."""


class RefError(UserFault, ValueError):
    """Text that is not of the grammar; `text` is what was read, `at` where it broke.

    The message ends with the text and a caret under the spot.
    """

    text: str = ""
    at: int = 0

    @classmethod
    def pointing(cls, message: str, text: str, at: int) -> RefError:
        """The error whose message shows `text` with a mark at offset `at`."""
        at = min(at, len(text))
        return cls(f"{message} (at {at + 1}: {text[:at]}▸{text[at:]})", text=text, at=at)


class PartitionError(UserFault, ValueError):
    """Partition keys or values that the artifact does not take."""

    expected: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


class InputError(UserFault, TypeError):
    """An input that is missing, unknown, or of another type."""

    name: str = ""
    expected: str = ""
    given: str = ""


class NotPortable(UserFault, TypeError):
    """Code that cannot leave this kernel; `name` is what binds it here."""

    name: str = ""
    reason: str = ""


class NotSupported(UserFault, NotImplementedError):
    """Asked for something that Heirloom does not do, and says so."""


class NotFound(UserFault, LookupError):
    """Nothing of that name; `closest` are the nearest names that exist."""

    name: str = ""
    closest: tuple[str, ...] = ()


class ArtifactNotFound(NotFound):
    """No artifact of that name."""


class VersionNotFound(NotFound):
    """The artifact exists, the version asked for does not."""


class ExecutionNotFound(NotFound):
    """No execution of that id."""


class PlanNotFound(NotFound):
    """No launch plan of that name."""


class TargetNotFound(NotFound):
    """No task, workflow, plan or notebook of that name to run."""


class Unmet(NotFound):
    """A query that stands for an input found no version."""


class CatalogError(UserFault, RuntimeError):
    """The catalog could not do it; it is as it was."""

    path: str = ""


class CatalogDamaged(CatalogError):
    """The journal holds bytes that nobody wrote; nothing is served from behind them."""

    offset: int = 0


class CatalogLocked(CatalogError, TimeoutError):
    """Another process held the journal for longer than the limit."""

    waited: float = 0.0


class CatalogUnavailable(CatalogError, OSError):
    """The home cannot be read or written."""


class FormatTooNew(CatalogError):
    """Written by a later Heirloom; nothing was read."""


class StoreError(UserFault, OSError):
    """The store refused; nothing was left behind."""

    uri: str = ""


class PayloadDamaged(StoreError):
    """The payload's bytes are not those that were recorded."""

    expected: str = ""
    got: str = ""


class PayloadMissing(StoreError, FileNotFoundError):
    """The payload is not where the record says."""


class CodecError(UserFault, TypeError):
    """A value that no codec takes, or a payload that no codec reads."""


class MissingExtra(CodecError, ImportError):
    """A library is needed that is not installed; the message says what installs it."""

    extra: str = ""


class UnsafeRead(CodecError):
    """Reading this payload would run code, and the caller did not allow it."""


class Fenced(UserFault, RuntimeError):
    """A later attempt has taken this execution over; this one records nothing."""

    execution_id: str = ""
    attempt: int = 0


class TaskTimeout(UserFault, TimeoutError):
    """A body ran longer than its task allows."""


class WorkerLost(UserFault, RuntimeError):
    """The process that ran a body died before the body ended; `again`: another can run it."""

    again: bool = True


class TaskFailed(HeirloomError, RuntimeError):
    """A body raised; `execution` is its record and ``__cause__`` the user's error."""

    execution: Any = None


class NotebookFailed(TaskFailed):
    """A cell of a notebook raised."""

    path: str = ""
    cell_index: int = 0
    ename: str = ""
    evalue: str = ""


def closest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known names nearest to `name`, best first, three at most."""
    return tuple(difflib.get_close_matches(name, list(known), n=3, cutoff=0.6))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` with a leading blank, or an empty string."""
    near = closest(name, known)
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""


class LoopWarning(UserWarning):
    """Plans start each other in a circle that nothing stops."""


class QueryWarning(UserWarning):
    """A query asks for what no version of the artifact can have."""


class SecretWarning(UserWarning):
    """What looks like a secret stands where it is recorded for good."""
