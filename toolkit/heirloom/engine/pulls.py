"""Pulls: payloads as values; each is a read, so an edge of whatever is running."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from heirloom.catalog import Batch
from heirloom.engine.frame import current_frame
from heirloom.engine.looks import Looks
from heirloom.engine.runner import Runner
from heirloom.errors import StoreError
from heirloom.records.clock import now
from heirloom.records.executions import Execution, Read
from heirloom.records.files import Directory, File
from heirloom.records.ids import new_id
from heirloom.records.versions import ArtifactVersion

__all__ = ["Pulls"]


@dataclass(slots=True)
class Pulls:
    """What a session reads; outside of any execution its reads are one of kind ``session``."""

    runner: Runner
    looks: Looks
    project: str
    user: str
    _reads: dict[Read, None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def pull(
        self,
        ref: Any,
        partitions: Mapping[str, Any],
        *,
        as_: Any,
        to: str | os.PathLike[str] | None,
        allow_pickle: bool,
    ) -> Any:
        """The payload of the version that `ref` means, verified."""
        version = self.looks.get(ref, partitions)
        value = self.runner.payloads.load(version.payload, as_=as_, allow_pickle=allow_pickle)
        if to is not None:
            value = _copied(value, version, Path(to))
        self.known(value, version)
        return value

    def frame(self, ref: Any, partitions: Mapping[str, Any]) -> Any:
        """The payload as a pandas DataFrame."""
        version = self.looks.get(ref, partitions)
        value = self.runner.payloads.frame(version.payload)
        self.known(value, version)
        return value

    def open(self, ref: Any, partitions: Mapping[str, Any]) -> BinaryIO:
        """The payload's bytes as a file."""
        version = self.looks.get(ref, partitions)
        stream = self.runner.payloads.open(version.payload)
        self.known(stream, version)
        return stream

    def peek(self, version: ArtifactVersion) -> Any:
        """The payload for a preview: a look, never unpickled."""
        return self.runner.payloads.load(version.payload)

    def known(self, value: Any, version: ArtifactVersion) -> None:
        """Note the read, and know the value as that version from now on."""
        self.runner.known.remember(value, self.runner.resolver.slot_of_version(version, "read"))
        frame = current_frame()
        if frame is not None:
            frame.pulled(value, version)
        else:
            self.read(Read(version.ref, "", "read"))

    def read(self, read: Read) -> None:
        """Add an edge to what is running, else to the session's own reads."""
        frame = current_frame()
        if frame is not None:
            frame.read(read)
            return
        with self._lock:
            self._reads.setdefault(read)

    def flush(self) -> None:
        """Record the session's own reads so far as one execution; if that fails, they stay."""
        with self._lock:
            reads, self._reads = tuple(self._reads), {}
        if not reads:
            return
        own = new_id()
        execution = Execution(
            id=own,
            kind="session",
            name="session",
            state="succeeded",
            root_id=own,
            project=self.project,
            created_by=self.user,
            started_at=now(),
            ended_at=now(),
            reads=reads,
        )
        try:
            self.runner.recorder.catalog.commit(lambda _: Batch(executions=[execution]))
        except BaseException:
            with self._lock:
                self._reads = {**dict.fromkeys(reads), **self._reads}
            raise


def _copied(value: Any, version: ArtifactVersion, to: Path) -> Any:
    """A file or directory copied to `to`; nothing that exists is overwritten."""
    if not isinstance(value, File | Directory):
        msg = f"{version!r} is no file: pull it without `to`."
        raise StoreError(msg)
    target = to / value.name if to.is_dir() and isinstance(value, File) else to
    if target.exists():
        msg = f"{os.fspath(target)!r} exists; nothing was overwritten."
        raise StoreError(msg, uri=os.fspath(target))
    try:
        if isinstance(value, File):
            shutil.copyfile(value.path, target)
        else:
            shutil.copytree(value.path, target, copy_function=shutil.copyfile)
    except OSError as error:
        msg = f"Cannot write {os.fspath(target)!r}: {error.strerror}."
        raise StoreError(msg, uri=os.fspath(target)) from error
    return type(value)(target, format=value.format)
