"""Will the money be there on the coming payday? Advice before the harm, of each project.

    shortfall = wages still to be paid on that day - (balance of the dedicated accounts
                + what the owner will pay in until then)

    coming(as_of)       the outlook of each project with a payday ahead; Cycle as of that day
    refresh(as_of)      keep them in the table that pages and the interface read
    accuracy.measure    how near the outlooks of past paydays came

Nothing is guessed in silence: what cannot be known makes the outlook unknown and says why. It is
advice and opens no warning; the warning on facts is rule B3, within five days of the payday
(docs/forecast.md).
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from alerts.forecast import disbursement, wages
from alerts.forecast.disbursement import Expected
from alerts.forecast.wages import ZERO, Needs
from alerts.models import Forecast
from payroll import coverage
from payroll.coverage import Coverage
from projects.models import ProjectVersion
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.known import known_on
from wagewatch.months import Month

STALE_DAYS = 10
"""Bank data that end so many days before the day asked say nothing of the coming payday."""
AHEAD = 10
"""Days ahead that the lists show."""
Confidence = Forecast.Confidence

# Why an outlook is not certain: the words are in alerts/forecast/words.py.
STALE, NO_ACCOUNT, NO_RATE, SILENT = "bank-stale", "no-account", "no-rate", "silent"
ESTIMATED, EXTRAPOLATED, FEW = "estimated", "extrapolated", "few-sheets"
BY_AGREEMENT, NO_RECORD, LATE = "by-agreement", "no-record", "owner-late"
ONE_CYCLE = "one-cycle"
PROVISIONAL, DEPENDS = "provisional", "depends"
_UNKNOWN = {STALE, NO_ACCOUNT, NO_RATE, SILENT}
_LOW = {FEW, BY_AGREEMENT, NO_RECORD, ONE_CYCLE}
_MEDIUM = {ESTIMATED, EXTRAPOLATED, DEPENDS, PROVISIONAL}


@dataclass
class Outlook:
    """One project's coming payday as seen on `as_of` (CNY). `needed` and `shortfall` (None when
    unknown) are the middle, `least` and `most` the shortfall's bounds."""

    project: int
    as_of: dt.date
    payday: dt.date
    month: Month
    provisional: bool
    needs: Needs
    accounts: list[tuple[int, Decimal]]
    covered: Coverage
    expected: Expected
    reasons: list[str] = field(default_factory=list)

    @property
    def balance(self) -> Decimal:
        return sum((amount for _, amount in self.accounts), ZERO)

    @property
    def due(self) -> Decimal | None:
        """The month's wages, paid or not."""
        if not self.needs.known:
            return None
        return sum((one.due or ZERO for one in self.needs.wages), ZERO)

    @property
    def needed(self) -> Decimal | None:
        if not self.needs.known:
            return None
        return self.needs.owed_before + sum((one.unpaid or ZERO for one in self.needs.wages), ZERO)

    @property
    def shortfall(self) -> Decimal | None:
        return self._short(self.needed, self.expected.amount)

    @property
    def least(self) -> Decimal | None:
        return self._short(self._bound("low"), self.expected.high)

    @property
    def most(self) -> Decimal | None:
        return self._short(self._bound("high"), self.expected.low)

    @property
    def confidence(self) -> Confidence:
        reasons = set(self.reasons)
        if reasons & _UNKNOWN:
            return Confidence.UNKNOWN
        if reasons & _LOW:
            return Confidence.LOW
        return Confidence.MEDIUM if reasons & _MEDIUM else Confidence.HIGH

    @property
    def paid_late(self) -> list[bool]:
        """Of the last paydays that bank data reach: whether wages were unpaid after it, or paid
        later. No balance foretells a payer that is late though the money is there; its record
        may."""
        return [late for day, late in self.needs.paid_late if not self.covered.misses(day)]

    @property
    def late_before(self) -> int:
        return sum(self.paid_late)

    @property
    def sheets_missing(self) -> int:
        return sum(one.basis != wages.SHEET for one in self.needs.wages)

    def _bound(self, side: str) -> Decimal | None:
        if not self.needs.known:
            return None
        return self.needs.owed_before + sum((getattr(one, side) for one in self.needs.wages), ZERO)

    def _short(self, needed: Decimal | None, expected: Decimal) -> Decimal | None:
        if needed is None or set(self.reasons) & _UNKNOWN:
            return None
        return max(ZERO, needed - self.balance - expected)


