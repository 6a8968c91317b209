"""What may be called what: artifact names, partition keys, canonical partition values."""

from __future__ import annotations

import enum
import re
import unicodedata
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

from heirloom.errors import DeclarationError, PartitionError

__all__ = [
    "MAX_KEYS",
    "OPTION_NAMES",
    "RESERVED_KEYS",
    "canonical",
    "check_key",
    "check_name",
    "check_project",
    "fold",
    "is_word",
    "moment",
    "typed",
]

MAX_KEYS = 10
MAX_NAME_BYTES = 200
MAX_VALUE_BYTES = 512
_EXACT = Context(prec=MAX_VALUE_BYTES)
_SPELT = {
    "int": "Give a whole number.",
    "float": "Give a number.",
    "bool": "Give true or false.",
    "date": "Write it as 2026-01-31.",
    "datetime": "Write it as 2026-01-31T12:00Z.",
}
RESERVED_KEYS = frozenset(
    {"name", "kind", "by", "since", "until", "alias", "up", "down", "is", "time"}
    | {"and", "or", "not", "in", "project"}
)
OPTION_NAMES = frozenset(
    {"time_partition", "alias", "latest", "format", "draft", "card", "value", "partitions"}
)
_WORD = re.compile(r"[^\W\d][\w.\-]*\Z")


def is_word(text: str) -> bool:
    """Whether `text` is a letter or ``_``, then letters, digits, ``_``, ``-``, ``.``."""
    return _WORD.match(text) is not None


def check_name(name: Any, what: str = "An artifact") -> str:
    """The NFC form of an artifact, task, workflow or plan name.

    Raises:
        DeclarationError: It is no name; nothing was declared.
    """
    if not isinstance(name, str) or not name:
        msg = f"{what} needs a name; got {name!r}."
        raise DeclarationError(msg)
    text = unicodedata.normalize("NFC", name)
    if len(text.encode()) > MAX_NAME_BYTES:
        msg = f"A name has at most {MAX_NAME_BYTES} bytes; got {len(text.encode())}."
        raise DeclarationError(msg)
    if not all(is_word(word) for word in text.split("/")):
        msg = (
            f"{name!r} is no name: words of letters, digits, '_', '-', '.', "
            "each beginning with a letter or '_', joined by '/'."
        )
        raise DeclarationError(msg)
    return text


def check_project(project: str) -> str:
    """The project, which is one word.

    Raises:
        DeclarationError: It is not.
    """
    if not is_word(project):
        msg = f"{project!r} is no project: one word of letters, digits, '_', '-', '.'."
        raise DeclarationError(msg)
    return project


def check_key(key: Any) -> str:
    """A partition key: a Python identifier that is neither reserved nor an option.

    Raises:
        DeclarationError: It cannot be a key.
    """
    if not isinstance(key, str) or not key.isidentifier():
        msg = f"A partition key is a Python identifier; got {key!r}."
        raise DeclarationError(msg)
    if key in RESERVED_KEYS or key in OPTION_NAMES:
        msg = f"{key!r} is reserved and cannot be a partition key. Choose another, e.g. '{key}_'."
        raise DeclarationError(msg)
    return key


