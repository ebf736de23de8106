"""Who attended in a pay cycle, worker by worker, as known on one day."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Min, OuterRef, QuerySet, Subquery

from payroll.models import AttendanceDay, AttendanceMonth
from wagewatch import identity
from wagewatch.months import Month

CycleKey = tuple[int, int, Month]

_WHO = (
    *("engagement__project", "engagement__employer", "engagement"),
    *("engagement__worker__name", "engagement__worker__id_number", "engagement__team"),
)


@dataclass
class Attended:
    """One registered worker's attendance in a month; `feed_id` is one of the feeds that told it."""

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


def of(
    as_of: dt.date, cycles: Collection[CycleKey], engagements: Collection[int] | None = None
) -> dict[CycleKey, list[Attended]]:
    """Registered workers that attended in these cycles, by name; of some engagements only, where
    given. Two queries: month summaries, and the days of months that were not settled yet."""
    found: dict[CycleKey, list[Attended]] = {key: [] for key in cycles}
    if not found:
        return {}
    months = AttendanceMonth.objects.filter(
        month__in={month for _, _, month in found},
        engagement__registered=True,
        engagement__project__in={project for project, _, _ in found},
        engagement__employer__in={employer for _, employer, _ in found},
    )
    if engagements is not None:
        months = months.filter(engagement__in=engagements)
    rows = (*_settled(as_of, months), *_counted(as_of, months))
    for month, project, employer, engagement, name, number, team, *rest in rows:
        if (project, employer, month) in found:
            found[(project, employer, month)].append(
                Attended(engagement, name, identity.mask_id(number), team, *rest)
            )
    for people in found.values():
        people.sort(key=lambda person: (person.name, person.engagement_id))
    return found


def _settled(as_of: dt.date, months: "QuerySet[AttendanceMonth]") -> Iterator[tuple[Any, ...]]:
    told = AttendanceDay.objects.filter(
        engagement=OuterRef("engagement"), day=OuterRef("last_day")
    ).values("feed_id")
    return (
        months.filter(settled_on__lte=as_of)
        .annotate(feed=Subquery(told[:1]))
        .values_list("month", *_WHO, "days", "first_day", "last_day", "feed")
        .iterator()
    )


def _counted(as_of: dt.date, months: "QuerySet[AttendanceMonth]") -> Iterator[tuple[Any, ...]]:
    day = "engagement__attendance_days__day"
    return (
        months.filter(
            settled_on__gt=as_of,
            engagement__attendance_days__known_from__lte=as_of,
            engagement__attendance_days__day__gte=F("first_day"),
            engagement__attendance_days__day__lte=F("last_day"),
        )
        .order_by()
        .values_list("month", *_WHO)
        .annotate(
            known_days=Count(day),
            first=Min(day),
            last=Max(day),
            feed=Max("engagement__attendance_days__feed_id"),
        )
        .iterator()
    )


Stay = tuple[int, int, Month]
"""Project, worker and month: wherever on the project the worker was employed."""


def days_of(as_of: dt.date, stays: Collection[Stay]) -> dict[Stay, dict[int, int]]:
    """Days attended in each stay by engagement, as known on `as_of`. Two queries, as in `of`."""
    found: dict[Stay, dict[int, int]] = {stay: {} for stay in stays}
    if not found:
        return {}
    months = AttendanceMonth.objects.filter(
        month__in={month for _, _, month in found},
        engagement__project__in={project for project, _, _ in found},
        engagement__worker__in={worker for _, worker, _ in found},
        known_from__lte=as_of,
    )
    who = ("engagement__project", "engagement__worker", "month", "engagement")
    settled = months.filter(settled_on__lte=as_of).values_list(*who, "days")
    counted = (
        months.filter(
            settled_on__gt=as_of,
            engagement__attendance_days__known_from__lte=as_of,
            engagement__attendance_days__day__gte=F("first_day"),
            engagement__attendance_days__day__lte=F("last_day"),
        )
        .order_by()
        .values_list(*who)
        .annotate(known_days=Count("engagement__attendance_days__day"))
    )
    for rows in (settled, counted):
        for project, worker, month, engagement, days in rows:
            if (stay := (project, worker, month)) in found:
                found[stay][engagement] = days
    return found
