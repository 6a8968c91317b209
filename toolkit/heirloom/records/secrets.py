"""What must not be recorded: told by the name that a value bears, or by how it looks.

A journal is for ever, so that a password in it is one for ever. What is told here errs toward
keeping records readable: a name must *be* a secret's (``api_token``), not only contain its
letters (``token_count``, ``keyword``, ``monkey``), and a text must have the form that an issuer
gives its keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Redactor", "hidden", "secret_name", "secret_of", "secret_text"]

_SHORTEST = 4
_MEMBERS = 10_000
_LOOKED_AT = 100_000

# ------------------------------------------------------------------ names

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ALWAYS = frozenset(
    {"password", "passwd", "pwd", "passphrase", "passcode", "secret", "secrets", "credential"}
    | {"credentials", "creds", "cred", "apikey", "jwt", "bearer", "authorization", "authtoken"}
    | {"accesstoken", "dsn", "connstr", "pass"}
)
_LAST = frozenset({"token", "auth", "conn", "cookie"})
_KEYS = frozenset(
    {"api", "access", "secret", "private", "auth", "account", "ssh", "signing", "encryption"}
    | {"master", "service", "shared", "storage", "aws", "azure", "gcp", "openai", "anthropic"}
    | {"subscription", "client", "app", "deploy", "host", "rsa", "pgp", "gpg", "hmac", "jwt"}
)
_TOKENS_OF_TEXT = frozenset(
    {"eos", "bos", "pad", "sep", "cls", "mask", "unk", "stop", "start", "end", "next", "first"}
    | {"last", "special", "prev", "current", "blank", "image", "begin", "page", "sentence"}
    | {"continuation", "new", "prompt", "generated", "decoder", "encoder", "text", "word"}
)
_ABOUT = frozenset(
    {"count", "counts", "name", "names", "length", "len", "policy", "type", "kind", "field"}
    | {"column", "columns", "path", "file", "limit", "size", "age", "ttl", "expiry", "expires"}
    | {"rotation", "strength", "hint", "arn", "id", "ids", "scope", "scopes", "provider", "mode"}
    | {"method", "enabled", "required", "timeout", "manager", "santa", "url", "endpoint", "env"}
)
_STRINGS = frozenset({("connection", "string"), ("conn", "string"), ("conn", "str")})


def secret_name(name: str) -> bool:
    """Whether a value of that name is taken for a secret, whatever it is."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or words[-1] in _ABOUT:
        return False
    before = words[-2] if len(words) > 1 else ""
    return (
        words[-1] in _ALWAYS
        or (before in _ALWAYS and words[-1] in {"value", "text", "string", "key", "token"})
        or (words[-1] in _LAST and before not in _TOKENS_OF_TEXT)
        or (words[-1] == "key" and before in _KEYS)
        or (before, words[-1]) in _STRINGS
    )


# ------------------------------------------------------------------ texts

_FORMS: Mapping[str, str] = {
    "an AWS key": r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{22,}",
    "a GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a Slack webhook": r"\bhooks\.slack\.com/services/T\w+/B\w+/\w{16,}",
    "a Google key": r"\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])",
    "an API key": r"\bsk-(?:[a-z]+-)*[A-Za-z0-9_-]{32,}|\b[sr]k_live_[A-Za-z0-9]{16,}",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{30,}",
    "a PyPI token": r"\bpypi-AgE[A-Za-z0-9_-]{40,}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "a Databricks token": r"\bdapi[0-9a-f]{32}\b",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    "a private key": (
        r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|[\s\S]*)"
    ),
    "a password in a URL": r"(?<=://)[^\s/:@?#'\"]*:[^\s/@'\"]+(?=@[^\s/@])",
    "a password in a connection string": (
        r"(?i)(?<=[;?&])\s*(?:password|passwd|pwd)=[^\s;&'\"()]{3,}"
        r"|\b(?:password|passwd|pwd)=[^\s;&'\"()]{3,}(?=;)"
        r"|\bhost=\S+ [^\n'\"]*?\bpassword=[^\s'\"]{3,}"
    ),
    "an Azure account key": r"(?i)\bAccountKey=[A-Za-z0-9+/=]{40,}",
    "a signed URL": r"(?i)[?&](?:X-Amz-Signature|X-Goog-Signature)=[0-9a-f]{32,}"
    r"|[?&]sig=[A-Za-z0-9%+/=]{40,}",
}
_DETECTORS = tuple((kind, re.compile(form)) for kind, form in _FORMS.items())
_SIGNS = re.compile(
    r"AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|hooks\.slack|AIza|sk-|k_live_|hf_"
    r"|pypi-|npm_|dapi|eyJ|PRIVATE KEY|://|(?i:passw|pwd=|AccountKey|-Signature=|sig=)"
)
"""What some detector needs: where it is not, none fires."""


def secret_text(text: str) -> str | None:
    """What kind of secret stands in a text, or `None`."""
    if _SIGNS.search(text) is None:
        return None
    return next((kind for kind, form in _DETECTORS if form.search(text)), None)


def hidden(text: str) -> str:
    """The text with a word for each secret that stands in it."""
    if _SIGNS.search(text) is None:
        return text
    for kind, form in _DETECTORS:
        text = form.sub(f"[{kind}, not recorded]", text)
    return text


# ------------------------------------------------------------------ values


def secret_of(name: str, value: Any) -> str | None:
    """Why a value is not to be recorded, in words; `None` where it may be.

    A name counts for texts, bytes and what holds them, never for a number, a truth or `None`;
    the look of a text counts wherever it stands, and so do the keys of mappings.

    Args:
        name: What the value is called; empty where it has no name.
        value: Anything; beyond plain containers, and deep into long texts, nothing is looked at.
    """
    if secret_name(name) and any(_texts(value)):
        return "its name"
    for inner, text in _members(value):
        if inner and text and secret_name(inner):
            return f"the name {inner!r} in it"
        kind = secret_text(text[:_LOOKED_AT])
        if kind is not None:
            return f"it looks like {kind}"
    return None


def _texts(value: Any) -> Iterator[str]:
    yield from (text for _, text in _members(value))


def _members(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Each text in a value with the nearest key above it; of a large container only the first."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, bytes | bytearray):
        yield name, value.decode("latin-1")
    elif depth < 16 and isinstance(value, Mapping):
        for key, each in list(value.items())[:_MEMBERS]:
            yield from _members(each, str(key), depth + 1)
    elif depth < 16 and isinstance(value, list | tuple | set | frozenset):
        for each in list(value)[:_MEMBERS]:
            yield from _members(each, name, depth + 1)


class Redactor:
    """Keeps the secrets that passed by out of what is recorded of them afterwards."""

    def __init__(self) -> None:
        """Know none yet."""
        self._known: set[str] = set()

    def learn(self, value: Any) -> None:
        """Know the texts in a secret value; very short ones would hide half a page."""
        for text in _texts(value):
            if len(text) >= _SHORTEST:
                self._known |= {text, repr(text)[1:-1]}

    def why(self, name: str, value: Any) -> str | None:
        """`secret_of`, and also where a known secret stands in it; then it is known as well."""
        found = secret_of(name, value)
        if found is None and self._known and any(map(self._holds, _texts(value))):
            found = "a secret stands in it"
        if found is not None:
            self.learn(value)
        return found

    def _holds(self, text: str) -> bool:
        return any(known in text for known in self._known)

    def hide(self, text: str) -> str:
        """The text without known secrets, and without what looks like one."""
        for known in sorted(self._known, key=len, reverse=True):
            text = text.replace(known, "[a secret, not recorded]")
        return hidden(text)
