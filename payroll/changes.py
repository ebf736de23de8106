"""Which days bring something new: what lets days judged one after another rest on each other.

Every fact tells from which day it is known (and until which), so the facts as known on one day
differ from those of an earlier one only by what these days brought. That holds while nobody writes
facts: see `held`.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F, QuerySet

from payroll.models import (
    AttendanceDay,
    AttendanceMonth,
    BankEntry,
    Confirmation,
    Indicator,
    PaymentMatch,
    Sheet,
    SheetLine,
)
from projects.models import Account, Engagement, ProjectVersion, Worker, WorkerCard
from wagewatch.calendars import DAY
from wagewatch.months import Month, MonthOf

ATTENDANCE, CARDS, CONFIRMATIONS = "attendance", "cards", "confirmations"
ENGAGEMENTS, ENTRIES, INDICATORS = "engagements", "entries", "indicators"
PAYMENTS, PROJECTS, SHEETS = "payments", "projects", "sheets"

_DAYS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    ATTENDANCE: (AttendanceDay, ("known_from",)),
    CARDS: (WorkerCard, ("known_from",)),
    CONFIRMATIONS: (Confirmation, ("known_from", "known_until")),
    ENGAGEMENTS: (Engagement, ("known_from",)),
    ENTRIES: (BankEntry, ("known_from",)),
    INDICATORS: (Indicator, ("known_from", "known_until")),
    PAYMENTS: (PaymentMatch, ("known_from",)),
    PROJECTS: (ProjectVersion, ("known_from", "known_until")),
    SHEETS: (Sheet, ("known_from", "known_until")),
}
"""Where the days of each kind of fact stand."""
_BESIDE: list[type[models.Model]] = [Account, AttendanceMonth, SheetLine, Worker]
_TABLES = [one._meta.db_table for one in [*(model for model, _ in _DAYS.values()), *_BESIDE]]
Brought = tuple[dt.date, int]
"""A day, and the ordinal of a month worked whose facts it changes."""
MOST = 100 * DAY
"""How far `Changes` looks ahead."""


@contextmanager
def held() -> Iterator[None]:
    """A transaction in which nobody else writes facts, so that feeds wait for its end: keep it
    to seconds. SQLite has one writer; PostgreSQL locks the tables."""
    with transaction.atomic(savepoint=False):
        if connection.vendor == "postgresql":
            names = ", ".join(connection.ops.quote_name(name) for name in _TABLES)
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {names} IN SHARE MODE")
        yield


def mark() -> object:
    """Inside `held`: differs from that of another such time if another connection has written
    anything between; None where that is not known (PostgreSQL)."""
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        return cursor.execute("PRAGMA data_version").fetchone()[0]


class Changes:
    """What the days after `since`, up to MOST later, bring to the facts. Asks the database when it
    is first asked; the facts must not change meanwhile."""

    def __init__(self, since: dt.date) -> None:
        self.since = since
        self._found: dict[str, list[dt.date]] = {}

    def reaches(self, day: dt.date) -> bool:
        return self.since <= day <= self.since + MOST

    def between(self, kinds: Collection[str], after: dt.date, until: dt.date) -> bool:
        """Whether a day after `after`, up to `until`, brings something new of these kinds."""
        assert self.reaches(after) and self.reaches(until)
        for kind in kinds:
            days = self._days(kind)
            if bisect_right(days, after) < bisect_right(days, until):
                return True
        return False

    def months(self, after: dt.date, until: dt.date) -> set[Month] | None:
        """The months worked whose pay cycles may differ between the two days; None for all."""
        if self.between([PROJECTS], after, until):
            return None
        brought = self._of_sheets | self._of_payments | self._of_attendance
        return {Month(month) for day, month in brought if after < day <= until}

    def _days(self, kind: str) -> list[dt.date]:
        """The days that bring something of a kind, in order. A query the first time."""
        if kind not in self._found:
            if kind == ATTENDANCE:
                found = {day for day, _ in self._of_attendance}
            else:
                model, fields = _DAYS[kind]
                rows = model._default_manager.all()
                found = {day for field in fields for (day,) in self._new(rows, field)}
            self._found[kind] = sorted(found)
        return self._found[kind]

    @cached_property
    def _of_attendance(self) -> set[Brought]:
        """Days attended; and all of those who are known to be registered only later."""
        found = self._new(AttendanceDay.objects.all(), "known_from", MonthOf("day"))
        late = AttendanceMonth.objects.filter(engagement__registered=True)
        return found | self._new(late, "engagement__known_from", F("month"))

    @cached_property
    def _of_sheets(self) -> set[Brought]:
        """Sheets, and the months that their lines are about."""
        found: set[Brought] = set()
        for end in ("known_from", "known_until"):
            found |= self._new(Sheet.objects.all(), end, F("month"))
            found |= self._new(SheetLine.objects.all(), f"sheet__{end}", F("worked_month"))
        return found

    @cached_property
    def _of_payments(self) -> set[Brought]:
        """Wages paid by the bank or in cash, and what the owner credited."""
        credits = BankEntry.objects.filter(kind=BankEntry.Kind.OWNER_CREDIT)
        found = self._new(credits, "known_from", MonthOf("booked_on"))
        found |= self._new(PaymentMatch.objects.all(), "known_from", F("month"))
        for end in ("known_from", "known_until"):
            found |= self._new(Confirmation.objects.all(), end, F("worked_month"))
        return found

    def _new(self, rows: "QuerySet[Any]", day: str, *months: Any) -> set[Any]:
        """(day,) or (day, month's ordinal) of what these rows bring."""
        window = {f"{day}__gt": self.since, f"{day}__lte": self.since + MOST}
        found = rows.filter(**window).order_by().values_list(day, *months).distinct()
        return {(on, *map(_ordinal, month)) for on, *month in found}


def _ordinal(month: Month | int) -> int:
    return month.ordinal if isinstance(month, Month) else int(month)
