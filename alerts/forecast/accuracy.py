"""How near the forecasts of past paydays came: replayed by what was known then, and measured.

For each payday of a span and each lead (days before it) the outlook is made as of that day and put
beside what came, as known SETTLED days after the payday:

    needed    the month's wages: forecast against the sheets
    funds     balance and disbursement: forecast against what the owner really paid in until then
    short     a forecast shortfall against the real one: wages due by the payday (the month's, and
              what was open of earlier ones) and still unpaid at its end, less what the accounts
              held then. This is what the forecast speaks of.
    late      wages unpaid at the end of the payday though the accounts held enough. No balance
              foretells that; set beside it stands how often the project had been late before.

A payday whose bank data do not reach it even then is left out: nobody knows what came of it.
"""

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from alerts import forecast
from alerts.forecast import Outlook, disbursement
from alerts.forecast.wages import ZERO
from alerts.models import ForecastMeasure
from alerts.runs import Progress, chosen, teller
from payroll import coverage, past, paydays
from payroll.models import Cycle, PaymentMatch
from projects.models import Project, Region
from wagewatch import audit, work
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.months import Month

LEADS = (10, 5, 1)
SETTLED = 10
"""Days after a payday on which the banks' files of that day are in."""
SPAN = 183
"""Days that a measure covers when none are named."""
KEPT = 2000
"""Wrong forecasts kept in a measure, for those who want to see them."""


@dataclass
class Came:
    """What came of one payday (CNY): the month's wages; of all wages due by it, what was unpaid at
    its end; and what the accounts held then."""

    due: Decimal
    unpaid: Decimal = ZERO
    balance: Decimal = ZERO

    @property
    def short(self) -> bool:
        return self.unpaid > max(ZERO, self.balance)

    @property
    def late(self) -> bool:
        return self.unpaid > 0 and not self.short


@dataclass
class Signs:
    """How often a sign was there, and what it foretold came: right, wrong, missed, rightly not."""

    hits: int = 0
    false_alarms: int = 0
    misses: int = 0
    quiet: int = 0

    def count(self, said: bool, came: bool) -> str:
        """Gives how it was wrong, if it was."""
        self.hits += said and came
        self.false_alarms += said and not came
        self.misses += came and not said
        self.quiet += not said and not came
        return "" if said == came else "false-alarm" if said else "miss"

    def json(self) -> dict[str, Any]:
        said, harmed = self.hits + self.false_alarms, self.hits + self.misses
        return {
            "hits": self.hits,
            "false_alarms": self.false_alarms,
            "misses": self.misses,
            "quiet": self.quiet,
            "precision": round(self.hits / said, 4) if said else None,
            "recall": round(self.hits / harmed, 4) if harmed else None,
        }


@dataclass
class Tally:
    """The forecasts of one lead. `needed` and `funds` are absolute errors in per cent; `unknown`
    those that gave no figure, `unknown_short` those of them where money was short in the end."""

    forecasts: int = 0
    unknown: int = 0
    unknown_short: int = 0
    needed: list[float] = field(default_factory=list)
    funds: list[float] = field(default_factory=list)
    short: Signs = field(default_factory=Signs)
    late: Signs = field(default_factory=Signs)

    def json(self) -> dict[str, Any]:
        return {
            "forecasts": self.forecasts,
            "unknown": self.unknown,
            "unknown_short": self.unknown_short,
            "needed_error": _mean(self.needed),
            "funds_error": _mean(self.funds),
            **self.short.json(),
            "late": self.late.json(),
        }


def make(first: dt.date, last: dt.date, *, territory: Region, user: Any = None) -> ForecastMeasure:
    """The question about the paydays from `first` to `last`, kept. Raises ValueError."""
    if not first <= last <= timezone.localdate() - SETTLED * DAY:
        raise ValueError(f"the last payday must be at least {SETTLED} days ago")
    made = ForecastMeasure(first=first, last=last, territory=territory, user=user)
    made.days_total = len(_days(first, last))
    with transaction.atomic():
        made.save()
        span = {"first": first.isoformat(), "last": last.isoformat()}
        audit.record(user, "forecast-measure-asked", made, **span)
    return made


