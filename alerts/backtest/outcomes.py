"""What became of the matters: what people did with the warnings, and whether wages were missing."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from alerts.backtest.replay import Key, Life, Replay
from alerts.models import Warning, WarningEvent
from alerts.rules.base import Scope
from wagewatch.calendars import DAY

Act = WarningEvent.Act
CONFIRMED, DISMISSED, OPEN = "confirmed", "dismissed", "untouched"

_MEANS = {
    Act.NOTICED: CONFIRMED,
    Act.NOTED: CONFIRMED,
    Act.REFUSED: CONFIRMED,
    Act.UPHELD: DISMISSED,
    Act.DISMISSED: DISMISSED,
    Act.RESTORED: OPEN,
}
"""A notice served, a company's explanation noted or its dispute refused confirm a warning; a
dispute upheld or a dismissal says that it was none."""


def of_people(rule: str, scope: Scope) -> dict[Key, str]:
    """What people last made of the warnings of a rule, by matter. A matter that was never a live
    warning is not among them. One query."""
    found: dict[Key, str] = {}
    events = WarningEvent.objects.filter(
        scope.q("warning__project"), warning__rule=rule, act__in=list(_MEANS)
    ).order_by("on", "pk")
    for project, company, month, subject, act in events.values_list(
        *("warning__project", "warning__company", "warning__month", "warning__subject", "act")
    ):
        found[(project, company, month, subject)] = _MEANS[Act(act)]
    return found


def was_live(rule: str, scope: Scope) -> set[Key]:
    """The matters of a rule that have a warning. One query."""
    rows = Warning.objects.filter(scope.q(), rule=rule)
    return set(rows.values_list("project", "company", "month", "subject"))


@dataclass(frozen=True)
class Harm:
    """`payday`: of the cycle that the matter is about. `arrears`: the first day after a payday on
    which wages were missing, of that cycle, or else the next of the project."""

    payday: dt.date | None
    arrears: dt.date | None


def harms(made: Replay, keys: Collection[tuple[Key, Life]]) -> dict[Key, Harm]:
    """The paydays and the arrears that belong to these matters, by what the replay saw."""
    paydays: dict[tuple[int, object], dt.date] = {}
    for cycle, payday in made.paydays.items():
        paydays[(cycle[0], cycle[2])] = payday
    missed: dict[int, list[dt.date]] = defaultdict(list)
    for cycle in made.arrears:
        missed[cycle[0]].append(made.paydays[cycle] + DAY)
    found = {}
    for key, life in keys:
        project, month = key[0], key[2]
        own = None
        if month is not None and (project, key[1], month) in made.arrears:
            own = made.paydays[(project, key[1], month)] + DAY
        following = min((day for day in missed[project] if day >= life.first), default=None)
        found[key] = Harm(paydays.get((project, month)), own or following)
    return found
