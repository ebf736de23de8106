"""What a rule finds day by day on the history, by several sets of values at once."""

import datetime as dt
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from django.utils import timezone

from alerts import parameters
from alerts.parameters import Overrides
from alerts.rules import catalogue
from alerts.rules.base import ZERO, CycleKey, Finding, Fold, Kept, Rule, Scope, Values
from alerts.runs import Progress
from payroll import cycles, past, paydays
from payroll.models import Cycle
from wagewatch.months import Month

_AT_ONCE = 5.0
"""Seconds for which days are asked before progress is told, and others may write on SQLite."""
Key = tuple[int, int, Month | None, str]
"""Project, company, month, subject: one matter of the rule."""


@dataclass
class Life:
    """What became of one matter over the days replayed. `steps` are its levels from the day on
    which each was first found (0: no longer found); `data_missing` whether it was asked about on
    every day and accused on none; `shown` whether on any day it stood by itself,
    and not folded under a matter that explains it."""

    steps: list[tuple[dt.date, int]] = field(default_factory=list)
    workers: int = 0
    amount: Decimal = ZERO
    data_missing: bool = True
    shown: bool = False

    @property
    def first(self) -> dt.date:
        return self.steps[0][0]

    @property
    def level(self) -> int:
        """On the last day replayed; 0 when it is no longer found."""
        return self.steps[-1][1]

    @property
    def highest(self) -> int:
        return max(level for _, level in self.steps)

    @property
    def cleared_on(self) -> dt.date | None:
        return self.steps[-1][0] if self.level == 0 else None

    def count(self, act: str) -> int:
        """How often it was raised, lowered, cleared or reopened."""
        pairs = [(a, b) for (_, a), (_, b) in pairwise(self.steps)]
        return sum(_act(before, after) == act for before, after in pairs)


def _act(before: int, after: int) -> str:
    if after == 0:
        return "cleared"
    if before == 0:
        return "reopened"
    return "raised" if after > before else "lowered"


@dataclass
class Replay:
    """The lives by variant; for each pay cycle the payday, and of those that were in arrears after
    it the first day of that."""

    lives: dict[str, dict[Key, Life]]
    last: dt.date
    paydays: dict[CycleKey, dt.date] = field(default_factory=dict)
    arrears: dict[CycleKey, dt.date] = field(default_factory=dict)


def replay(
    rule: Rule,
    variants: Mapping[str, Overrides | None],
    days: Iterable[dt.date],
    project_ids: frozenset[int] | None,
    progress: Progress = lambda done, total: None,
) -> Replay:
    """Ask the rule on each of `days` (ascending) by what was known on it. A variant is a set of
    regional values over the defaults; None finds nothing. The live tables stay as they are."""
    paydays.fill(None)
    listed, regions = list(days), parameters.ancestry()
    hiding = parameters.overrides(timezone.localdate())
    made = Replay({name: {} for name in variants}, listed[-1])
    coming, kept = deque(listed), Kept()

    def ask(day: dt.date) -> None:
        cycles.fill(day, project_ids, kept.step(day))
        scope = Scope(project_ids, kept=kept)
        above = _above(day, _hiders(rule, hiding, regions, scope))
        for name, set_values in variants.items():
            parts = (
                []
                if set_values is None
                else parameters.partitions(rule, set_values, regions, scope)
            )
            found = [f for part, values in parts for f in rule.find(day, part, values)]
            _follow(made.lives[name], day, found, above)
        _note_arrears(made, day, scope, last=day == listed[-1])

    while coming:
        with past.beside() as still:
            kept.forget()
            until = time.monotonic() + _AT_ONCE
            ask(coming.popleft())
            while still and coming and time.monotonic() < until:
                ask(coming.popleft())
        progress(len(listed) - len(coming), len(listed))
    return made


Hiders = list[tuple[Rule, Fold, list[tuple[Scope, Values]]]]
"""The rules that fold warnings of the one replayed, with the values in force."""


def _hiders(
    rule: Rule, held: Overrides, regions: dict[str, tuple[str, ...]], scope: Scope
) -> Hiders:
    return [
        (other, fold, parameters.partitions(other, held, regions, scope))
        for other in catalogue().values()
        for fold in other.hides
        if rule.code in fold.rules and other.of_facts
    ]


def _above(day: dt.date, hiders: Hiders) -> dict[int, list[tuple[Fold, Finding]]]:
    """By project what may explain a matter on this day."""
    found: dict[int, list[tuple[Fold, Finding]]] = defaultdict(list)
    for other, fold, pairs in hiders:
        for part, values in pairs:
            for finding in other.find(day, part, values):
                found[finding.project_id].append((fold, finding))
    return found


def _follow(
    lives: dict[Key, Life],
    day: dt.date,
    found: list[Finding],
    above: Mapping[int, list[tuple[Fold, Finding]]],
) -> None:
    seen = set()
    for finding in found:
        key = (finding.project_id, finding.company_id, finding.month, finding.subject)
        seen.add(key)
        life = lives.setdefault(key, Life())
        life.data_missing &= finding.data_missing
        if not life.steps or life.level != finding.level:
            life.steps.append((day, finding.level))
        life.shown |= not any(
            fold.covers(other, finding) for fold, other in above.get(finding.project_id, ())
        )
        life.workers = max(life.workers, finding.workers)
        life.amount = max(life.amount, finding.amount)
    for key, life in lives.items():
        if key not in seen and life.level:
            life.steps.append((day, 0))


def _note_arrears(made: Replay, day: dt.date, scope: Scope, last: bool) -> None:
    """Which cycles are in arrears on this day; on the last one, the paydays of all."""
    rows = Cycle.objects.filter(scope.q()).order_by()
    for project, employer, month, payday, unpaid in (
        rows if last else rows.filter(payday__lt=day, unpaid__gt=0)
    ).values_list("project", "employer", "month", "payday", "unpaid"):
        key = (project, employer, month)
        made.paydays[key] = payday
        if unpaid > 0 and payday < day:
            made.arrears.setdefault(key, day)
