"""``{expr}`` in the text of a magic: filled in from the notebook's names, aloud where it fails."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from heirloom.errors import DeclarationError, RefError

__all__ = ["evaluated", "field_at", "fields_in", "filled", "source_of"]

_PAIRS = {"(": ")", "[": "]", "{": "}"}


def filled(text: str, namespace: dict[str, Any]) -> str:
    """The text with every ``{expr}`` replaced by its value; ``{{`` and ``}}`` are braces.

    Raises:
        DeclarationError: An expression is none, or it raised.
        RefError: A brace is not closed, or not opened; the message points at it.
    """
    return "".join(
        str(evaluated(part, namespace)) if is_field else part for part, is_field in _parts(text)
    )


def source_of(text: str) -> str:
    """The expression whose value is the text, every ``{expr}`` filled in where it is evaluated.

    Raises:
        DeclarationError: A field is no expression.
        RefError: A brace is not closed, or not opened; the message points at it.
    """
    values: list[ast.expr] = []
    for part, is_field in _parts(text):
        values += _field(part) if is_field else [ast.Constant(part)] if part else []
    if any(isinstance(each, ast.FormattedValue) for each in values):
        return ast.unparse(ast.JoinedStr(values))
    return repr("".join(part for part, _ in _parts(text)))


def fields_in(text: str) -> Iterator[str]:
    """The expression of each field.

    Raises:
        RefError: A brace is not closed, or not opened; the message points at it.
    """
    return (part for part, is_field in _parts(text) if is_field)


def _field(expression: str) -> list[ast.expr]:
    try:
        made = ast.parse(f'f"""{{{expression}}}"""', mode="eval").body
    except SyntaxError as error:
        msg = f"{{{expression}}} is no expression: {error.msg}. Braces of text are {{{{ and }}}}."
        raise DeclarationError(msg) from error
    return made.values if isinstance(made, ast.JoinedStr) else [made]


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Pieces of a text, and which of them are fields."""
    at, plain = 0, ""
    while at < len(text):
        sign = text[at]
        if text[at : at + 2] in ("{{", "}}"):
            plain, at = plain + sign, at + 2
        elif sign in "{}":
            yield plain, False
            expression, at = field_at(text, at)
            yield expression, True
            plain = ""
        else:
            plain, at = plain + sign, at + 1
    yield plain, False


def field_at(text: str, at: int) -> tuple[str, int]:
    """The expression of the field that begins at `at`, and where the text goes on.

    Raises:
        RefError: The brace there is not closed, or not opened.
    """
    if text[at] == "}":
        raise RefError.pointing("A brace is not opened; write '}}' for a brace", text, at)
    wanted = [_PAIRS["{"]]
    quote = ""
    for end in range(at + 1, len(text)):
        sign = text[end]
        if quote:
            quote = "" if sign == quote and text[end - 1] != "\\" else quote
        elif sign in "'\"":
            quote = sign
        elif sign in _PAIRS:
            wanted.append(_PAIRS[sign])
        elif sign == wanted[-1]:
            wanted.pop()
            if not wanted:
                return text[at + 1 : end], end + 1
    raise RefError.pointing("A brace is not closed; write '{{' for a brace", text, at)


def evaluated(expression: str, namespace: dict[str, Any]) -> Any:
    """The value of a field; a text where the field has a conversion or a format.

    Raises:
        DeclarationError: It is no expression, or it raised.
    """
    try:
        return eval(_compiled(expression), namespace)
    except Exception as error:
        msg = (
            f"{{{expression}}} has no value: {type(error).__name__}: {error}. "
            "Braces that are text are written {{ and }}."
        )
        raise DeclarationError(msg) from error


def _compiled(expression: str) -> Any:
    try:
        return compile(expression.strip(), "<field>", "eval")
    except SyntaxError:
        return compile(f'f"""{{{expression}}}"""', "<field>", "eval")
