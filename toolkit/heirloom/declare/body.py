"""A cell's body, split into its statements and the value of the last one."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass
from types import CodeType

from heirloom.declare.code.parsing import parse
from heirloom.errors import DeclarationError

__all__ = ["Body", "split"]


@dataclass(frozen=True)
class Body:
    """A cell's text, ready to run with its last value in hand; line numbers are the cell's own."""

    statements: ast.Module
    """What is executed: all statements, without a last one that is an expression."""
    result: ast.Expression
    """What is then evaluated: the last expression, or the single name that was assigned."""
    name: str | None
    """The name that the last statement assigns, or `None` if it is an expression."""
    silenced: bool
    """Whether the text ends with ``;``, which asks to show nothing."""

    def compiled(self, filename: str, flags: int = 0) -> tuple[CodeType, CodeType]:
        """The code of the statements, for `exec`, and of the result, for `eval`.

        Top-level ``await`` is allowed: code whose flags hold ``CO_COROUTINE`` gives a coroutine.

        Args:
            filename: The name that tracebacks and `linecache` know the text by.
            flags: Flags of the compiler, as of the notebook's ``from __future__`` imports.
        """
        flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        return (
            compile(self.statements, filename, "exec", flags, dont_inherit=True),
            compile(self.result, filename, "eval", flags, dont_inherit=True),
        )


def split(source: str) -> Body:
    """Split a cell's Python text; its payload is the last statement's value.

    Args:
        source: Text after IPython's transformation.

    Raises:
        DeclarationError: The text is empty, or its last statement has no value.
        SyntaxError: The text is no Python.
    """
    tree = parse(source)
    if not tree.body:
        raise _without_value("it is empty")
    last = tree.body[-1]
    silenced = _ends_with_semicolon(source)
    if isinstance(last, ast.Expr):
        before = ast.Module(tree.body[:-1], tree.type_ignores)
        return Body(before, ast.Expression(last.value), None, silenced)
    target = _single_target(last)
    result = ast.copy_location(ast.Name(target.id, ast.Load()), target)
    return Body(tree, ast.Expression(result), target.id, silenced)


def _single_target(statement: ast.stmt) -> ast.Name:
    """The one name that a statement assigns."""
    match statement:
        case ast.Assign(targets=[ast.Name() as target]):
            return target
        case ast.AugAssign(target=ast.Name() as target):
            return target
        case ast.AnnAssign(target=ast.Name() as target, value=ast.expr()):
            return target
        case ast.Assign() | ast.AugAssign():
            raise _without_value(
                f"line {statement.lineno} assigns more or other than a single name"
            )
    word = type(statement).__name__
    phrase = _PHRASES.get(word, "a statement")
    raise _without_value(f"line {statement.lineno} is {phrase}")


_PHRASES = {
    "AnnAssign": "an annotation alone",
    "Assert": "an assert statement",
    "AsyncFor": "a loop",
    "AsyncFunctionDef": "a function definition",
    "AsyncWith": "a with block",
    "ClassDef": "a class definition",
    "Delete": "a del statement",
    "For": "a loop",
    "FunctionDef": "a function definition",
    "If": "an if block",
    "Import": "an import",
    "ImportFrom": "an import",
    "Match": "a match block",
    "Raise": "a raise statement",
    "Try": "a try block",
    "TryStar": "a try block",
    "While": "a loop",
    "With": "a with block",
}


def _without_value(what: str) -> DeclarationError:
    msg = (
        f"The cell gives no value: {what}. End it with an expression, "
        "or with an assignment to one name."
    )
    return DeclarationError(msg)


def _ends_with_semicolon(source: str) -> bool:
    blank = (tokenize.ENDMARKER, tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT)
    last = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            last = last if token.type in blank else token.string
    except tokenize.TokenError:
        return False
    return last == ";"
