"""What a payday will ask for: unpaid sheets, and wages whose sheet has not come, by attendance."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, F, Q, Sum, When

from payroll.models import AttendanceDay, AttendanceMonth, Cycle
from wagewatch.calendars import WorkingDays
from wagewatch.months import Month

ZERO = Decimal("0.00")
HISTORY = 3
"""Sheets of so many months before tell a crew's pay for a day."""
DAY_RATES = (Decimal(50), Decimal(3000))
"""A unit price between these (CNY) is taken as pay for a day; another is for a month or a piece."""

SHEET, AGREED, CREW, UNKNOWN = "sheet", "agreed", "crew", "unknown"


@dataclass
class Wages:
    """One employer's wages of the month (CNY). `basis`: its sheet; agreed rates; the crew's mean
    pay for a day attended on its last sheets; or nothing to reckon by. `due` is the month's whole
    wage, `unpaid` what of it is open; both None when unknown. `low` and `high` bound `unpaid`."""

    company: int
    basis: str
    people: int
    due: Decimal | None = None
    unpaid: Decimal | None = None
    low: Decimal = ZERO
    high: Decimal = ZERO
    days: int = 0
    """Worker-days attended as known."""
    whole: Decimal = ZERO
    """Worker-days of the whole month, by its working days."""
    rate: Decimal | None = None
    months: int = 0
    """Sheets that the rate comes from."""
    sheet: int | None = None


@dataclass
class Needs:
    """What a project's payday asks for. `arrears`: (employer, month, unpaid) of earlier months.
    `reach`: the last day attendance is known of; `silent`: worked last month, nothing known of
    this one."""

    wages: list[Wages] = field(default_factory=list)
    arrears: list[tuple[int, Month, Decimal]] = field(default_factory=list)
    reach: dt.date | None = None
    silent: bool = False
    paid_late: list[tuple[dt.date, bool]] = field(default_factory=list)
    """Paydays of the HISTORY months before with a sheet: whether wages were unpaid after it, or
    paid later."""

    @property
    def known(self) -> bool:
        return not self.silent and all(one.basis != UNKNOWN for one in self.wages)

    @property
    def owed_before(self) -> Decimal:
        return sum((unpaid for _, _, unpaid in self.arrears), ZERO)


@dataclass
class _Row:
    employer: int
    month: Month
    people: int
    days: int
    last: dt.date | None
    sheet: int | None
    due: Decimal
    unpaid: Decimal
    payday: dt.date
    last_paid_on: dt.date | None


def needs(as_of: dt.date, months: dict[int, Month], calendar: WorkingDays) -> dict[int, Needs]:
    """By project what the payday of its month in `months` asks for, as known on `as_of`. Cycle must
    be as of that day. Three queries, whatever the number of projects."""
    rows = _cycles(months)
    prices = _prices(as_of, months, rows)
    return {
        project: _needs(as_of, month, rows[project], prices, project, calendar)
        for project, month in months.items()
        if project in rows
    }


def _cycles(months: dict[int, Month]) -> dict[int, list[_Row]]:
    """Cycles of the months concerned, of HISTORY months before, and all with something unpaid."""
    first = min((month.ordinal for month in months.values()), default=0) - HISTORY
    found: dict[int, list[_Row]] = defaultdict(list)
    cycles = Cycle.objects.filter(Q(month__gte=Month(first)) | Q(unpaid__gt=0)).order_by(
        "project", "month", "employer"
    )
    if len(months) < 500:
        cycles = cycles.filter(project__in=list(months))
    for project, *row in cycles.values_list(
        *("project", "employer", "month", "attended_people", "attended_days", "last_attended"),
        *("sheet", "due", "unpaid", "payday", "last_paid_on"),
    ).iterator(5000):
        if project in months:
            found[project].append(_Row(*row))
    return found


def _needs(
    as_of: dt.date,
    month: Month,
    rows: list[_Row],
    prices: dict[tuple[int, int], "_Priced"],
    project: int,
    calendar: WorkingDays,
) -> Needs:
    made = Needs()
    made.reach = max((row.last for row in rows if row.last), default=None)
    made.arrears = [(r.employer, r.month, r.unpaid) for r in rows if r.month < month and r.unpaid]
    before = [row for row in rows if month - HISTORY <= row.month < month]
    made.paid_late = _paid_late(as_of, before)
    for row in (row for row in rows if row.month == month):
        if row.sheet is not None:
            made.wages.append(
                Wages(
                    *(row.employer, SHEET, row.people, row.due, row.unpaid, row.unpaid),
                    *(row.unpaid, row.days),
                    sheet=row.sheet,
                )
            )
        elif row.days:
            share = _share(month, made.reach, calendar)
            crew = [one for one in before if one.employer == row.employer]
            made.wages.append(_estimated(row, share, crew, prices.get((project, row.employer))))
    worked = any(row.days for row in rows if row.month == month - 1)
    made.silent = worked and not made.wages
    return made


