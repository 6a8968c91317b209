"""The transaction that ends an execution: its versions, edges and what they start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from heirloom.catalog import Batch
from heirloom.catalog.protocol import Catalog, View
from heirloom.declare.artifact import Artifact
from heirloom.engine.declaring import check_name
from heirloom.engine.emission import Emission
from heirloom.engine.entries import Entries
from heirloom.engine.frame import Place
from heirloom.engine.items import version_of
from heirloom.engine.untold import NO_CODES, Codes, Untold
from heirloom.errors import CatalogUnavailable
from heirloom.react.decide import decide
from heirloom.records.clock import now
from heirloom.records.executions import Execution, Item
from heirloom.records.names import fold
from heirloom.records.payloads import Payload
from heirloom.records.refs import SCHEME
from heirloom.records.versions import ArtifactVersion

__all__ = ["Recorder"]


@dataclass(slots=True)
class Recorder(Entries):
    """Writes executions through the catalog, one transaction each.

    Attributes:
        approved: Whether this user lets code of a digest run: the events of other code wait.
        untold: What is yet to be recorded of the source that runs.
    """

    catalog: Catalog
    approved: Callable[[str], bool]
    untold: Untold = field(default_factory=Untold)
    _own: set[tuple[str, str]] = field(default_factory=set)

    def check(self) -> None:
        """Refuse to run what could not be recorded.

        Raises:
            CatalogUnavailable: The home is only looked into, or is not there any more.
        """
        if self.catalog.read_only:
            msg = f"This session only looks into {self.catalog.home}: it runs nothing."
            raise CatalogUnavailable(msg, path=str(self.catalog.home))
        self.catalog.position()  # a payload put into a home that went would make half of one

    def check_name(self, artifact: Artifact) -> None:
        """Refuse to make what would be emitted under another user's name.

        Raises:
            DeclarationError: It is another's, and the artifact does not say ``allow_shared``.
        """
        project = artifact.project or self.project
        if (name := (project, fold(artifact.name))) not in self._own:
            check_name(self.catalog.view(), artifact, project, self.user)
            self._own.add(name)

    def done_before(self, place: Place) -> Execution | None:
        """What an earlier attempt or try of this run committed at this place, or `None`."""
        return _done_before(self.catalog.view(), place)

    def record(
        self,
        execution: Execution,
        place: Place,
        emissions: Mapping[str, Emission],
        values: Mapping[str, Item | Payload],
        codes: Codes = NO_CODES,
    ) -> tuple[Execution, tuple[ArtifactVersion, ...]]:
        """Commit an execution's good end with its versions and what they start.

        Args:
            execution: As `started` gave it, with its reads.
            place: Its place; a run with attempts is held against its fence.
            emissions: Outputs that become versions.
            values: The other outputs.
            codes: Its source closure, and the text of its cell, kept by their digests.

        Returns:
            The execution as recorded, and the versions in the order of `emissions`. What an
            earlier attempt committed at this place is returned as it is, and stays alone.

        Raises:
            PartitionError: Partitions are not as declared; nothing is recorded.
            Fenced: A later attempt has taken the run over; nothing is recorded.
        """
        ended: list[Execution] = []
        emitted: list[ArtifactVersion] = []

        def prepare(view: View) -> Batch:
            batch = Batch(fence=place.fence)
            if (earlier := _done_before(view, place)) is not None:
                ended[:] = [earlier]
                emitted[:] = [version_of(view, item.id) for item in _versions(earlier)]
                return batch
            unknown = execution.partial
            emitted[:] = [
                self._number(view, batch, each, place, unknown) for each in emissions.values()
            ]
            made = {name: Item(v.ref) for name, v in zip(emissions, emitted, strict=True)}
            outputs = {**values, **made}
            ended[:] = [replace(execution, state="succeeded", outputs=outputs, ended_at=now())]
            batch.executions += ended
            batch.codes.update(codes)
            return batch

        self.catalog.commit(prepare, self.decide)
        self.untold.told(codes)
        return ended[0], tuple(emitted)

    def _number(
        self, view: View, batch: Batch, emission: Emission, place: Place, partial: tuple[str, ...]
    ) -> ArtifactVersion:
        project = emission.artifact.project or self.project
        known = {(d.project, d.name): d for d in batch.declarations}
        author = (lambda: _author(view, place, self.user)) if place.depth else None
        declaration, new = emission.declared(view, project, self.user, author)
        if new and (project, declaration.name) not in known:
            batch.declarations.append(declaration)
        made = replace(emission.version(place, declaration, self.user), partial=partial)
        version, fresh = view.number(made)
        if fresh:
            batch.versions.append(version)
        return version

    def decide(self, view: View, fresh: Sequence[ArtifactVersion], batch: Batch) -> None:
        """Add to the batch the ledger rows of its fresh versions and what they start."""
        causes = {execution.id: execution for execution in batch.executions}
        rows, executions = decide(view, fresh, causes, now(), self.approved, batch.declarations)
        batch.rows += rows
        batch.executions += executions

    def failed(
        self,
        execution: Execution,
        place: Place,
        error: BaseException,
        text: str | None = None,
        codes: Codes = NO_CODES,
    ) -> Execution:
        """Commit an execution's bad end: ``failed``, or ``cancelled`` by an interrupt.

        What has ended already stays as it ended: an interrupt can come right after the commit.

        Args:
            execution: As `started` gave it.
            place: Its place.
            error: What ended it.
            text: What the record says of it; `None` for the error's own message or traceback.
            codes: As of `record`: what failed can run again.

        Returns:
            The execution as it is recorded.
        """
        return self.end(self.ended_badly(execution, error, text), place, codes)

    def end(self, ended: Execution, place: Place, codes: Codes = NO_CODES) -> Execution:
        """Commit a bad end, unless it has ended already; the execution as it is recorded.

        To one that was cancelled meanwhile, only what it left behind is added.
        """
        known: list[Execution] = []

        def prepare(view: View) -> Batch:
            present = view.execution(ended.id)
            known[:] = [present] if present is not None and present.is_final else []
            if known and (whole := _with_what_is_left(known[0], ended)) is not None:
                known[:] = [whole]
                return Batch(executions=[whole])
            if known:
                return Batch()
            return Batch(executions=[ended], codes=dict(codes), fence=place.fence)

        self.catalog.commit(prepare)
        if not known:
            self.untold.told(codes)
        return known[0] if known else ended


def _with_what_is_left(cancelled: Execution, ended: Execution) -> Execution | None:
    """A cancelled execution with what that attempt printed, or its notebook; `None` for neither."""
    bare = not (cancelled.printed or cancelled.log)
    left = ended.printed or ended.log
    if not (
        bare and left and cancelled.state == "cancelled" and cancelled.attempt == ended.attempt
    ):
        return None
    return replace(cancelled, printed=ended.printed, log=ended.log)


def _author(view: View, place: Place, user: str) -> str:
    """Who registered the plan of the triggered run that `place` is in."""
    root = view.execution(place.root_id)
    if root is None or root.plan is None:
        return user
    plan = view.plan(root.project, root.plan, root.plan_version)
    return plan.registered_by if plan is not None else user


def _done_before(view: View, place: Place) -> Execution | None:
    """What an earlier attempt of this run committed at this place, or `None`."""
    if not place.again or not place.path:
        return None
    found = view.executions(root=place.root_id, path=place.path, state="succeeded", limit=1)
    return next(iter(found), None)


def _versions(execution: Execution) -> list[Item]:
    outputs = execution.outputs.values()
    return [each for each in outputs if isinstance(each, Item) and each.id.startswith(SCHEME)]
