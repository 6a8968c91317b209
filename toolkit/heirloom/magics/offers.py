"""What completes an argument of a magic: names, refs, keys, values, inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from heirloom.codecs import formats
from heirloom.magics.targets import inputs_like, names_like
from heirloom.records.clauses import quote
from heirloom.records.names import fold
from heirloom.records.versions import Card
from heirloom.session import Session

__all__ = ["MOST", "offered", "offered_search"]

MOST = 50
"""At most so many, so that an answer takes as long in a catalog of any size."""


def offered(
    kind: str, word: str, before: Sequence[str], session: Session, names: Mapping[str, Any]
) -> Iterable[str]:
    """What could stand in the place of `word`, which is begun.

    Args:
        kind: What is awaited, as the options say it.
        word: As it is written so far.
        before: The words of the line before it.
        session: Where to look.
        names: The notebook's.
    """
    match kind:
        case "name":
            return _written(word, session)
        case "ref":
            return _refs(word, session)
        case "x=ref":
            return _bound(word, lambda ref: _refs(ref, session))
        case "input" if "=" not in word:
            return inputs_like(word, before[0], session, names) if before else ()
        case "input=ref" if "=" in word:
            return _bound(word, lambda ref: _refs(ref, session))
        case "input=ref":
            return inputs_like(word, before[0], session, names) if before else ()
        case "target":
            return names_like(word, session, names)
        case "plan":
            return _beginning(word, (plan.name for plan in session.plans()))
        case "plan version":
            return _plan_versions(word, before[0], session) if before else ()
        case "format":
            return _beginning(word, formats)
        case "card":
            return _beginning(word, (n for n, v in names.items() if isinstance(v, str | Card)))
        case "hops":
            return _beginning(word, ("all",))
    return ()


def _plan_versions(word: str, plan: str, session: Session) -> list[str]:
    """The numbers of a plan's versions that begin so, the newest first."""
    return [str(number) for number in _numbers(word, session.plan(plan).newest)]


def offered_search(line: str, word: str, session: Session) -> tuple[str, list[str]]:
    """What is replaced at the end of a search, and what could stand there: it begins as that does.

    Args:
        line: The search up to the cursor.
        word: Its last word, as blanks part it.
        session: Where to look.
    """
    found = session.completions(line)
    start = min([len(line) - len(word), *(offer.begin for offer in found)])
    texts = [line[start : offer.begin] + offer.text for offer in found]
    begun = _bare(line[start:])
    return line[start:], [text for text in texts if _bare(text).startswith(begun)]


def _bare(text: str) -> str:
    """A text without what quotes it, case aside."""
    return fold(text.replace('"', "").replace("\\", ""))


def _bound(word: str, refs: Callable[[str], Iterable[str]]) -> Iterable[str]:
    """``x=REF``: what could stand after the equals sign, where that is no clause's."""
    name, equals, ref = word.partition("=")
    if not equals or "[" in name:
        return refs(word)
    return [f"{name}={each}" for each in refs(ref)]


def _refs(word: str, session: Session) -> list[str]:
    """A ref: a name, then keys and values in brackets, then what stands after the ``@``."""
    head, at, version = word.rpartition("@")
    if at and '"' not in version:
        return [f"{head}@{each}" for each in _versions(head, version, session)]
    return _written(word, session)


def _written(word: str, session: Session) -> list[str]:
    """A name with its keys and values: what is emitted, and what a ref begins with."""
    name, bracket, inside = word.partition("[")
    if not bracket:
        return session.catalog.names(name, session.project)[:MOST]
    done, comma, last = inside.rpartition(",")
    head, last = f"{name}[{done}{comma}", last.lstrip()
    key, equals, value = last.partition("=")
    if equals:
        found = session.partition_values(name, key, _plain(value), limit=MOST)
        return [f"{head}{key}={quote(each)}" for each in found]
    declaration = session.declaration(name)
    if declaration is None:
        return []
    given = {clause.partition("=")[0].strip() for clause in done.split(",")}
    keys = declaration.condition_keys
    return [f"{head}{each}=" for each in keys if each.startswith(last) and each not in given]


def _versions(head: str, begun: str, session: Session) -> list[str]:
    """The aliases of a name, ``latest``, and its newest numbers that begin so, the newest first."""
    name, bracket, inside = head.partition("[")
    aliases = _beginning(begun, (*session.aliases(name), "latest"))
    if begun or not bracket:
        newest = session.catalog.view().latest_number(session.project, name)
        return [*aliases, *map(str, _numbers(begun, newest))]
    clauses = inside.rstrip("]").replace(",", " ")
    page = session.search(f"name={quote(name)} {clauses}", limit=MOST)
    return [*aliases, *(str(version.version) for version in page)]


def _numbers(begun: str, newest: int) -> list[int]:
    """The greatest numbers up to `newest` whose digits begin so; none that is no number."""
    if (begun and not (begun.isascii() and begun.isdigit())) or begun.startswith("0"):
        return []
    if not begun:
        return list(range(newest, max(newest - MOST, 0), -1))
    found: list[int] = []
    for digits in range(len(str(newest)) - len(begun), -1, -1):
        first = int(begun) * 10**digits
        last = min(first + 10**digits - 1, newest)
        found += range(last, max(first, last - MOST + len(found) + 1) - 1, -1)
    return found[:MOST]


def _plain(value: str) -> str:
    """A value that is begun, without the quotes that it needs."""
    return value.removeprefix('"').removesuffix('"').replace('\\"', '"').replace("\\\\", "\\")


def _beginning(start: str, texts: Iterable[str]) -> list[str]:
    return sorted({text for text in texts if text.startswith(start)})[:MOST]
