"""The declaration of an artifact, and what is said of a value when it becomes one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from heirloom.callers import caller_place, warn_caller
from heirloom.declare.conditions import clauses
from heirloom.declare.declared import EARLY
from heirloom.declare.emits import Creation, Emits, attachment, moment_of
from heirloom.declare.keys import bound_to, granularity_of, keys_of, values_of, version_of
from heirloom.declare.port import open_port, port
from heirloom.errors import DeclarationError, PartitionError, QueryWarning, did_you_mean
from heirloom.records.binds import FiringPartition, FiringTime
from heirloom.records.names import (
    canonical,
    check_name,
    check_project,
    is_word,
)
from heirloom.records.payloads import check_kind
from heirloom.records.queries import LATEST, Query
from heirloom.records.versions import Card
from heirloom.tracebacks import users_own

__all__ = ["Artifact"]

V = TypeVar("V")


class _Partitions:
    """``artifact.partitions.key``: the firing version's value, in a trigger's inputs."""

    def __init__(self, artifact: Artifact) -> None:
        self._artifact = artifact

    def __getattr__(self, key: str) -> FiringPartition:
        keys = self._artifact.partition_keys
        if key.startswith("__") or (keys is not None and key not in keys):
            near = did_you_mean(key, keys or ())
            msg = f"Artifact {self._artifact.name!r} has no partition {key!r}.{near}"
            raise AttributeError(msg)
        kind = self._artifact.types.get(key, "str")
        return FiringPartition(self._artifact.name, key, kind)

    def __iter__(self) -> Iterator[str]:
        return iter(self._artifact.partition_keys or ())


class Artifact:
    """A named kind of output; each emission of it is a new version.

    Nothing is written until a version is emitted or a plan listens to it.
    """

    @users_own
    def __init__(
        self,
        name: str | None = None,
        partition_keys: Sequence[str] | Mapping[str, type | str] | None = None,
        *,
        time_partitioned: bool = False,
        time_partition_granularity: str | Any = None,
        project: str | None = None,
        version: int | None = None,
        partitions: Mapping[str, Any] | None = None,
        description: str = "",
        owner: str = "",
        allow_shared: bool = False,
    ) -> None:
        """Declare it.

        Args:
            name: Words of letters, digits, ``_``, ``-``, ``.`` joined by ``/``.
            partition_keys: At most ten; a mapping gives each its type, by which ranges are
                compared. `None` refers to what is declared already, ``[]`` declares none.
            time_partitioned: Whether versions also have a time.
            time_partition_granularity: ``minute``, ``hour``, ``day`` (where none is named),
                ``week`` or ``month``; times are truncated to it, in UTC.
            project: `None` for the session's.
            version: Pins one version, for use as an input or default.
            partitions: Values that `query` takes where the call gives none. Where nothing
                else names keys, they declare a new name's, and refer to some of a known one's.
            description: One line for people.
            owner: Who to ask; who declares the name, where nobody is named.
            allow_shared: Emit under the name even where it is another user's.

        Raises:
            DeclarationError: The declaration cannot stand, or the catalog has the name with
                other keys. Nothing was changed.
        """
        self.name = check_name(name or "")
        self.project = check_project(project) if project is not None else None
        self.version = version_of(version)
        values = values_of(partitions, {})
        self.partition_keys, self.types = keys_of(partition_keys, values)
        self.partition_values = {k: self._canonical(k, v) for k, v in values.items()}
        self.granularity = granularity_of(time_partitioned, time_partition_granularity)
        self.refers = partition_keys is None and self.granularity is None
        self.description = description
        self.owner = owner
        self.allow_shared = allow_shared
        self.where = caller_place()
        if (opened := open_port()) is not None:
            opened.check(self)
        else:
            EARLY.add(self)

    @property
    def time_partitioned(self) -> bool:
        """Whether versions have a time partition."""
        return self.granularity is not None

    @property
    def partitions(self) -> _Partitions:
        """The firing version's values, for a trigger's inputs."""
        return _Partitions(self)

    @property
    def time_partition(self) -> FiringTime:
        """The firing version's time, which ``± timedelta`` moves.

        Raises:
            DeclarationError: The artifact is not time partitioned.
        """
        if not self.time_partitioned:
            msg = f"Artifact {self.name!r} is not time partitioned."
            raise DeclarationError(msg)
        return FiringTime(self.name)

    @users_own
    def __call__(self, *wrong: Any, **bindings: Any) -> Emits:
        """Bind partition keys to inputs or constants, for an annotation.

        Raises:
            PartitionError: A key is unknown or given by position, or a value cannot be one.
        """
        if wrong:
            msg = f"Partitions of {self.name!r} are given by name: {self.name}(key=Inputs.x)."
            raise PartitionError(msg)
        for key in bindings:
            self._known(key)
        return Emits(self, {k: bound_to(k, value, self.types) for k, value in bindings.items()})

    def _canonical(self, key: str, value: Any) -> str:
        return canonical(value, key, self.types.get(key, "str"))

    def _known(self, key: str) -> None:
        if problem := self._unknown(key):
            raise PartitionError(problem, expected=tuple(self.partition_keys or ()), given=(key,))

    def _unknown(self, key: str) -> str:
        """What is wrong with a key; empty where nothing is, as far as this declaration says."""
        if self.refers:
            return ""
        if key == "time_partition":
            no_time = f"Artifact {self.name!r} is not time partitioned."
            return "" if self.time_partitioned else no_time
        keys = self.partition_keys or ()
        if key in keys:
            return ""
        near, has = did_you_mean(key, keys), list(keys) or "no partition keys"
        return f"Artifact {self.name!r} has no partition key {key!r}.{near} It has {has}."

    @users_own
    def create_from(
        self,
        value: V,
        card: Card | str | None = None,
        *more: Any,
        time_partition: datetime | date | None = None,
        format: str | None = None,
        kind: str | None = None,
        draft: bool = False,
        **partitions: Any,
    ) -> V:
        """Say what the value that this task returns is to be recorded with; returns `value`.

        Objects that are the same, as 7 and 7 are, are told apart by artifact, and by order: what
        was said first is of the one that is returned first.

        Args:
            value: What the task will return under this artifact's annotation, or as a member of
                what it returns, where the annotation is ``list[Annotated[type, artifact]]``.
            card: Markdown for people.
            more: Further attachments: objects with ``serialize_to_string``.
            time_partition: Truncated to the artifact's granularity, in UTC.
            format: A codec other than the type's own, e.g. ``arrow`` or ``pickle``.
            kind: ``data``, ``model``, ``file`` or ``value``; `None` for what a `ModelCard` or a
                `DataCard` says, else the type.
            draft: Recorded, but never latest, and fires nothing until it is released.
            partitions: Values by key.

        Raises:
            PartitionError: A key is unknown, or a value is none; nothing is recorded.
            DeclarationError: No task is running; ``hl.publish`` emits from anywhere. Or there is
                no such kind.
        """
        for key in partitions:
            self._known(key)
        port().created(
            Creation(
                artifact=self,
                value=value,
                card=Card.of(card),
                attachments=dict(attachment(each) for each in more),
                partitions={k: self._canonical(k, v) for k, v in partitions.items()},
                time_partition=moment_of(time_partition),
                format=format,
                kind=check_kind(kind),
                draft=draft,
            )
        )
        return value

    @users_own
    def query(
        self,
        *,
        time_partition: Any = None,
        alias: str | None = None,
        latest: str = "commit",
        project: str | None = None,
        **partitions: Any,
    ) -> Any:
        """The newest version whose partitions meet the conditions, asked when it is used.

        A `Query`; to a type checker it is anything, as `dataclasses.field` is, so that it can
        be the default of a parameter of any type.

        Args:
            time_partition: A time, `Inputs`'s value, or a condition such as ``between``.
            alias: Only the version that has it now.
            latest: ``commit`` order, or ``time_partition``.
            project: `None` for the session's.
            partitions: A value, ``Inputs.x``, or a condition by key; or all of them in one
                mapping, ``partitions={...}``.

        Raises:
            PartitionError: A value is none that a partition can have.
            DeclarationError: `latest` is neither, or `alias` is no word.

        Warns:
            QueryWarning: A key is not among those declared here: no version has it yet.
        """
        partitions = values_of(partitions.pop("partitions", None), partitions)
        asked = (*partitions, *(["time_partition"] if time_partition is not None else ()))
        for key in asked:
            if problem := self._unknown(key):
                warn_caller(problem, QueryWarning)
        if latest not in LATEST:
            msg = f"latest is 'commit' or 'time_partition'; got {latest!r}."
            raise DeclarationError(msg)
        if alias is not None and not is_word(str(alias)):
            msg = f"An alias is a word, such as 'champion'; got {alias!r}."
            raise DeclarationError(msg)
        wanted = {**self.partition_values, **partitions}
        if time_partition is not None:
            wanted["time"] = time_partition
        types = dict(self.types) | ({"time": "datetime"} if self.time_partitioned else {})
        return Query(
            name=self.name,
            project=project or self.project,
            clauses=clauses(wanted, types),
            at=self.version if alias is None else alias,
            latest=latest,
            types=types,
        )

    def __heirloom_source__(self) -> str:
        parts = [repr(self.name)]
        if self.types:
            parts.append(repr({k: self.types.get(k, "str") for k in self.partition_keys or ()}))
        elif self.partition_keys is not None and not self.refers:
            parts.append(repr(list(self.partition_keys)))
        if self.granularity is not None:
            parts += ["time_partitioned=True", f"time_partition_granularity={self.granularity!r}"]
        for option in ("project", "version", "description", "owner", "allow_shared"):
            if getattr(self, option):
                parts.append(f"{option}={getattr(self, option)!r}")
        if self.partition_values:
            parts.append(f"partitions={self.partition_values!r}")
        return f"heirloom.Artifact({', '.join(parts)})"

    def __repr__(self) -> str:
        keys = f"[{', '.join(self.partition_keys)}]" if self.partition_keys else ""
        return f"Artifact({self.name}{keys})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Artifact):
            return NotImplemented
        return self.__heirloom_source__() == other.__heirloom_source__()

    def __hash__(self) -> int:
        return hash(self.__heirloom_source__())
