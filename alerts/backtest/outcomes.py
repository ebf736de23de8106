"""What became of the matters: what people did with the warnings, and whether wages were missing."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from alerts.backtest.replay import Key, Life, Replay
from alerts.models import Warning, WarningEvent
from alerts.rules.base import Scope
from payroll.models import Complaint
from wagewatch.calendars import DAY
from wagewatch.months import Month

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
    which wages were missing, of that cycle, or else the next of the project. `complaint`: the day
    of the first complaint about it."""

    payday: dt.date | None
    arrears: dt.date | None
    complaint: dt.date | None = None


def harms(made: Replay, keys: Collection[tuple[Key, Life]]) -> dict[Key, Harm]:
    """The paydays and the arrears that belong to these matters, by what the replay saw."""
    paydays: dict[tuple[int, object], dt.date] = {}
    for cycle, payday in made.paydays.items():
        paydays[(cycle[0], cycle[2])] = payday
    missed: dict[int, list[dt.date]] = defaultdict(list)
    for cycle in made.arrears:
        missed[cycle[0]].append(made.paydays[cycle] + DAY)
    complaints = _complaints({key[0] for key, _ in keys}, made.last)
    found = {}
    for key, life in keys:
        project, month = key[0], key[2]
        own = None
        if month is not None and (project, key[1], month) in made.arrears:
            own = made.paydays[(project, key[1], month)] + DAY
        following = min((day for day in missed[project] if day >= life.first), default=None)
        own_payday = paydays.get((project, month))
        since = min(own_payday, life.first) if own_payday else life.first
        until = life.cleared_on or made.last
        complained = (
            one.received_on
            for one in complaints[project]
            if since <= one.received_on <= until and _of_month(one, month)
        )
        found[key] = Harm(own_payday, own or following, min(complained, default=None))
    return found


def _complaints(projects: Collection[int], last: dt.date) -> dict[int, list[Complaint]]:
    """The complaints about these projects that were received by the last day replayed; not those
    that were refused. One query."""
    rows = Complaint.objects.filter(project__in=projects, received_on__lte=last)
    found: dict[int, list[Complaint]] = defaultdict(list)
    for one in rows.exclude(standing=Complaint.Standing.REFUSED).only(
        "project", "received_on", "first_month", "last_month"
    ):
        assert one.project_id is not None
        found[one.project_id].append(one)
    return found


def _of_month(one: Complaint, month: Month | None) -> bool:
    """Whether a complaint may be about a month: it names none, or this is one of those."""
    first = one.first_month or one.last_month
    last = one.last_month or one.first_month
    return month is None or first is None or last is None or first <= month <= last
