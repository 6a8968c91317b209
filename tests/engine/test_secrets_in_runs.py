"""Secrets that pass through runs, and reach no byte of the home."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest

import heirloom as hl
from heirloom import Artifact, LaunchPlan, OnArtifact, opening, task, workflow
from heirloom.errors import (
    DeclarationError,
    NotPortable,
    PayloadMissing,
    SecretWarning,
    StoreError,
    TaskFailed,
)

PASSWORD = "correct-horse-battery-staple"
TOKEN = "ghp_" + "a1B2" * 9

logged_in = Artifact("logged_in")


@task
def log_in(user: str, password: str) -> Annotated[str, logged_in]:
    """Say who is logged in."""
    return f"{user} with {len(password)} signs"


@task
def issue(user: str, password: str) -> str:
    """Give out a token, which nobody may record."""
    return f"{os.environ['TICKET']}-{user}" if password else ""


@task
def use(ticket: str) -> int:
    """Use it."""
    return len(ticket)


@workflow
def day(user: str, password: str) -> int:
    """A password and a token go through three leaves."""
    log_in(user=user, password=password)
    size: int = use(ticket=issue(user=user, password=password))
    return size


@task
def refuse(password: str) -> int:
    """Tell the secret in an error."""
    raise ValueError(f"{password!r} is wrong, and {password}")


def _plain(done: hl.Execution) -> object:
    value: object = done.outputs["o0"]
    return value


def _bytes_of(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


@pytest.fixture(autouse=True)
def _ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKET", TOKEN)


@pytest.fixture
def clean() -> Callable[..., None]:
    """Holds that none of these texts is in any byte below the home of the session."""

    def check(*secrets: str) -> None:
        home = hl.current().home
        opening.reset()
        found = _bytes_of(home)
        assert found
        for secret in secrets:
            assert secret.encode() not in found
            assert json.dumps(secret)[1:-1].encode() not in found

    return check


def test_the_true_value_runs_and_a_word_is_recorded(clean: Callable[..., None]) -> None:
    """A password by its name, a token by its look: bodies see them, no byte of the home does."""
    done = hl.run(day, user="ann", password=PASSWORD)
    assert _plain(done) == len(TOKEN) + 4
    assert hl.pull("logged_in") == f"ann with {len(PASSWORD)} signs"
    recorded: Mapping[str, Any] = hl.executions(name="log_in")[0].inputs
    assert recorded["user"] == "ann"
    assert recorded["password"].payload.secret == "its name"
    clean(PASSWORD, TOKEN)


def test_an_error_does_not_tell(clean: Callable[..., None]) -> None:
    """A traceback with the secret in it is recorded with a word in its place."""
    with pytest.raises(TaskFailed, match=PASSWORD):
        hl.run(refuse, password=PASSWORD)
    (failed,) = hl.executions(state="failed")
    assert "[a secret, not recorded] is wrong" in str(failed.error).replace("'", "")
    clean(PASSWORD)


def test_what_is_not_recorded_cannot_be_read_back() -> None:
    """Running again from the record alone says that the value is to be given."""
    done = hl.run(log_in, user="ann", password=PASSWORD)
    recorded: Mapping[str, Any] = hl.executions(root=done.root_id)[0].inputs
    payload = recorded["password"].payload
    with pytest.raises(PayloadMissing, match="may be a secret"):
        hl.run(log_in, user="ann", password=payload)


@pytest.mark.parametrize("value", [{"db": {"password": PASSWORD}}, [TOKEN], TOKEN.encode()])
def test_secrets_inside_values(clean: Callable[..., None], value: Any) -> None:
    """A value is a secret with any text inside it that is one, in whatever form."""

    @task
    def count(config: Any) -> int:
        return len(config)

    assert _plain(hl.run(count, config=value)) == len(value)
    clean(PASSWORD, TOKEN)


def test_cards_notes_and_reasons_do_not_tell(clean: Callable[..., None]) -> None:
    """Whatever free text is recorded of a version, an issuer's key in it is not."""
    url = f"postgres://ann:{PASSWORD}@db/sales"
    hl.publish(1, "sales", f"# From {url}\nwith {TOKEN}")
    hl.annotate("sales", note=f"see {url}")
    hl.alias("sales", "champion", f"{TOKEN} said so")
    hl.yank("sales@1", f"{TOKEN} leaked")
    card = hl.get("sales@1").card
    assert card is not None
    assert card.text.startswith("# From postgres://[a password in a URL, not recorded]@db/sales")
    clean(PASSWORD, TOKEN)


