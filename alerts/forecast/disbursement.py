"""What the owner will pay in before the payday, by its own record on the project.

For each of the last paydays we know what came after the day of the month up to which the bank data
now reach, until the payday. Their mean is what to expect: an owner that is late by its own record
(it usually had paid by this day of the month) paid nothing in that stretch, and counts for nothing.
No more than its usual sum for a cycle less what has come since the last payday. Paydays of months
before the project's start are no part of the record: what came then was for no wages yet.

Without a record the owner is taken at its word: the agreed monthly labour cost stands, less what
has come. Once the sheets are due, five days before the payday, it should be there: from then on the
less is to be hoped for, the nearer the payday.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from django.db.models import Sum

from alerts.forecast.wages import ZERO
from payroll.models import BankEntry
from payroll.paydays import SHEET_DUE_DAYS
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.months import Month

CYCLES = 6
"""Past paydays looked at."""
ENOUGH = 1
"""So many make a record; without, the agreed monthly labour cost stands."""

RECORD, AGREED, NOTHING = "record", "agreed", "nothing"

Credits = list[tuple[dt.date, Decimal]]


@dataclass
class Window:
    """Of one past payday: what came in the stretch before it, and in its whole cycle."""

    payday: dt.date
    since: dt.date
    came: Decimal
    cycle: Decimal


@dataclass
class Expected:
    """CNY to expect until the payday, between `low` and `high`. `basis`: the owner's record, the
    agreed monthly labour cost, or nothing to go by. `credited`: since the last payday. `late`: it
    had always paid by now, and has not."""

    amount: Decimal = ZERO
    low: Decimal = ZERO
    high: Decimal = ZERO
    basis: str = NOTHING
    credited: Decimal = ZERO
    agreed: Decimal | None = None
    late: bool = False
    windows: list[Window] = field(default_factory=list)


def credits(as_of: dt.date, project_ids: Collection[int], since: dt.date) -> dict[int, Credits]:
    """By project, what its owner paid in on each day from `since`, as known on `as_of`. One
    query."""
    rows = BankEntry.objects.owner_credits(as_of).filter(booked_on__gte=since)
    if len(project_ids) < 500:
        rows = rows.filter(account__project__in=list(project_ids))
    found: dict[int, Credits] = {}
    for project, day, amount in (
        rows.order_by("account__project", "booked_on")
        .values("account__project", "booked_on")
        .annotate(sum=Sum("amount"))
        .values_list("account__project", "booked_on", "sum")
    ):
        found.setdefault(project, []).append((day, Decimal(amount).quantize(ZERO)))
    return found


def expected(
    came: Credits,
    paydays: list[dt.date],
    until: dt.date,
    payday: dt.date,
    agreed: Decimal | None,
    started: int = CYCLES,
) -> Expected:
    """What to expect after `until`, the last day that bank data reach, up to `payday`. `came` are
    the credits known, the oldest first; `paydays` those before, the latest first, of which wages
    of the project can have been due on `started`."""
    made = Expected(agreed=agreed)
    made.credited = _between(came, paydays[0], until)
    for back, (this, before) in enumerate(pairwise(paydays), start=1):
        if not came or this < came[0][0] or back > started:
            break
        since = min(max(_months_before(until, back), before), this)
        made.windows.append(
            Window(this, since, _between(came, since, this), _between(came, before, this))
        )
    if len(made.windows) >= ENOUGH:
        return _by_record(made)
    if agreed is not None:
        made.basis = AGREED
        made.high = max(ZERO, agreed - made.credited)
        ahead = Decimal(max(0, (payday - until).days)) / SHEET_DUE_DAYS
        made.amount = (made.high * min(ahead, Decimal(1))).quantize(ZERO)
    return made


def paydays_before(month: Month, pay_day: int, calendar: WorkingDays) -> list[dt.date]:
    """The paydays of the months before this one that a record is made of, the latest first."""
    return [calendar.payday(month - back, pay_day) for back in range(1, CYCLES + 2)]


def _by_record(made: Expected) -> Expected:
    count = len(made.windows)
    came, cycles = [w.came for w in made.windows], [w.cycle for w in made.windows]
    left = max(ZERO, sum(cycles, ZERO) / count - made.credited)
    made.basis = RECORD
    made.amount = min(sum(came, ZERO) / count, left).quantize(ZERO)
    made.low = min(*came, made.amount)
    made.high = max(made.amount, min(max(came), max(ZERO, max(cycles) - made.credited)))
    earlier = [w.cycle - w.came for w in made.windows]
    made.late = not made.credited and all(amount > 0 for amount in earlier)
    return made


def _months_before(day: dt.date, months: int) -> dt.date:
    """The same day of the month, or that month's last."""
    month = Month.of(day) - months
    return min(month.first.replace(day=min(day.day, 28)) + max(day.day - 28, 0) * DAY, month.last)


def _between(came: Credits, after: dt.date, until: dt.date) -> Decimal:
    """after < day <= until"""
    return sum((amount for day, amount in came if after < day <= until), ZERO)
