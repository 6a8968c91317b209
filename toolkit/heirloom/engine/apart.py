"""A rerun in a process of its own, with nothing of this kernel in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from heirloom import errors
from heirloom.declare.artifact import Artifact
from heirloom.declare.specs import as_query
from heirloom.engine.resolve import Resolver
from heirloom.errors import HeirloomError
from heirloom.records.executions import bound_doc, bound_from_doc
from heirloom.records.queries import Query
from heirloom.records.refs import SCHEME, Ref
from heirloom.settings import Settings

__all__ = ["Told", "differences", "given_docs", "given_from_docs", "rerun_apart"]

Told = dict[str, Any]
"""What the process tells: ``id`` of the execution, ``differs`` in lines, or ``error``."""


def rerun_apart(settings: Settings, execution_id: str, docs: Any, *, latest: bool) -> Told:
    """Have a fresh interpreter rerun an execution, and wait for it.

    Raises:
        HeirloomError: What was found before the body ran, as that process found it.
        RuntimeError: The process ended without a word.
    """
    command = [sys.executable, "-m", "heirloom", "rerun", execution_id, "--apart"]
    ran = subprocess.run(
        [*command, *(["--latest"] if latest else [])],
        input=json.dumps(docs),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **settings.environment, "HEIRLOOM_REACTOR": "off"},
    )
    try:
        told: Told = json.loads(ran.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        msg = f"The process of the rerun ended with {ran.returncode}: {ran.stderr.strip()[-500:]}"
        raise RuntimeError(msg) from None
    if "error" in told:
        kind = getattr(errors, told["error"], HeirloomError)
        raise kind(told["message"])
    return told


def given_docs(resolver: Resolver, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs as JSON: versions and queries by name, other values through the store."""
    return {name: _doc(resolver, value) for name, value in inputs.items()}


def _doc(resolver: Resolver, value: Any) -> dict[str, Any]:
    if isinstance(value, str) and value.startswith(SCHEME):
        return {"uri": value}
    if isinstance(value, Artifact | Ref | Query):
        return {"query": resolver.within(as_query(value)).to_doc()}
    return bound_doc(resolver.slot_given(value, "declared").bound)


def given_from_docs(docs: Mapping[str, Any], slot_of: Any) -> dict[str, Any]:
    """What `given_docs` wrote; `slot_of` looks up what is recorded."""
    given: dict[str, Any] = {}
    for name, doc in docs.items():
        if "uri" in doc:
            given[name] = doc["uri"]
        elif "query" in doc:
            given[name] = Query.from_doc(doc["query"])
        else:
            given[name] = slot_of(bound_from_doc(doc))
    return given


def differences(recorded: Mapping[str, str]) -> list[str]:
    """How what is installed differs from what was when the code was recorded, a line each."""
    from importlib.metadata import PackageNotFoundError, version

    lines = []
    for name, was in sorted(recorded.items()):
        try:
            now: str | None = version(name)
        except PackageNotFoundError:
            now = None
        if now != was:
            lines.append(f"{name} was {was}, is {now or 'not installed'}")
    return lines
