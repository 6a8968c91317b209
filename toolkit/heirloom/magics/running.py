"""A cell's body, run as the notebook runs any cell, with its last value in hand."""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from inspect import CO_COROUTINE
from types import CodeType
from typing import Any, TypeVar

from heirloom.declare.body import split
from heirloom.declare.trace import names
from heirloom.magics.bodies import cell_text
from heirloom.tracebacks import are_full, shorten

__all__ = ["Prepared", "at_once", "prepared", "show_from"]

T = TypeVar("T")


@dataclass(frozen=True)
class Prepared:
    """A body that compiles and has a value; nothing of it has run.

    Attributes:
        source: The body after IPython's transformation.
        file: What tracebacks call it.
        assigned: The name that its last statement assigns; `None` if that is an expression.
        silenced: Whether it ends with ``;``.
    """

    shell: Any
    source: str
    file: str
    codes: tuple[CodeType, CodeType]
    assigned: str | None
    silenced: bool

    @property
    def awaits(self) -> bool:
        """Whether it awaits at its top level."""
        return any(code.co_flags & CO_COROUTINE for code in self.codes)

    def unbound(self) -> list[str]:
        """The names that it binds where it runs, and that the notebook does not have."""
        wrote = names(self.source).writes - {"*"}
        return sorted(name for name in wrote if name not in self.shell.user_ns)

    async def run(self) -> Any:
        """Run it in the notebook's names; its last value.

        Raises:
            Exception: The user's own, shown from the user's own frame on.
        """
        value = None
        try:
            for code in self.codes:
                value = eval(code, self.shell.user_global_ns, self.shell.user_ns)
                if code.co_flags & CO_COROUTINE:
                    value = await value
        except BaseException as error:
            show_from(self.shell, error, self.file)
            raise
        return value

    def show(self, value: Any) -> None:
        """Show a last expression's value as the notebook does."""
        if self.assigned is None and not self.silenced:
            sys.displayhook(value)


def show_from(shell: Any, error: BaseException, file: str) -> None:
    """Have IPython show an error from the cell's own text on, without the call of the magic.

    Args:
        shell: The notebook's.
        error: What the text raised.
        file: What the name begins with that tracebacks call the text.
    """
    if are_full() or hasattr(error, "_render_traceback_"):
        return

    def shown() -> list[str]:
        shorten(error)
        frames = error.__traceback__
        while frames is not None and not frames.tb_frame.f_code.co_filename.startswith(file):
            frames = frames.tb_next
        show = shell.InteractiveTB.structured_traceback
        lines: list[str] = show(type(error), error, frames or error.__traceback__, tb_offset=0)
        return lines

    error.__dict__["_render_traceback_"] = shown


def prepared(shell: Any, line: str, body: str) -> Prepared:
    """The body of a cell magic, made ready to run.

    Args:
        shell: The notebook's.
        line: The first line of the cell, with the magic.
        body: What stands below it.

    Raises:
        SyntaxError: It is no Python.
        DeclarationError: Its last statement has no value.
    """
    text, source = cell_text(shell, line, body)
    file = shell.compile.cache(text, shell.execution_count - 1, raw_code=f"{line}\n{body}")
    shell.compile.ast_parse(text, filename=file)
    found = split(text)
    found = replace(
        found,
        statements=shell.transform_ast(found.statements),
        result=shell.transform_ast(found.result),
    )
    codes = found.compiled(file, shell.compile.flags)
    return Prepared(shell, source, file, codes, found.name, found.silenced)


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits."""
    __tracebackhide__ = "__ipython_bottom__"
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    msg = "A body that does not await has waited."
    raise RuntimeError(msg)
