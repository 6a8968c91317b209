"""A value as it is kept: in its record, in the store, or where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final

from heirloom.errors import DeclarationError, did_you_mean
from heirloom.records.stores import HOME_STORE

__all__ = ["ABSENT", "KINDS", "Absent", "Payload", "check_kind"]

KINDS = ("data", "model", "file", "value")


COLLECTION: Final = "collection"
"""The format of what is kept member by member: a document that tells the members' payloads."""


class Absent(Enum):
    """The type of `ABSENT`: no value, where ``None`` is one."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


def check_kind(kind: str | None) -> str:
    """A kind as it is given; empty for none, which leaves it to the type.

    Raises:
        DeclarationError: It is none of `KINDS`.
    """
    if kind is not None and kind not in KINDS:
        near = did_you_mean(str(kind), KINDS)
        msg = f"kind= is one of {', '.join(KINDS)}; got {kind!r:.60}.{near}"
        raise DeclarationError(msg)
    return kind or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A value as it is kept: in the record itself (`value`), in the store (`digest`), or a link.

    Attributes:
        format: The codec that reads it, e.g. ``parquet``; ``alive`` for a value that was
            recorded without payload.
        type_name: The Python type, e.g. ``pandas.DataFrame``.
        kind: One of `KINDS`.
        size: Bytes as stored; of a value in the record, of its JSON.
        digest: ``sha256:…`` of the stored bytes, or of the value's JSON.
        schema: Columns and rows of a frame, shape of an array; `None` where it has none.
        meta: What the codec needs to read it back.
        link: The URL of a payload that was recorded without copying.
        store: The id of the store that holds the digest.
    """

    format: str
    type_name: str
    kind: str
    size: int = 0
    digest: str | None = None
    value: Any = ABSENT
    schema: Mapping[str, Any] | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    link: str | None = None
    store: str = HOME_STORE

    @classmethod
    def unrecorded(cls, type_name: str, secret: str | None = None) -> Payload:
        """Of a value that only lives: no format takes it, or it is secret, for the reason given."""
        meta = {"secret": secret} if secret else {}
        return cls(format="alive", type_name=type_name, kind="value", meta=meta)

    @property
    def secret(self) -> str | None:
        """Why the value was not recorded, where it was taken for a secret; else `None`."""
        return self.meta.get("secret") if self.format == "alive" else None

    def unmet(self, how: str) -> Payload:
        """This `None`, as what a query gives that finds nothing; `how` it was asked."""
        return replace(self, meta={**self.meta, "unmet": how})

    @property
    def asked(self) -> str | None:
        """How the query was asked that found nothing, where that is why it is `None`."""
        return self.meta.get("unmet")

    @property
    def inline(self) -> bool:
        """Whether the record itself holds the value."""
        return self.value is not ABSENT

    def __repr__(self) -> str:
        return f"<{self.type_name} as {self.format}, {self.digest or self.link or 'unrecorded'}>"

    def to_doc(self) -> dict[str, Any]:
        """The JSON form; what is empty is left out."""
        doc: dict[str, Any] = {
            "format": self.format,
            "type": self.type_name,
            "kind": self.kind,
            "size": self.size,
        }
        optional = {"digest": self.digest, "schema": self.schema, "link": self.link}
        doc |= {key: value for key, value in optional.items() if value is not None}
        if self.meta:
            doc["meta"] = dict(self.meta)
        if self.store != HOME_STORE:
            doc["store"] = self.store
        if self.inline:
            doc["value"] = self.value
        return doc

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> Payload:
        """What `to_doc` wrote."""
        return cls(
            format=doc["format"],
            type_name=doc["type"],
            kind=doc["kind"],
            size=doc["size"],
            digest=doc.get("digest"),
            value=doc.get("value", ABSENT),
            schema=doc.get("schema"),
            meta=doc.get("meta", {}),
            link=doc.get("link"),
            store=doc.get("store", HOME_STORE),
        )
