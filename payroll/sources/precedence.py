"""Which value holds: a pure fold over what sources said and persons decided, in order of receipt.

1. The first value holds.
2. The source it is taken from may correct itself.
3. The department that issues the paper wins over others, and any named source over an unknown one.
4. Another source with another value makes a conflict and overwrites nothing.
5. A person decides for one of the values. That holds until a source says yet another.

The differing value stays on the table in every case (docs/decisions/0009-sources.md).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from projects.models import Conflict, Source

Standing = Conflict.Standing
Authority = Callable[[str, str], str]
"""(field, industry) -> the source that issues the paper, or ""."""


class Said(NamedTuple):
    """A source told a value; "" takes back what it had told."""

    day: dt.date
    feed: int
    field: str
    source: str
    value: str


class Decided(NamedTuple):
    """A person chose `value`, of `source`, among what the sources said (`seen`)."""

    day: dt.date
    feed: int
    field: str
    source: str
    value: str
    seen: Mapping[str, str]
    undone: dt.date | None = None


Event = Said | Decided


@dataclass(slots=True)
class State:
    """One field: what holds, of whom, and what each source says now."""

    value: str = ""
    source: str = ""
    feed: int = 0
    said: dict[str, Said] = field(default_factory=dict)
    overruled: dict[str, str] = field(default_factory=dict)
    ground: str = ""  # the standing of what is overruled
    standing: str = ""  # "" while the sources agree
    since: dt.date | None = None  # since when they differ

    def hold(self, event: Event) -> None:
        self.value, self.source, self.feed = event.value, event.source, event.feed

    def differing(self) -> dict[str, str]:
        return {s: one.value for s, one in self.said.items() if one.value != self.value}


class Version(NamedTuple):
    """What held from the end of a day on; `feed` is the one that changed it last."""

    day: dt.date
    feed: int
    texts: dict[str, str]


def fold(events: Iterable[Event], authority: Authority) -> tuple[list[Version], dict[str, State]]:
    """(versions of what held, each field's state now).

    A decision that was undone counts from its day up to that of its undoing; from then on it is as
    if it had never been taken.
    """
    ordered = sorted(events, key=_order)
    undone = sorted({e.undone for e in ordered if isinstance(e, Decided) and e.undone})
    versions: list[Version] = []
    states: dict[str, State] = {}
    starts: list[dt.date] = [dt.date.min, *undone]
    for start, end in zip(starts, [*undone, dt.date.max], strict=True):
        alive = [e for e in ordered if _alive(e, start)]
        found, states = _fold(alive, authority)
        before = [version for version in found if version.day <= start]
        period = [v for v in found if start < v.day < end]
        if before and start != dt.date.min:
            period.insert(0, before[-1]._replace(day=start))
        for version in period:
            if not versions or versions[-1].texts != version.texts:
                versions.append(version)
    return versions, states


def _order(event: Event) -> tuple[dt.date, int, bool, bool, str]:
    """By day, then by receipt; a decision after the feeds that it saw; the industry first, because
    it says who issues the permit."""
    decided = isinstance(event, Decided)
    return event.day, event.feed, decided, event.field != "industry", event.field


def _alive(event: Event, start: dt.date) -> bool:
    return isinstance(event, Said) or event.undone is None or event.undone > start


def _fold(ordered: Sequence[Event], authority: Authority) -> tuple[list[Version], dict[str, State]]:
    states: dict[str, State] = {}
    versions: list[Version] = []
    held: dict[str, str] = {}
    for day, of_day in groupby(ordered, key=lambda event: event.day):
        feed, changed = 0, False
        before = dict(held)
        for event in of_day:
            state = states.setdefault(event.field, State())
            industry = states["industry"].value if "industry" in states else ""
            _step(state, event, authority(event.field, industry))
            if state.value != held.get(event.field, ""):
                held[event.field] = state.value
                feed, changed = event.feed, True
        if changed and held != before:
            versions.append(Version(day, feed, dict(held)))
    return versions, states


def _step(state: State, event: Event, issuer: str) -> None:
    if isinstance(event, Decided):
        state.hold(event)
        state.overruled = {s: v for s, v in event.seen.items() if v != event.value}
        state.ground = Standing.DECIDED
    elif not event.value:
        _withdraw(state, event, issuer)
    else:
        _say(state, event, issuer)
    _judge(state, event.day, issuer)


def _say(state: State, event: Said, issuer: str) -> None:
    before = state.said.get(event.source)
    if before is not None and before.value == event.value:
        return
    state.said[event.source] = event
    if event.value == state.value:
        if issuer == event.source or state.source == Source.UNKNOWN:
            state.source, state.feed = event.source, event.feed
        return
    over_unknown = (
        state.source == Source.UNKNOWN
        and event.source != Source.UNKNOWN
        and state.ground != Standing.DECIDED
    )
    takes = not state.source or event.source in (state.source, issuer) or over_unknown
    state.overruled, state.ground = {}, ""  # a new value: what was decided is open again
    if over_unknown:
        state.overruled, state.ground = {Source.UNKNOWN: state.value}, Standing.RULE
    if takes:
        state.hold(event)


def _withdraw(state: State, event: Said, issuer: str) -> None:
    """The issuer's value, else the earliest of what is left, takes the place of what is taken
    back."""
    state.said.pop(event.source, None)
    if event.source != state.source:
        return
    same = [one for one in state.said.values() if one.value == state.value]
    left = same or list(state.said.values())
    if left:
        state.hold(min(left, key=lambda one: (one.source != issuer, one.day, one.feed)))
    else:
        state.value, state.source, state.feed = "", "", event.feed
    state.overruled, state.ground = {}, ""


def _judge(state: State, day: dt.date, issuer: str) -> None:
    differing = state.differing()
    if not differing:
        state.standing, state.since = "", None
        return
    if all(state.overruled.get(source) == value for source, value in differing.items()):
        state.standing = state.ground
    else:
        state.standing = Standing.RULE if state.source == issuer else Standing.OPEN
    state.since = state.since or day
