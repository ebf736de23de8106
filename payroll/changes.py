"""Which days bring something new: what lets days judged one after another rest on each other.

Every fact tells from which day it is known (and until which), so the facts as known on one day
differ from those of an earlier one only by what these days brought. That holds while nobody writes
facts: see `held`.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
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
CREDITS, ENGAGEMENTS, ENTRIES = "credits", "engagements", "entries"
INDICATORS, PAYMENTS, PROJECTS = "indicators", "payments", "projects"
REGISTRATIONS, SHEETS = "registrations", "sheets"

_FROM, _BOTH = ("known_from",), ("known_from", "known_until")
_SOURCES: dict[str, list[tuple["QuerySet[Any]", tuple[str, ...], tuple[Any, ...]]]] = {
    ATTENDANCE: [(AttendanceDay.objects.all(), _FROM, (MonthOf("day"),))],
    CARDS: [(WorkerCard.objects.all(), _FROM, ())],
    CONFIRMATIONS: [(Confirmation.objects.all(), _BOTH, (F("worked_month"), F("sheet_month")))],
    CREDITS: [
        (
            BankEntry.objects.filter(kind=BankEntry.Kind.OWNER_CREDIT),
            _FROM,
            (MonthOf("booked_on"),),
        )
    ],
    ENGAGEMENTS: [(Engagement.objects.all(), _FROM, ())],
    ENTRIES: [(BankEntry.objects.all(), _FROM, ())],
    INDICATORS: [(Indicator.objects.all(), _BOTH, ())],
    PAYMENTS: [(PaymentMatch.objects.all(), _FROM, (F("month"),))],
    PROJECTS: [(ProjectVersion.objects.all(), _BOTH, ())],
    REGISTRATIONS: [(AttendanceMonth.objects.all(), ("engagement__known_from",), (F("month"),))],
    SHEETS: [
        (Sheet.objects.all(), _BOTH, (F("month"),)),
        (
            SheetLine.objects.all(),
            ("sheet__known_from", "sheet__known_until"),
            (F("worked_month"),),
        ),
    ],
}
"""Of each kind of fact its rows, where the days stand on which they are known from or until, and
the months they are about: none where it may be any. REGISTRATIONS are engagements by the months
attended."""
OF_CYCLES = (PROJECTS, SHEETS, PAYMENTS, CONFIRMATIONS, CREDITS, ATTENDANCE, REGISTRATIONS)
"""What pay cycles are made from."""
HELD = 10.0
"""Seconds after which those who judge many days let the writers of facts in."""
MOST = 100 * DAY
"""How far `Changes` looks ahead: what it reads is small, and a longer run starts anew so rarely."""
_TABLES = [
    *(Account._meta.db_table, Worker._meta.db_table),
    *(source[0].model._meta.db_table for sources in _SOURCES.values() for source in sources),
]


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
        self._found: dict[str, set[tuple[dt.date, int | None]]] = {}

    def reaches(self, day: dt.date) -> bool:
        return self.since <= day <= self.since + MOST

    def months(self, kinds: Collection[str], after: dt.date, until: dt.date) -> set[Month] | None:
        """The months worked that something of these kinds is about which the days after `after`,
        up to `until`, bring; None when it may be about any."""
        assert self.reaches(after) and self.reaches(until)
        found: set[Month] = set()
        for kind in kinds:
            for day, month in self._brought(kind):
                if after < day <= until:
                    if month is None:
                        return None
                    found.add(Month(month))
        return found

    def between(self, kinds: Collection[str], after: dt.date, until: dt.date) -> bool:
        """Whether these days bring anything of these kinds."""
        return self.months(kinds, after, until) != set()

    def _brought(self, kind: str) -> set[tuple[dt.date, int | None]]:
        """(day, month's ordinal) of what the days bring of a kind. Queries the first time."""
        if kind not in self._found:
            self._found[kind] = {
                (one[0], _ordinal(one[1]) if one[1:] else None)
                for rows, ends, months in _SOURCES[kind]
                for end in ends
                for month in months or (None,)
                for one in self._new(rows, end, month)
            }
        return self._found[kind]

    def _new(self, rows: "QuerySet[Any]", end: str, month: Any) -> Iterable[tuple[Any, ...]]:
        """(day,) or (day, month) of the rows that the days bring."""
        window = {f"{end}__gt": self.since, f"{end}__lte": self.since + MOST}
        fields = (end, month) if month else (end,)
        return rows.filter(**window).order_by().values_list(*fields).distinct()


def _ordinal(month: Month | int) -> int:
    return month.ordinal if isinstance(month, Month) else int(month)
