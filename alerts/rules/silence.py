"""When a project's attendance fell silent: what C1 finds, and C3 and C4 must know."""

import datetime as dt
from collections.abc import Collection

from django.db.models import Max

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
        scope.q("engagement__project"), engagement__registered=False, settled_on__lte=as_of
    )
    days = AttendanceDay.objects.filter(
        scope.q("engagement__project"),
        engagement__registered=False,
        known_from__lte=as_of,
        engagement__attendance_months__settled_on__gt=as_of,
    )
    for rows, field in ((months, "last_day"), (days, "day")):
        newest = rows.order_by().values("engagement__project").annotate(last=Max(field))
        for project, last in newest.values_list("engagement__project", "last"):
            found[project] = max(last, found.get(project, last))
    return found


SILENT_DAYS = 3
"""Working days in a row on which nobody attended that make a month's attendance incomplete: the
silence that C1 speaks of."""


def incomplete(as_of: dt.date, months: Collection[tuple[int, Month]]) -> set[tuple[int, Month]]:
    """Of these projects and months, those in which nobody is known to have attended for
    SILENT_DAYS working days in a row, or from the last known day to the month's end. What lies
    before the project's first day attended is no gap. Two queries."""
    if not months:
        return set()
    attended: dict[tuple[int, Month], set[dt.date]] = {key: set() for key in months}
    rows = AttendanceDay.objects.filter(
        engagement__project__in={project for project, _ in months},
        day__gte=min(month for _, month in months).first,
        day__lte=max(month for _, month in months).last,
        known_from__lte=as_of,
    )
    for project, day in rows.order_by().values_list("engagement__project", "day").distinct():
        if (key := (project, Month.of(day))) in attended:
            attended[key].add(day)
    began = set(
        AttendanceMonth.objects.filter(
            engagement__project__in={project for project, _ in months},
            known_from__lte=as_of,
            month__lt=min(month for _, month in months),
        )
        .values_list("engagement__project", flat=True)
        .distinct()
    )
    calendar = WorkingDays.load()
    return {
        (project, month)
        for (project, month), days in attended.items()
        if _longest_silence(calendar, days, month, project in began) >= SILENT_DAYS
    }


def _longest_silence(
    calendar: WorkingDays, days: set[dt.date], month: Month, began_before: bool
) -> int:
    """Working days of the longest run of days on which nobody attended."""
    day = month.first if began_before or not days else min(days)
    longest = run = 0
    while day <= month.last:
        run = 0 if day in days else run + calendar.is_workday(day)
        longest = max(longest, run)
        day += DAY
    return longest