def ask(first: dt.date, last: dt.date, *, territory: Region, user: Any = None) -> ForecastMeasure:
    """The question, kept and queued; one that is still being answered is not asked twice. Raises
    ValueError."""
    for other in ForecastMeasure.objects.filter(
        finished_at=None, territory=territory, work__status__in=("waiting", "running")
    ):
        return other  # type: ignore[no-any-return]
    with transaction.atomic():
        made = make(first, last, territory=territory, user=user)
        made.work = work.submit("alerts.forecast.accuracy.run", pk=made.pk)
        made.save(update_fields=["work"])
    return made


def run(pk: int, progress: Progress = lambda done, total: None) -> ForecastMeasure:
    """Replay and measure; safe to run twice. Reads the live tables only."""
    made = ForecastMeasure.objects.select_related("territory").get(pk=pk)
    started = time.perf_counter()
    made.result = measure(
        made.first, made.last, chosen(made.territory), teller(made, progress), LEADS
    )
    made.seconds = round(time.perf_counter() - started, 2)
    made.days_done, made.finished_at = made.days_total, timezone.now()
    made.save(update_fields=["result", "seconds", "days_done", "finished_at"])
    return made


def measure(
    first: dt.date,
    last: dt.date,
    project_ids: frozenset[int] | None,
    progress: Progress = lambda done, total: None,
    leads: Sequence[int] = LEADS,
) -> dict[str, Any]:
    """Errors and hits by lead, and the forecasts that were wrong. One pass over the days: each asks
    for the outlooks of paydays that lie `leads` ahead, and what came of those SETTLED behind."""
    paydays.fill(None)
    made: dict[tuple[int, Month], dict[int, Outlook]] = defaultdict(dict)
    came: dict[tuple[int, Month], Came] = {}
    days = _days(first, last, leads)
    for number, day in enumerate(days, start=1):
        ahead = {day + lead * DAY: lead for lead in leads}
        wanted = {payday for payday in ahead if first <= payday <= last}
        settled = day - SETTLED * DAY
        with past.known_on(day, project_ids):
            for one in forecast.coming(day, project_ids, wanted) if wanted else ():
                made[(one.project, one.month)][ahead[one.payday]] = one
            if first <= settled <= last:
                came |= _came(settled, day)
        progress(number, len(days))
    return _told(made, came, days[-1])


def _days(first: dt.date, last: dt.date, leads: Sequence[int] = LEADS) -> list[dt.date]:
    start, end = first - max(leads) * DAY, last + SETTLED * DAY
    return [start + n * DAY for n in range((end - start).days + 1)]


def _came(payday: dt.date, as_of: dt.date) -> dict[tuple[int, Month], Came]:
    """What came of the paydays of one day, by project and month, as known on `as_of` (Cycle as of
    it). A number of queries that does not grow with the projects."""
    found: dict[tuple[int, Month], Came] = {}
    rows = Cycle.objects.filter(payday=payday, due__gt=0).order_by()
    for project, month, due in rows.values_list("project", "month", "due"):
        found.setdefault((project, month), Came(ZERO)).due += due
    projects = {project for project, _ in found}
    reach = coverage.of(as_of, projects)
    unpaid: dict[int, Decimal] = defaultdict(Decimal)
    cycles = Cycle.objects.filter(project__in=projects, payday__lte=payday)
    for project, sum_ in (
        cycles.order_by()
        .values("project")
        .annotate(sum=Sum("unpaid"))
        .values_list("project", "sum")
    ):
        unpaid[project] += sum_
    paid_after = (
        PaymentMatch.objects.filter(
            engagement__project__in=projects,
            booked_on__gt=payday,
            known_from__lte=as_of,
            month__lte=max((month for _, month in found), default=Month.of(payday)),
        )
        .order_by()
        .values("engagement__project")
        .annotate(sum=Sum("amount"))
    )
    for project, sum_ in paid_after.values_list("engagement__project", "sum"):
        unpaid[project] += sum_
    held = coverage.balances(as_of, projects, at=payday)
    for (project, _), one in found.items():
        one.unpaid = max(ZERO, unpaid[project])
        one.balance = sum((amount for _, amount in held.get(project, [])), ZERO)
    return {
        key: one
        for key, one in found.items()
        if (covered := reach.get(key[0])) and not covered.misses(payday)
    }