def fold(name: str) -> str:
    """The form under which names are unique."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", name).casefold()


def moment(when: datetime | date) -> str:
    """A time as RFC 3339 in UTC; a date as ``2026-01-31``; a naive time is taken as UTC."""
    if not isinstance(when, datetime):
        return when.isoformat()
    aware = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    if (aware.hour, aware.minute, aware.second, aware.microsecond) == (0, 0, 0, 0):
        return aware.date().isoformat()
    return aware.isoformat().replace("+00:00", "Z")


def canonical(value: Any, key: str = "value", kind: str = "str") -> str:
    """A partition value as the one string under which it is kept and compared.

    ``True`` is ``true``, ``7`` is ``7``, a date is ``2026-01-31``, a time is UTC; the
    same rule holds on emit and on query. Numbers that are equal are one value. Where the
    key has a declared type, a text that says a value of it is that value: ``7.0`` is ``7``.

    Raises:
        PartitionError: The value is `None` or NaN, no scalar, empty, too long, or has
            control characters; or it is none of the declared type.
    """
    text = _render(value, key)
    text = unicodedata.normalize("NFC", text)
    if not text or len(text.encode("utf-8", "replace")) > MAX_VALUE_BYTES:
        msg = f"Partition {key}={value!r:.80} must have 1 to {MAX_VALUE_BYTES} bytes."
        raise PartitionError(msg, expected=(key,))
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
        msg = f"Partition {key}={value!r:.80} has control characters."
        raise PartitionError(msg, expected=(key,))
    return text if kind == "str" else _of_type(text, key, kind)


def _of_type(text: str, key: str, kind: str) -> str:
    with suppress(ValueError, ArithmeticError):
        match kind:
            case "int" | "float":
                number = Decimal(text)
                whole = number.is_finite() and number == number.to_integral_value()
                if not number.is_nan() and (whole or kind == "float"):
                    return _number(number)
            case "bool" if text.lower() in ("true", "false"):
                return text.lower()
            case "date" | "datetime":
                when = moment(parse_moment(text))
                if kind == "datetime" or "T" not in when:
                    return when
    msg = f"Partition {key}={text!r} is no {kind}. {_SPELT[kind]}"
    raise PartitionError(msg, expected=(kind,), given=(text,))


def _render(value: Any, key: str) -> str:
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal | date) and value != value:
        raise _refused(value, key, "missing")  # NaN, or the NaT of pandas
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, datetime | date):
        return moment(value)
    if isinstance(value, timedelta):
        return f"{_number(value.total_seconds())}s"
    if hasattr(value, "dtype") and getattr(value, "ndim", None) == 0:
        return _render(_unboxed(value), key)
    several = isinstance(value, list | tuple | set | frozenset)
    hint = " A query asks for any of several by hl.one_of(…)." if several else ""
    raise _refused(value, key, f"a {type(value).__name__}", hint)


def _number(value: float | Decimal) -> str:
    """The shortest text of a number; whole ones have no point and no exponent."""
    if isinstance(value, Decimal) and value.is_finite():
        value = value.normalize(_EXACT)
        if 0 <= int(value.as_tuple().exponent) < MAX_VALUE_BYTES:
            return str(int(value))
        if Decimal(repr(float(value))) != value:
            return str(value)
    number = float(value)
    return str(int(number)) if number.is_integer() else repr(number)


def _unboxed(value: Any) -> Any:
    """A scalar of NumPy as Python's; its times by the microsecond, as finer ones are counted."""
    kind = getattr(value.dtype, "kind", "")
    return value.astype(f"{kind}8[us]").item() if kind and kind in "mM" else value.item()


def _refused(value: Any, key: str, what: str, hint: str = "") -> PartitionError:
    takes = "a value is a string, number, bool, date or time."
    msg = f"Partition {key}={value!r:.80} is {what}; {takes}{hint}"
    return PartitionError(msg, expected=(key,))


def typed(text: str, kind: str) -> Any:
    """A canonical string as something that orders as its declared type does.

    Whole numbers of any size order exactly. A text that does not parse orders as text, after
    all that do.
    """
    try:
        match kind:
            case "int" | "float" | "bool":
                number = {"true": 1, "false": 0}.get(text)
                return (0, _exact(text) if number is None else number, "")
            case "date" | "datetime":
                return (0, parse_moment(text).timestamp(), "")
    except ValueError:
        return (1, 0.0, text)
    return (1, 0.0, text)


def _exact(text: str) -> float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def native(text: str, kind: str) -> Any:
    """A canonical string as a value of its declared type; as it is where it is none of that."""
    with suppress(ValueError):
        match kind:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return {"true": True, "false": False}.get(text, text)
            case "date":
                return date.fromisoformat(text)
            case "datetime":
                return parse_moment(text)
    return text


def parse_moment(text: str) -> datetime:
    """A date or time as an aware UTC time.

    Raises:
        PartitionError: It is neither.
    """
    try:
        when = datetime.fromisoformat(text)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        msg = f"{text!r} is no date or time. Write it as 2026-01-31 or 2026-01-31T12:00Z."
        raise PartitionError(msg) from error
