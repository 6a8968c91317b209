"""Secrets written into code, which is recorded as it stands."""

from __future__ import annotations

from heirloom.callers import warn_caller
from heirloom.declare.code.lines import lines_of
from heirloom.errors import SecretWarning
from heirloom.records.secrets import secret_text

__all__ = ["warn_of_secrets"]


def warn_of_secrets(source: str, what: str) -> None:
    """Warn of the first line of a source text that looks as if a secret stood in it.

    Args:
        source: The text.
        what: Whose it is: ``task 'clean'``.
    """
    whole = secret_text(source)
    if whole is None:
        return
    lines = enumerate(map(secret_text, lines_of(source)), 1)
    number, kind = next(((number, kind) for number, kind in lines if kind), (1, whole))
    msg = (
        f"Line {number} of {what} looks as if it had {kind} in it, and "
        "source is recorded for good. Take it from the environment: os.environ['NAME']."
    )
    warn_caller(msg, SecretWarning)
