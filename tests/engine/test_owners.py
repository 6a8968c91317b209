"""Whose a name is: another user's first emission under it needs a word, and there is a way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest

import heirloom as hl
from heirloom.errors import DeclarationError
from heirloom.session import Session

As = Callable[[str], Session]
Load = Callable[[str], Any]


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch, session: Session) -> As:
    """Opens the home as another user, whose reactors run everybody's plans."""
    monkeypatch.setenv("HEIRLOOM_APPROVE", "all")

    def connect(user: str) -> Session:
        monkeypatch.setenv("HEIRLOOM_USER", user)
        return hl.connect(session.home)

    return connect


def _emitter(artifact: hl.Artifact, ran: list[int] | None = None) -> Callable[[], Any]:
    """A task that emits 1 under an artifact."""

    def body() -> Any:
        if ran is not None:
            ran.append(1)
        return 1

    body.__annotations__["return"] = Annotated[int, artifact]
    return hl.task(body)


def _declared(name: str) -> Any:
    return hl.current().declaration(name)


def _journal(session: Session) -> bytes:
    return (session.home / "journal.jsonl").read_bytes()


def test_who_declares_a_name_owns_it_where_nobody_is_named(as_user: As) -> None:
    """The first emission makes the user the owner; a named owner shares the right with them."""
    as_user("ada")
    hl.publish(1, "sales")
    hl.publish(1, "loss")
    assert (_declared("sales").owner, _declared("sales").shared) == ("ada", ())
    emit = _emitter(hl.Artifact("owned", [], owner="data-team"))
    emit()
    emit()
    assert (_declared("owned").owner, _declared("owned").declared_by) == ("data-team", "ada")


def test_anothers_name_needs_a_word(as_user: As, tmp_path: Path) -> None:
    """Refused in one line that names the owner and both ways out; nothing is stored or written."""
    as_user("ada")
    hl.publish(1, "team/sales")
    session = as_user("bob")
    before = _journal(session)
    payload = tmp_path / "data.csv"
    payload.write_text("a,b")
    with pytest.raises(DeclarationError) as caught:
        hl.publish(hl.File(payload), "team/sales")
    said = str(caught.value)
    for part in ("'team/sales' is ada's", "'bob/sales'", "allow_shared=True", "--allow-shared"):
        assert part in said
    assert "\n" not in said
    assert _journal(session) == before
    assert not list((session.home / "store").rglob("*.csv"))
    assert not any(path.is_file() for path in (session.home / "store").rglob("*"))
    assert hl.publish(2, "bob/sales").created_by == "bob"


def test_the_word_is_given_once(as_user: As) -> None:
    """From then on the user emits under the name; a third one has not said it."""
    as_user("ada")
    hl.publish(1, "sales")
    as_user("bob")
    assert hl.publish(2, "sales", allow_shared=True).version == 2
    assert hl.publish(3, "sales").version == 3
    found = _declared("sales")
    assert (found.version, found.owner, found.shared) == (2, "ada", ("bob",))
    as_user("eve")
    with pytest.raises(DeclarationError, match="eve has not emitted"):
        hl.publish(4, "sales")
    as_user("ada")
    assert hl.publish(5, "sales").version == 4


def test_a_tasks_artifact_says_it(as_user: As) -> None:
    """Without it the body does not run; ``Artifact(allow_shared=True)`` is the word of a task."""
    as_user("ada")
    hl.publish(1, "sales")
    as_user("bob")
    ran: list[int] = []
    with pytest.raises(DeclarationError, match="'sales' is ada's"):
        _emitter(hl.Artifact("sales"), ran)()
    assert not ran
    assert not hl.executions(name="body")
    _emitter(hl.Artifact("sales", allow_shared=True), ran)()
    assert ran
    assert hl.get("sales").created_by == "bob"


def test_marks_are_everybodys(as_user: As) -> None:
    """Owning a name is about emitting: others alias, annotate and read."""
    as_user("ada")
    hl.publish(1, "sales")
    as_user("bob")
    assert hl.alias("sales@1", "champion").aliases == ("champion",)
    assert hl.annotate("sales@1", note="seen").notes == ("seen",)
    assert hl.pull("sales@champion") == 1


_PLAN = """
    raw = hl.Artifact("raw", [])
    sales = hl.Artifact("sales", [], allow_shared={allowed})

    @hl.task
    def total(n: int) -> Annotated[int, sales]:
        return n + 1

    @hl.workflow
    def follow(n: int = raw.query()) -> None:
        total(n=n)

    hl.LaunchPlan.get_or_create("follow", follow, trigger=hl.OnArtifact(raw), auto_activate=True)
"""


def test_an_approved_plan_emits_in_its_authors_name(as_user: As, load: Load) -> None:
    """Whose reactor runs it does not matter: who registered the plan may emit."""
    as_user("ada")
    hl.publish(1, "sales")
    hl.publish(1, "raw")
    load(_PLAN.format(allowed=False))
    hl.publish(2, "raw")
    as_user("bob")
    (done, *_) = hl.settle().done
    assert done.state == "succeeded"
    assert (hl.get("sales").version, hl.get("sales").created_by) == (2, "bob")
    assert _declared("sales").shared == ()


@pytest.mark.parametrize("allowed", [False, True])
def test_a_plan_under_anothers_name(as_user: As, load: Load, allowed: bool) -> None:
    """It fails with the line that says why, unless its artifact says ``allow_shared``."""
    as_user("ada")
    hl.publish(1, "sales")
    as_user("bob")
    hl.publish(1, "raw")
    load(_PLAN.format(allowed=allowed))
    hl.publish(2, "raw")
    as_user("eve")
    (done, *_) = hl.settle().done
    if allowed:
        assert done.state == "succeeded"
        assert _declared("sales").shared == ("bob",)
    else:
        assert done.state == "failed"
        assert "'sales' is ada's, and bob has not emitted" in str(done.error)


def test_only_the_owner_names_another_owner(as_user: As) -> None:
    """The owner hands a name over; another user who names an owner is refused."""
    as_user("ada")
    hl.publish(1, "sales")
    as_user("bob")
    with pytest.raises(DeclarationError, match=r"'sales' is ada's .* Leave out owner='bob'"):
        hl.Artifact("sales", [], owner="bob")
    as_user("ada")
    _emitter(hl.Artifact("sales", [], owner="bob"))()
    assert _declared("sales").owner == "bob"
    as_user("bob")
    assert hl.publish(3, "sales").version == 3


def test_the_owners_description_stays(as_user: As) -> None:
    """What another user's declaration says in passing changes nothing; the owner's does."""
    as_user("ada")
    hl.publish(1, "sales")
    as_user("bob")
    _emitter(hl.Artifact("sales", [], description="mine now", allow_shared=True))()
    assert _declared("sales").description == ""
    as_user("ada")
    _emitter(hl.Artifact("sales", [], description="Daily"))()
    assert _declared("sales").description == "Daily"
    assert hl.search("daily").total == 3
