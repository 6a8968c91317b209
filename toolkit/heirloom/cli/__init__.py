"""The command line: ``heirloom VERB …``, each verb with ``--json`` and ``--home``."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from heirloom import __version__, waiting
from heirloom.cli.answer import Answer
from heirloom.cli.parser import parser
from heirloom.cli.text import in_terminal, line
from heirloom.errors import HeirloomError, TaskFailed
from heirloom.opening import connect, reset
from heirloom.session import Session
from heirloom.settings import Settings

__all__ = ["main"]

_NOT_WELL = 1
_REFUSED = 2  # as argparse ends a command that it does not understand
_INTERRUPTED = 130
_PIPE_CLOSED = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: Its words; `None` for the process's own.

    Returns:
        0 when it did what was asked; 1 when what it ran or looked at is not well; 2 with one
        line on standard error when it could not be done, and then nothing was changed;
        130 after an interrupt, 141 when nobody reads the output any more.

    Raises:
        SystemExit: The words are no command (2), or ask for help (0).
    """
    args = parser(__version__).parse_args(argv)
    waiting.show()
    try:
        answer = _answer(args)
        _say(answer, as_json=args.json)
    except HeirloomError as error:
        print(f"heirloom: {in_terminal(line(error))}", file=sys.stderr)
        return _NOT_WELL if isinstance(error, TaskFailed) else _REFUSED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # What is still buffered goes nowhere, or the interpreter complains when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    return answer.code


def _answer(args: Namespace) -> Answer:
    try:
        answer: Answer = args.verb(*([_session(args)] if args.opens else []), args)
    finally:
        reset()
    return answer


def _session(args: Namespace) -> Session:
    """The session of the call; a look neither makes a home nor needs to write in one."""
    home = Settings.read(args.home).home
    writable = os.access(home / "journal.jsonl", os.W_OK)
    return connect(args.home, read_only=args.looks and not writable)


def _say(answer: Answer, *, as_json: bool) -> None:
    document = answer.document
    text = json.dumps(document, indent=2, ensure_ascii=False) if as_json else answer.text
    if text:
        print(text, flush=True)
