"""The ledger as a person would keep it by hand: from the whole history, for one plan at a time.

It shares nothing with `heirloom.react` but the words. Each rule is told by brute force.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import product


@dataclass
class Told:
    """One version: its name, number, partition and content, and what became of it."""

    name: str
    number: int
    parts: dict[str, str]
    content: str
    state: str = ""
    due: float | None = None
    why: str = ""
    waits: str = ""
    at: float = 0.0
    began: float | None = None

    @property
    def label(self) -> str:
        return f"{self.name}{self.number}"


@dataclass
class Book:
    """The ledger of one plan on ``a``, or on ``a`` and ``b``.

    Attributes:
        runs: The labels of what each run was started on.
    """

    names: str
    condition: str
    when: str
    debounce: float | None
    cooldown: float | None = None
    events: list[Told] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    on: bool = True
    begun: bool = True
    as_of: int | None = None

    def hear(self, event: Told, now: float) -> None:
        """A version was emitted."""
        if event.name not in self.names:
            return
        event.at = now
        self.events.append(event)
        if not self.begun:
            event.state = "unheard"
        elif self.on:
            self._take(event, now)
        else:
            event.state = "paused"

    def _take(self, event: Told, now: float, *, again: bool = False) -> None:
        if self.when == "change" and not (again and event.state == "waiting"):
            before = [e for e in self._before(event) if _fired(e) and e.parts == event.parts]
            if before and before[-1].content == event.content:
                event.state = "skipped" if again else "unchanged"
                return
        cooled = event.state == "waiting" and event.waits == "cooldown"
        event.state, event.due, event.waits = "", None, "cooldown" if cooled else ""
        getattr(self, f"_{self.condition.replace('-', '_')}")(event, now)

    def _before(self, event: Told) -> list[Told]:
        here = next(n for n, each in enumerate(self.events) if each is event)
        return [e for e in self.events[:here] if e.name == event.name]

    # ------------------------------------------------------------------ conditions

    def _any(self, event: Told, now: float) -> None:
        times = [now + self.debounce] if self.debounce is not None else []
        burst: list[Told] = []
        if self.cooldown is not None:
            burst = [e for e in self._waiting(event.name, "quiet") if e.parts == event.parts]
            older = [e for e in self._before((burst or [event])[0]) if e.parts == event.parts]
            began = [e.began for e in older if e.began is not None][-1:]
            over = began[0] + self.cooldown if began else now
            # What waited for it waits on, though it is over: the others of its run are to come.
            times += [max(over, now)] if burst or over > now or event.waits else []
        if times:
            event.state, event.due, event.why = "waiting", max(times), "quiet"
            first = self.debounce is not None and times[0] == event.due
            for each in [*burst, event]:
                each.waits = "debounce" if first else "cooldown"
        else:
            self._run([event], now)

    def _all(self, event: Told, now: float) -> None:
        others = [self._waiting(name, "join") for name in self.names if name != event.name]
        for some in product(*others):
            if _go_together([event, *some]):
                self._run([event, *some], now)
                return
        event.state, event.why = "waiting", "join"

    def _all_latest(self, event: Told, now: float) -> None:
        for older in self._waiting(event.name, "join"):
            if older.number < event.number and _go_together([older, event]):
                older.state = "superseded"
        chosen = [event]
        for name in self.names:
            if name == event.name:
                continue
            there = self.events[: self.as_of]
            fit = [e for e in there if e.name == name and _go_together([*chosen, e])]
            if not fit:
                event.state, event.why = "waiting", "join"
                return
            latest = max(fit, key=lambda e: e.number)
            chosen.append(latest)
        event.state = "queued"
        for each in chosen[1:]:
            waiting = [e for e in self._waiting(each.name, "join") if _go_together([e, event])]
            waiting = [e for e in waiting if e.number <= each.number]
            for older in waiting:
                older.state = "superseded"
            same = (each.parts, each.content)
            for last in [e for e in waiting if (e.parts, e.content) == same][-1:]:
                last.state = "queued"
        self._note(chosen)

    def _waiting(self, name: str, why: str) -> list[Told]:
        return [e for e in self.events if (e.name, e.state, e.why) == (name, "waiting", why)]

    def _run(self, events: list[Told], now: float) -> None:
        for event in events:
            event.state, event.began = "queued", now
        self._note(events)

    def _note(self, events: list[Told]) -> None:
        self.runs.append("".join(sorted(event.label for event in events)))

    def used(self) -> list[str]:
        """The label of each version, once for each run that it was in."""
        return [label for run in self.runs for label in re.findall(r"[a-z]+\d+", run)]

    # ------------------------------------------------------------------ time and switch

    def passes(self, now: float) -> None:
        """Bursts whose last event is long enough ago become one run each."""
        if not self.on:
            return
        for burst in self._bursts():
            due = burst[-1].due or 0.0
            if due <= now:
                for event in burst[:-1]:
                    event.state, event.began = "coalesced", now
                self._run(burst[-1:], now)

    def _bursts(self) -> list[list[Told]]:
        """What waits for one time together, by the last of each."""
        bursts: dict[tuple[str, str], list[Told]] = {}
        for event in self.events:
            if (event.state, event.why) == ("waiting", "quiet"):
                bursts.setdefault((event.name, str(event.parts)), []).append(event)
        return sorted(bursts.values(), key=lambda burst: self.events.index(burst[-1]))

    def _passes_by(self, until: float) -> None:
        """As if somebody had looked at every moment when something was due."""
        while dues := [burst[-1].due or 0.0 for burst in self._bursts()]:
            if min(dues) > until:
                return
            self.passes(min(dues))

    def turn(self, on: bool, missed: str, now: float) -> None:
        """The switch; what was missed is decided when the plan is on again."""
        was, self.on = self.on, on
        if was or not on:
            return
        paused = [e for e in self.events if e.state == "paused"]
        wanted = {"none": [], "newest": paused[-1:], "each": paused}[missed]
        for event in paused:
            if event not in wanted:
                event.state = "skipped"
        waiting = [e for e in self.events if e.state == "waiting"]
        again = [*waiting, *wanted]
        for event in again:
            event.why = "lifted"
        for event in again:
            self._take(event, now, again=True)

    def backfill(self, now: float) -> None:
        """All that was never heard, and what waits, come again, each at its own time and place."""
        again = [e for e in self.events if e.state in ("unheard", "waiting")]
        if not self.on or all(event.state == "waiting" for event in again):
            return
        for event in again:
            event.why = "lifted"
        before = {id(event): event.began for event in self.events}
        wanted = {id(event) for event in again}
        for place, event in enumerate(self.events, 1):
            self._passes_by(event.at)
            if id(event) in wanted:
                self.as_of = place
                self._take(event, event.at, again=event.state == "waiting")
        self.as_of = None
        self._passes_by(now)
        for event in self.events:
            if event.began != before[id(event)]:
                event.began = now

    def became(self) -> str:
        """The state of each event that it has a row of, in commit order."""
        heard = [event for event in self.events if event.state != "unheard"]
        return ", ".join(f"{event.label} {event.state}" for event in heard)


def _fired(event: Told) -> bool:
    return event.state in ("queued", "waiting", "coalesced")


def _go_together(events: list[Told]) -> bool:
    return all(
        one.parts.get(key, value) == value
        for one in events
        for other in events
        for key, value in other.parts.items()
    )
