"""Entering a year's official holidays, and what follows from them: the paydays (Reg. 14)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from payroll import paydays
from payroll.models import Payday
from wagewatch import audit
from wagewatch.bilingual import Text
from wagewatch.calendars import WorkingDays, in_library
from wagewatch.holiday_notice import Notice, read
from wagewatch.models import CalendarDay, CalendarNotice
from wagewatch.months import Month

YEARS_AHEAD = 1


class NotAccepted(ValueError):
    """The text cannot be entered; `problems` say why."""

    def __init__(self, problems: list[Text]) -> None:
        super().__init__("; ".join(problem.en for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Year:
    """A year on the calendar page: `standing` is library, entered or missing."""

    year: int
    standing: str
    notice: CalendarNotice | None
    rest: int
    made_up: int


def enter(year: int, document: str, text: str, user: Any, *, on: dt.date) -> Notice:
    """Put the notice of a year on record in place of what was entered for it, and reckon its
    paydays anew. Warnings keep what they were judged by until they are judged again. Raises
    NotAccepted."""
    notice = read(text, year)
    if not document.strip():
        notice.wrong(Text("请填写通知的名称或者文号。", "Name the notice."))
    if not on.year - 1 <= year <= on.year + YEARS_AHEAD:
        notice.wrong(Text("只能录入去年、今年和明年。", "Only last, this and next year."))
    if notice.problems:
        raise NotAccepted(notice.problems)
    with transaction.atomic():
        made, _ = CalendarNotice.objects.update_or_create(
            year=year,
            defaults={
                "document": document.strip(),
                "text": text,
                "entered_on": on,
                "entered_by": user,
            },
        )
        CalendarDay.objects.filter(source=_source(year)).delete()
        CalendarDay.objects.bulk_create(
            [
                CalendarDay(date=day, is_workday=works, name=name, source=_source(year))
                for day, (works, name) in sorted(notice.days.items())
            ],
            update_conflicts=True,
            unique_fields=["date"],
            update_fields=["is_workday", "name", "source"],
        )
        audit.record(
            user, "calendar-entered", made, document=document.strip(), days=len(notice.days)
        )
        if Payday.objects.exists():
            paydays.fill_months(Month.of(dt.date(year, 1, 1)) - 2, Month.of(dt.date(year, 12, 1)))
    return notice


def _source(year: int) -> str:
    return f"notice {year}"


def years(today: dt.date) -> list[Year]:
    """Last year to next year, the newest first."""
    notices = CalendarNotice.objects.select_related("entered_by").in_bulk()
    calendar = WorkingDays.load()
    return [
        _year(year, notices.get(year), calendar)
        for year in range(today.year + YEARS_AHEAD, today.year - 2, -1)
    ]


def _year(year: int, notice: CalendarNotice | None, calendar: WorkingDays) -> Year:
    first, length = dt.date(year, 1, 1), (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days
    days = [first + dt.timedelta(days=step) for step in range(length)]
    return Year(
        year,
        "entered" if notice else "library" if in_library(year) else "missing",
        notice,
        sum(day.weekday() < 5 and not calendar.is_workday(day) for day in days),
        sum(day.weekday() >= 5 and calendar.is_workday(day) for day in days),
    )