def _told(
    made: dict[tuple[int, Month], dict[int, Outlook]],
    came: dict[tuple[int, Month], Came],
    as_of: dt.date,
) -> dict[str, Any]:
    paid_in = _paid_in(as_of, made)
    codes = dict(
        Project.objects.filter(pk__in={project for project, _ in made}).values_list("pk", "code")
    )
    tallies: dict[int, Tally] = {lead: Tally() for lead in LEADS}
    wrong = []
    for (project, month), outlooks in sorted(made.items()):
        real = came.get((project, month))
        if real is None:  # no sheet or no bank data ever came: nothing to measure by
            continue
        for lead, one in outlooks.items():
            kind = _tally(tallies.setdefault(lead, Tally()), one, real, paid_in[project])
            if kind:
                wrong.append(_row(codes[project], lead, kind, one, real))
    measured = [came[key] for key in came.keys() & made.keys()]
    return {
        "leads": {str(lead): tally.json() for lead, tally in tallies.items()},
        "paydays": len(measured),
        "short": sum(one.short for one in measured),
        "late": sum(one.late for one in measured),
        "wrong_total": len(wrong),
        "wrong": wrong[:KEPT],
    }


def _paid_in(
    as_of: dt.date, made: dict[tuple[int, Month], dict[int, Outlook]]
) -> dict[int, disbursement.Credits]:
    first = min((one.as_of for of in made.values() for one in of.values()), default=as_of)
    projects = {project for project, _ in made}
    found = disbursement.credits(as_of, projects, first - 62 * DAY)
    return {project: found.get(project, []) for project in projects}


def _tally(tally: Tally, one: Outlook, real: Came, paid_in: disbursement.Credits) -> str:
    """Count one forecast; says how it was wrong, if it was."""
    tally.forecasts += 1
    if one.due is not None and real.due:
        tally.needed.append(_error(one.due, real.due))
    if one.covered.until is not None:
        until = min(one.covered.until, one.as_of)
        got = sum((amount for day, amount in paid_in if until < day <= one.payday), ZERO)
        if one.balance + got > 0:
            tally.funds.append(_error(one.balance + one.expected.amount, one.balance + got))
    tally.late.count(one.late_before > 0, real.late)
    if one.shortfall is None:
        tally.unknown += 1
        tally.unknown_short += real.short
        return "unknown" if real.short else ""
    return tally.short.count(one.shortfall > 0, real.short)


def _row(code: str, lead: int, kind: str, one: Outlook, real: Came) -> dict[str, Any]:
    return {
        "kind": kind,
        "project": code,
        "month": str(one.month),
        "payday": one.payday,
        "lead": lead,
        "needed": one.due,
        "came": real.due,
        "shortfall": one.shortfall,
        "unpaid": real.unpaid,
        "balance": real.balance,
        "reasons": one.reasons,
    }


def _error(said: Decimal, real: Decimal) -> float:
    return abs(float(said - real)) / float(real) * 100


def _mean(errors: list[float]) -> float | None:
    return round(sum(errors) / len(errors), 2) if errors else None


def span(today: dt.date) -> tuple[dt.date, dt.date]:
    """The paydays measured when none are named: half a year up to the last that are settled."""
    last = WorkingDays.load().on_or_before(today - SETTLED * DAY)
    return last - (SPAN - 1) * DAY, last