def coming(
    as_of: dt.date,
    project_ids: Collection[int] | None = None,
    paydays: Collection[dt.date] | None = None,
) -> list[Outlook]:
    """The outlook of the next payday (on or after `as_of`) of these projects (all when None), or of
    those whose next payday is one of `paydays`. Projects where nothing is to be paid and nobody
    worked are left out.

    Reads Cycle, which must be as of that day. The number of queries does not grow with projects.
    """
    calendar = WorkingDays.load()
    ahead = {pay_day: _next(as_of, pay_day, calendar) for pay_day in range(1, 29)}
    versions = ProjectVersion.objects.filter(known_on(as_of))
    if project_ids is not None:
        versions = versions.filter(project__in=list(project_ids))
    projects = {
        project: (pay_day, agreed, start)
        for project, pay_day, agreed, start in versions.values_list(
            "project", "pay_day", "labour_cost_monthly", "start_date"
        )
        if paydays is None or ahead[pay_day][1] in paydays
    }
    if not projects:
        return []
    months = {project: ahead[pay_day][0] for project, (pay_day, _, _) in projects.items()}
    needs = {
        project: one
        for project, one in wages.needs(as_of, months, calendar).items()
        if one.wages or one.arrears or one.silent
    }
    held, reach = coverage.balances(as_of, needs), coverage.of(as_of, needs)
    since = min(months.values()).first - (disbursement.CYCLES + 2) * 31 * DAY
    came = disbursement.credits(as_of, needs, since)
    earlier = {
        pay_day: disbursement.paydays_before(month, pay_day, calendar)
        for pay_day, (month, _, _) in ahead.items()
    }
    made = []
    for project, one in needs.items():
        pay_day, agreed, start = projects[project]
        month, payday, provisional = ahead[pay_day]
        covered = reach.get(project, coverage.NO_ACCOUNT)
        until = min(covered.until or as_of, as_of)
        started = month - Month.of(start) if start else disbursement.CYCLES
        coming_in = disbursement.expected(
            came.get(project, []), earlier[pay_day], until, payday, agreed, started
        )
        outlook = Outlook(
            *(project, as_of, payday, month, provisional, one),
            *(held.get(project, []), covered, coming_in),
        )
        outlook.reasons = list(_reasons(outlook))
        made.append(outlook)
    return made


def refresh(as_of: dt.date, project_ids: Collection[int] | None = None) -> int:
    """Replace the kept outlooks of these projects (all when None) by those of `as_of`; gives how
    many there are. Called when the projects have been judged as of that day."""
    made = coming(as_of, project_ids)
    rows = Forecast.objects.all()
    if project_ids is not None:
        rows = rows.filter(project__in=list(project_ids))
    with transaction.atomic():
        rows._raw_delete(rows.db)
        Forecast.objects.bulk_create([row(one) for one in made], 1000)
    return len(made)


def row(one: Outlook) -> Forecast:
    """The outlook as it is kept, not saved."""
    return Forecast(
        project_id=one.project,
        as_of=one.as_of,
        payday=one.payday,
        month=one.month,
        provisional=one.provisional,
        needed=one.needed,
        balance=one.balance,
        expected=one.expected.amount,
        shortfall=one.shortfall,
        least=one.least,
        most=one.most,
        rank=Decimal(-1) if one.shortfall is None else one.shortfall,
        confidence=one.confidence,
        employers=len(one.needs.wages),
        sheets_missing=one.sheets_missing,
        data={
            "reasons": one.reasons,
            "missing": [w.company for w in one.needs.wages if w.basis != wages.SHEET],
            "covered": one.covered.until,
            "late_before": one.late_before,
            "paydays_before": len(one.paid_late),
        },
    )


def _next(as_of: dt.date, pay_day: int, calendar: WorkingDays) -> tuple[Month, dt.date, bool]:
    """The first payday on or after a day: its month worked, its date, whether it is provisional."""
    month = Month.of(as_of) - 2
    while (payday := calendar.payday(month, pay_day)) < as_of:
        month = month + 1
    return month, payday, not calendar.is_announced((month + 1).year)


def _reasons(one: Outlook) -> Any:
    """Why the outlook is unknown, or not certain."""
    if one.covered is coverage.NO_ACCOUNT or not one.accounts:
        yield NO_ACCOUNT
    elif one.covered.misses(one.as_of - STALE_DAYS * DAY):
        yield STALE
    if one.needs.silent:
        yield SILENT
    bases = {w.basis for w in one.needs.wages}
    if wages.UNKNOWN in bases:
        yield NO_RATE
    if bases & {wages.CREW, wages.AGREED}:
        yield ESTIMATED
    if any(w.basis == wages.CREW and w.months < ENOUGH_SHEETS for w in one.needs.wages):
        yield FEW
    if any(w.whole > w.days for w in one.needs.wages):
        yield EXTRAPOLATED
    if one.expected.late:
        yield LATE
    needed = one.needed
    if needed is None or needed <= one.balance:
        return
    if one.expected.basis == disbursement.NOTHING:
        yield NO_RECORD
    elif one.expected.high:
        if one.expected.basis == disbursement.AGREED:
            yield BY_AGREEMENT
        elif len(one.expected.windows) == 1:
            yield ONE_CYCLE
        least = needed - one.balance - one.expected.high
        if least <= 0 < needed - one.balance - one.expected.low:
            yield DEPENDS
    if one.provisional:
        yield PROVISIONAL


ENOUGH_SHEETS = 2
"""Fewer sheets than these make a rate that may be chance."""
