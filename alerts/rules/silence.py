"""When a project's attendance fell silent: what C1 finds, and C3 and C4 must know."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import F, Max, Min, Window
from django.db.models.functions import RowNumber

from alerts.rules.base import Scope
from payroll.models import AttendanceDay, AttendanceMonth, Cycle
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.months import Month


def last_attended(as_of: dt.date, scope: Scope) -> dict[int, dt.date]:
    """The last day on which anybody is known to have attended, by project.

    Cycles hold it for registered workers; those that attendance alone has shown are few, and are
    asked for themselves.
    """
    found = dict(
        Cycle.objects.filter(scope.q(), last_attended__isnull=False)
        .order_by()
        .values("project")
        .annotate(last=Max("last_attended"))
        .values_list("project", "last")
    )
    months = AttendanceMonth.objects.filter(
        scope.q("engagement__project"), engagement__registered=False, known_from__lte=as_of
    )
    unsettled: set[int] = set()
    for project, engagement, settled_on, last in months.values_list(
        "engagement__project", "engagement", "settled_on", "last_day"
    ):
        if settled_on <= as_of:
            found[project] = max(last, found.get(project, last))
        else:
            unsettled.add(engagement)
    if unsettled:
        days = AttendanceDay.objects.filter(engagement__in=unsettled, known_from__lte=as_of)
        newest = days.order_by().values("engagement__project").annotate(last=Max("day"))
        for project, last in newest.values_list("engagement__project", "last"):
            found[project] = max(last, found.get(project, last))
    return found


SILENT_DAYS = 3
"""Working days in a row on which nobody attended that make a month's attendance incomplete: the
silence that C1 speaks of."""


_REGULARS = 3
"""Workers of a project and month whose days are looked at before those of all."""


def incomplete(as_of: dt.date, months: Collection[tuple[int, Month]]) -> set[tuple[int, Month]]:
    """Of these projects and months, those in which nobody is known to have attended for
    SILENT_DAYS working days in a row, or from the last known day to the month's end. What lies
    before the project's first day attended is no gap. At most five queries."""
    if not months:
        return set()
    calendar = WorkingDays.load()
    # The days of those who came most leave no gap in most months: more days can only fill gaps.
    some = _days(
        as_of,
        months,
        engagement__in=_regulars(as_of, months),
        engagement__project__in={project for project, _ in months},
    )
    gaps = {key for key in months if _longest_silence(calendar, some[key], key[1]) >= SILENT_DAYS}
    if not gaps:
        return set()
    projects = {project for project, _ in gaps}
    attended = _days(as_of, gaps, engagement__project__in=projects)
    first = dict(
        AttendanceMonth.objects.filter(engagement__project__in=projects, known_from__lte=as_of)
        .order_by()
        .values("engagement__project")
        .annotate(first=Min("month"))
        .values_list("engagement__project", "first")
    )
    silent = set()
    for project, month in gaps:
        days = attended[project, month]
        began_before = project in first and first[project] < month
        since = month.first if began_before or not days else min(days)
        if _longest_silence(calendar, days, month, since) >= SILENT_DAYS:
            silent.add((project, month))
    return silent


def _regulars(as_of: dt.date, months: Collection[tuple[int, Month]]) -> set[int]:
    """Of each project and month a few of those who attended most. One query."""
    place = Window(
        RowNumber(),
        partition_by=(F("engagement__project"), F("month")),
        order_by=F("days").desc(),
    )
    rows = (
        AttendanceMonth.objects.filter(
            engagement__project__in={project for project, _ in months},
            month__in={month for _, month in months},
            known_from__lte=as_of,
        )
        .annotate(place=place)
        .filter(place__lte=_REGULARS)
    )
    return {
        engagement
        for project, month, engagement in rows.values_list(
            "engagement__project", "month", "engagement"
        )
        if (project, month) in months
    }


def _days(
    as_of: dt.date, months: Collection[tuple[int, Month]], **of: Any
) -> dict[tuple[int, Month], set[dt.date]]:
    """The days of these months on which somebody is known to have attended. One query."""
    found: dict[tuple[int, Month], set[dt.date]] = {key: set() for key in months}
    rows = AttendanceDay.objects.filter(
        **of,
        day__gte=min(month for _, month in months).first,
        day__lte=max(month for _, month in months).last,
        known_from__lte=as_of,
    )
    for project, day in rows.order_by().values_list("engagement__project", "day").distinct():
        if (key := (project, Month.of(day))) in found:
            found[key].add(day)
    return found


def _longest_silence(
    calendar: WorkingDays, days: set[dt.date], month: Month, since: dt.date | None = None
) -> int:
    """Working days of the longest run of days on which nobody attended, from `since` (the month's
    first day) to its end."""
    day = since or month.first
    longest = run = 0
    while day <= month.last:
        run = 0 if day in days else run + calendar.is_workday(day)
        longest = max(longest, run)
        day += DAY
    return longest