def test_a_plan_with_a_secret_is_refused(clean: Callable[..., None]) -> None:
    """What a plan is given is kept for good: one line says so, and what to do instead."""
    for given in ({"fixed_inputs": {"password": PASSWORD}}, {"default_inputs": {"user": TOKEN}}):
        with pytest.raises(DeclarationError, match=r"would record its input.*os\.environ\['"):
            LaunchPlan.get_or_create(name="daily", workflow=day, **given)  # type: ignore[arg-type]

    @workflow
    def alone(user: str, password: str) -> None:
        pass

    trigger = OnArtifact(logged_in, inputs={"user": "ann", "password": PASSWORD})
    with pytest.raises(DeclarationError, match="its name"):
        LaunchPlan.get_or_create(name="daily", workflow=alone, trigger=trigger)
    assert hl.plans() == []
    clean(PASSWORD, TOKEN)


def test_a_secret_in_code_is_warned_of() -> None:
    """The line is named, once: source is recorded as it is."""

    @task
    def call() -> int:
        return len("ghp_aaaaBBBBccccDDDDeeeeFFFFggggHHHHiiii")

    with pytest.warns(SecretWarning, match=r"Line \d+ of task 'call'.*a GitHub token"):
        hl.run(call)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hl.run(call)


def test_a_secret_beside_code_stays_out_of_it(clean: Callable[..., None]) -> None:
    """A constant that may be a secret is no part of a closure: it binds the code to this kernel."""
    api_key = PASSWORD

    @task
    def call() -> int:
        return len(api_key)

    assert _plain(hl.run(call)) == len(PASSWORD)
    assert call.closure.bound == "api_key"
    with pytest.raises(NotPortable, match=r"may be a secret.*os\.environ\['API_KEY'\]"):
        call.closure.require_portable("plan 'x'")
    clean(PASSWORD)


@pytest.mark.parametrize(
    "url",
    [
        "s3://key:secret@bucket/x.csv",
        "abfs://box:secret@account/x.csv",
        "s3://bucket/x.csv?X-Amz-Signature=" + "0a" * 32,
        "simplecache::s3://key:secret@bucket/x.csv",
    ],
)
def test_links_carry_no_credentials(clean: Callable[..., None], url: str) -> None:
    """A URL with a password or a signature is refused, and the error does not repeat it."""
    with pytest.raises(StoreError, match="carries credentials") as refused:
        hl.publish(hl.File(url, link=True), "linked")
    assert "secret" not in str(refused.value)
    hl.publish(1, "one")
    clean(url)


def test_a_notebook_gets_the_secret_and_its_copy_does_not(
    tmp_path: Path, clean: Callable[..., None]
) -> None:
    """The kernel has the true value; what is kept of the run has a word, also where it printed."""
    sources = (
        "password: str = ''",
        "import heirloom as hl\nprint('it is', password)\nhl.publish(len(password), 'size')",
        "raise ValueError(password)",
    )
    cells = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "id": f"c{number}"}
        | {"execution_count": None}
        for number, source in enumerate(sources)
    ]
    cells[0]["metadata"] = {"tags": ["parameters"]}
    path = tmp_path / "secret.ipynb"
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook))
    done = hl.run(path, password=PASSWORD, check=False)
    assert done.state == "failed"
    assert hl.pull("size") == len(PASSWORD)
    kept = hl.current().payloads.store.get_bytes(done.log or "").decode()
    assert "it is [a secret, not recorded]" in kept
    clean(PASSWORD)
