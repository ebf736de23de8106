"""Who attended in a pay cycle, worker by worker, as known on one day."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q

from payroll.models import AttendanceDay
from wagewatch import identity
from wagewatch.months import Month

CycleKey = tuple[int, int, Month]


@dataclass
class Attended:
    """One registered worker's attendance in a month; `feed_id` is the first feed that told it."""

    engagement_id: int
    name: str
    masked_id: str
    team: str
    days: int
    first_day: dt.date
    last_day: dt.date
    feed_id: int | None

    def row(self) -> dict[str, Any]:
        return {
            "worker": self.name,
            "id": self.masked_id,
            "team": self.team,
            "days": self.days,
            "first": self.first_day,
            "last": self.last_day,
        }


def of(as_of: dt.date, cycles: Collection[CycleKey]) -> dict[CycleKey, list[Attended]]:
    """Registered workers that attended in these cycles, by name. One query: the days themselves
    are counted, so that it is exact on any past day."""
    found: dict[CycleKey, list[Attended]] = {key: [] for key in cycles}
    if not found:
        return {}
    months = {month for _, _, month in found}
    span = Q(day__gte=min(months).first, day__lte=max(months).last)
    rows = (
        AttendanceDay.objects.filter(
            span,
            known_from__lte=as_of,
            engagement__registered=True,
            engagement__project__in={project for project, _, _ in found},
            engagement__employer__in={employer for _, employer, _ in found},
        )
        .order_by()
        .values_list(
            *("engagement__project", "engagement__employer", "day__year", "day__month"),
            *("engagement", "engagement__worker__name", "engagement__worker__id_number"),
            "engagement__team",
        )
        .annotate(days=Count("pk"), first=Min("day"), last=Max("day"), feed=Min("feed_id"))
        .order_by("engagement__worker__name", "engagement")
    )
    for project, employer, year, number, engagement, name, id_number, team, *rest in rows:
        key = (project, employer, Month(year * 12 + number - 1))
        if key in found:
            found[key].append(Attended(engagement, name, identity.mask_id(id_number), team, *rest))
    return found
