"""``{expr}`` in the text of a magic: filled in from the notebook's names, aloud where it fails."""

from __future__ import annotations

from typing import Any

from heirloom.errors import DeclarationError, RefError

__all__ = ["evaluated", "field_at", "filled"]

_PAIRS = {"(": ")", "[": "]", "{": "}"}


def filled(text: str, namespace: dict[str, Any]) -> str:
    """The text with every ``{expr}`` replaced by its value; ``{{`` and ``}}`` are braces.

    Raises:
        DeclarationError: An expression is none, or it raised.
        RefError: A brace is not closed, or not opened; the message points at it.
    """
    out: list[str] = []
    at = 0
    while at < len(text):
        sign = text[at]
        if text[at : at + 2] in ("{{", "}}"):
            out.append(sign)
            at += 2
        elif sign in "{}":
            expression, at = field_at(text, at)
            out.append(str(evaluated(expression, namespace)))
        else:
            out.append(sign)
            at += 1
    return "".join(out)


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
