"""The arguments of one magic: what its line takes, in words, and what completes each."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeAlias

from heirloom.errors import DeclarationError, did_you_mean

__all__ = ["FIELDS", "Offers", "Options"]

FIELDS = "{expr} is filled in from the notebook's names; {{ and }} are braces."

Offers: TypeAlias = str | tuple[str, ...]
"""What completes an argument: the words it is one of, or a kind of name that `offers` knows."""


class Options(argparse.ArgumentParser):
    """The options of one magic, whose errors are one line of ours."""

    def __init__(self, magic: str, usage: str, description: str) -> None:
        """Take none yet.

        Args:
            magic: How the user writes it: ``%%artifact``.
            usage: What follows on the line.
            description: What it does.
        """
        self.magic = magic
        self._offers: dict[str, Offers] = {}
        self._acts: dict[str, tuple[str, ...]] = {}
        super().__init__(
            prog=magic,
            usage=f"%(prog)s {usage}",
            description=description,
            add_help=False,
            allow_abbrev=False,
            formatter_class=_Wide,
        )

    def take(self, *flags: str, offers: Offers, **options: Any) -> None:
        """An argument as of `add_argument`, with what completes it; of words, it is one of them."""
        if isinstance(offers, tuple):
            options["type"] = _one_of(offers)
        self._offers[self.add_argument(*flags, **options).dest] = offers

    def goes_with(self, flag: str, *acts: str) -> None:
        """Only these acts take that option."""
        self._acts[flag] = acts

    def awaited(self, before: Sequence[str]) -> Offers:
        """What completes the argument that comes after these words; empty for nothing."""
        waits: argparse.Action | None = None
        ahead = [action for action in self._actions if not action.option_strings]
        for word in before:
            option = self._option_string_actions.get(word)
            if option is not None:
                waits = option if option.nargs != 0 else None
            elif waits is not None:
                waits = None
            else:
                ahead = ahead[1:]
        awaited = waits or next(iter(ahead), None)
        return self._offers.get(awaited.dest, "") if awaited is not None else ""

    @property
    def flags(self) -> list[str]:
        """Every option, as it is written."""
        return [*self._option_string_actions, "--help"]

    def flags_after(self, before: Sequence[str]) -> list[str]:
        """The options that may follow these words: where an act is said, those that go with it."""
        acts = {act for some in self._acts.values() for act in some}.intersection(before[1:])
        return [f for f in self.flags if not acts or acts.intersection(self._acts.get(f, acts))]

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """What the words say.

        Raises:
            DeclarationError: An option is unknown, or none of this act; something is missing or
                too much.
        """
        said, surplus = self.parse_known_args(list(words))
        for word in surplus:
            if word.startswith("-"):
                self.error(f"no option {word!r}.{did_you_mean(word, self.flags)}")
            self.error(f"{word!r} is too much")
        for flag, acts in self._acts.items():
            given = any(word.partition("=")[0] == flag for word in words)
            if given and said.act not in acts:
                got = "no act" if said.act is None else repr(said.act)
                self.error(f"{flag} goes with {', '.join(acts)}; got {got}")
        return said

    def help(self) -> str:
        """The text that ``?`` and ``--help`` show."""
        return self.format_help().strip()

    def error(self, message: str) -> NoReturn:
        """Refuse, in one line."""
        end = "" if message.endswith(("?", ".")) else "."
        msg = f"{self.magic}: {message}{end} {self.magic}? tells how it is written."
        raise DeclarationError(msg)


def _one_of(words: Sequence[str]) -> Callable[[str], str]:
    """The type of an argument that is one of some words."""

    def checked(word: str) -> str:
        if word not in words:
            msg = f"takes {', '.join(words)}; got {word!r}.{did_you_mean(word, words)}"
            raise argparse.ArgumentTypeError(msg)
        return word

    return checked


class _Wide(argparse.RawDescriptionHelpFormatter):
    """Help of one width wherever it is made."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=24, width=96)