def _paid_late(as_of: dt.date, before: list[_Row]) -> list[tuple[dt.date, bool]]:
    found: dict[dt.date, bool] = {}
    for row in before:
        if row.due and row.payday < as_of:
            late = row.unpaid > 0 or (
                row.last_paid_on is not None and row.last_paid_on > row.payday
            )
            found[row.payday] = found.get(row.payday, False) or late
    return sorted(found.items())


def _share(month: Month, reach: dt.date | None, calendar: WorkingDays) -> Decimal:
    """The month's working days over those of them that attendance is known of: 1 when all are."""
    if reach is None or reach >= month.last:
        return Decimal(1)
    before = month.first - dt.timedelta(days=1)
    known = calendar.between(before, reach)
    return Decimal(calendar.between(before, month.last)) / max(1, known)


def _estimated(row: _Row, share: Decimal, crew: list[_Row], priced: "_Priced | None") -> Wages:
    """By agreed rates where they are known, else by what the crew got for a day attended."""
    paid = [(one.due, one.days) for one in crew if one.sheet and one.days and one.due]
    whole = row.days * share
    made = Wages(row.employer, CREW, row.people, days=row.days, whole=whole, months=len(paid))
    rates = [due / days for due, days in paid]
    if paid:
        made.rate = sum((due for due, _ in paid), ZERO) / sum(days for _, days in paid)
    if priced is not None and priced.days and (priced.days == row.days or made.rate is not None):
        rest = (row.days - priced.days) * (made.rate or ZERO)
        made.basis, made.rate = AGREED, (priced.amount + rest) / row.days
        rates = [made.rate]
    if made.rate is None:
        made.basis = UNKNOWN
        return made
    made.due = made.unpaid = _cents(whole * made.rate)
    # At least what has been worked; at most the whole month at the best rate.
    made.low, made.high = _cents(row.days * min(rates)), _cents(whole * max(rates))
    return made


@dataclass
class _Priced:
    """Worker-days whose rate is agreed, and what they come to."""

    days: int = 0
    amount: Decimal = ZERO


def _prices(
    as_of: dt.date, months: dict[int, Month], rows: dict[int, list[_Row]]
) -> dict[tuple[int, int], _Priced]:
    """By project and employer without a sheet: attended days with an agreed rate. Two queries."""
    open_ = {
        (project, row.employer)
        for project, listed in rows.items()
        for row in listed
        if row.month == months[project] and row.sheet is None and row.days
    }
    found: dict[tuple[int, int], _Priced] = {}
    if not open_:
        return found
    agreed = Q(
        engagement__project__in={project for project, _ in open_},
        engagement__registered=True,
        engagement__unit_price__range=DAY_RATES,
    ) & (
        Q(engagement__facts_from__lte=as_of)
        | Q(engagement__facts_from__isnull=True, engagement__known_from__lte=as_of)
    )
    wanted = set(months.values())
    settled = AttendanceMonth.objects.filter(agreed, month__in=wanted, settled_on__lte=as_of)
    price = F("engagement__unit_price")
    groups: list[Any] = [
        settled.order_by()
        .values("engagement__project", "engagement__employer", "month")
        .annotate(n=Sum("days"), sum=Sum(F("days") * price, output_field=DecimalField()))
        .values_list("engagement__project", "engagement__employer", "month", "n", "sum")
    ]
    for month in sorted(wanted):
        days = AttendanceDay.objects.filter(
            agreed,
            known_from__lte=as_of,
            day__range=(month.first, month.last),
            engagement__attendance_months__month=month,
            engagement__attendance_months__settled_on__gt=as_of,
        )
        groups.append(
            days.order_by()
            .values("engagement__project", "engagement__employer")
            .annotate(month=Case(When(pk__gt=0, then=month.ordinal)), n=Count("pk"), sum=Sum(price))
            .values_list("engagement__project", "engagement__employer", "month", "n", "sum")
        )
    return _gathered(groups, months, open_)


def _gathered(
    groups: Iterable[Iterable[tuple[int, int, Month | int, int, Decimal]]],
    months: dict[int, Month],
    open_: set[tuple[int, int]],
) -> dict[tuple[int, int], _Priced]:
    found: dict[tuple[int, int], _Priced] = {}
    for group in groups:
        for project, employer, month, count, amount in group:
            of = month if isinstance(month, Month) else Month(month)
            if (project, employer) in open_ and of == months[project]:
                made = found.setdefault((project, employer), _Priced())
                made.days += count
                made.amount += Decimal(amount)
    return found


def _cents(value: Decimal) -> Decimal:
    return value.quantize(ZERO)
