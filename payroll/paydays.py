"""The paydays of the months that anything is about, by the official calendar (Reg. 14)."""

import datetime as dt
from collections.abc import Collection

from django.db.models import Max, Min

from payroll.models import AttendanceMonth, Payday, SheetLine
from projects.models import ProjectVersion
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.months import Month

SHEET_DUE_DAYS = 5
"""The sheet is due this many days before the payday (rules.md)."""


def fill_months(first: Month, last: Month) -> None:
    """Payday rows for the months first..last by the calendar as it is known now; rows whose date
    has changed (a newly announced calendar) are corrected."""
    calendar = WorkingDays.load()
    held = {
        (payday.month, payday.pay_day): payday
        for payday in Payday.objects.filter(month__gte=first, month__lte=last)
    }
    made, changed = [], []
    for ordinal in range(first.ordinal, last.ordinal + 1):
        month = Month(ordinal)
        provisional = not calendar.is_announced((month + 1).year)
        for pay_day in range(1, 29):
            date = calendar.payday(month, pay_day)
            row = held.get((month, pay_day))
            if row is None:
                row = Payday(month=month, pay_day=pay_day)
                made.append(row)
            elif (row.date, row.provisional) != (date, provisional):
                changed.append(row)
            row.date, row.provisional = date, provisional
            row.sheet_due = date - SHEET_DUE_DAYS * DAY
    Payday.objects.bulk_create(made, ignore_conflicts=True)
    if changed:
        Payday.objects.bulk_update(changed, ["date", "sheet_due", "provisional"])


class PayDays:
    """The pay day (1-28) agreed for a project and a month worked, by what was known on a day.

    It is the one on record when the month ended: a later change holds for later months, so that
    nobody can move the payday of wages already earned (Reg. 12: the day agreed). Of a project that
    came on record later, the first. (claim_sql.py says the same in SQL.) One query.
    """

    def __init__(self, as_of: dt.date, project_ids: Collection[int]) -> None:
        self._versions: dict[int, list[tuple[Month, int]]] = {}
        rows = ProjectVersion.objects.filter(project__in=project_ids, known_from__lte=as_of)
        fields = ("project", "known_from", "pay_day")
        for project, known, pay_day in rows.order_by("known_from").values_list(*fields):
            self._versions.setdefault(project, []).append((Month.of(known), pay_day))

    def of(self, project: int, month: Month) -> int:
        """KeyError for a project that was not known."""
        versions = self._versions[project]
        before = [pay_day for known, pay_day in versions if known <= month]
        return before[-1] if before else versions[0][1]

    def __contains__(self, project: int) -> bool:
        return project in self._versions


def fill(project_ids: Collection[int] | None) -> None:
    """Paydays of every month that attendance or a sheet line of these projects is about. For a few
    projects those that are there are trusted: the whole city's turn corrects them."""
    attended, promised = AttendanceMonth.objects.all(), SheetLine.objects.all()
    if project_ids is not None:
        attended = attended.filter(engagement__project__in=project_ids)
        promised = promised.filter(sheet__project__in=project_ids)
    found = [
        month
        for rows, field in ((attended, "month"), (promised, "worked_month"))
        for month in rows.aggregate(first=Min(field), last=Max(field)).values()
        if month is not None
    ]
    if not found:
        return
    first, last = min(found), max(found)
    if project_ids is not None:
        there = set(Payday.objects.filter(pay_day=1).values_list("month", flat=True))
        if all(Month(ordinal) in there for ordinal in range(first.ordinal, last.ordinal + 1)):
            return
    fill_months(first, last)
