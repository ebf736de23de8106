"""Claims of pay cycles, worker by worker: what is due, what was paid, what is open, on one day.

The same arithmetic as cycles.py, row by row, for the few cycles that someone looks at.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.functional import cached_property

from payroll.models import Confirmation, PaymentMatch, SheetLine
from projects.models import Engagement
from wagewatch import bulk, identity
from wagewatch.known import known_on
from wagewatch.months import Month

CycleKey = tuple[int, int, Month]
"""Project, employer, month worked."""

ZERO = Decimal("0.00")
CASH = "现金"
"""Stands for the bank's reference where the worker confirmed to have received cash."""
_CHUNK = 5000


class Line(NamedTuple):
    row: int
    filename: str
    feed_id: int
    net: Decimal
    is_back_pay: bool
    version: int
    sheet_month: Month


class Payment(NamedTuple):
    reference: str
    booked_on: dt.date
    amount: Decimal
    is_return: bool
    reason: str
    feed_id: int


@dataclass
class Claim:
    """One worker's wage of a month from one employer on one project (CNY)."""

    engagement_id: int
    worker_id: int = 0
    name: str = ""
    id_number: str = field(default="", repr=False)
    lines: list[Line] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)

    @property
    def masked_id(self) -> str:
        return identity.mask_id(self.id_number)

    @cached_property
    def due(self) -> Decimal:
        """Ordinary lines; back pay only where there is none."""
        ordinary = [line.net for line in self.lines if not line.is_back_pay]
        return sum(ordinary or [line.net for line in self.lines], ZERO)

    @cached_property
    def paid(self) -> Decimal:
        return sum((payment.amount for payment in self.payments), ZERO)

    @cached_property
    def returned(self) -> Decimal:
        return -sum((payment.amount for payment in self.payments if payment.is_return), ZERO)

    @cached_property
    def unpaid(self) -> Decimal:
        return max(ZERO, self.due - self.paid)

    @property
    def line(self) -> Line:
        """The line that the claim rests on."""
        return next((line for line in self.lines if not line.is_back_pay), self.lines[0])


def of(
    as_of: dt.date,
    cycles: Collection[CycleKey],
    *,
    unpaid_only: bool = False,
    named: bool = True,
    engagements: Collection[int] | QuerySet[Any, Any] | None = None,
) -> dict[CycleKey, list[Claim]]:
    """The claims of these cycles as known on `as_of`, in the order of their sheets' rows; only
    those with something unpaid, and of these engagements, where asked for. Four queries; without
    the workers (`named`, see `name`) three."""
    found: dict[CycleKey, dict[int, Claim]] = {key: {} for key in cycles}
    if not found:
        return {}
    projects = {project for project, _, _ in found}
    months = {month for _, _, month in found}
    some = Q() if engagements is None else Q(engagement__in=engagements)
    _add_lines(as_of, found, projects, months, some)
    _add_payments(as_of, found, projects, months, some)
    _add_cash(as_of, found, projects, months, some)
    claims = {
        key: [claim for claim in owed.values() if claim.unpaid > 0 or not unpaid_only]
        for key, owed in found.items()
    }
    if named:
        name([claim for owed in claims.values() for claim in owed])
    return claims


def _add_lines(
    as_of: dt.date,
    found: dict[CycleKey, dict[int, Claim]],
    projects: set[int],
    months: set[Month],
    some: Q,
) -> None:
    lines = (
        SheetLine.objects.filter(
            some,
            known_on(as_of, "sheet__"),
            sheet__project__in=projects,
            sheet__employer__in={employer for _, employer, _ in found},
            worked_month__in=months,
        )
        .order_by("sheet__month", "sheet_id", "row")
        .values_list(
            *("sheet__project", "sheet__employer", "worked_month", "engagement"),
            *("row", "sheet__feed__filename", "sheet__feed", "net", "is_back_pay"),
            *("sheet__version", "sheet__month"),
        )
    )
    for project, employer, month, engagement, *line in lines.iterator(_CHUNK):
        claims = found.get((project, employer, month))
        if claims is not None:
            claim = claims.setdefault(engagement, Claim(engagement))
            claim.lines.append(Line(*line))


def name(claims: Collection[Claim]) -> None:
    """Who they are: of the claims that are shown only, since each number is decrypted."""
    wanted = {claim.engagement_id for claim in claims}
    who: dict[int, list[Any]] = {
        pk: person
        for pk, *person in Engagement.objects.filter(pk__in=bulk.listed(wanted)).values_list(
            "pk", "worker", "worker__name", "worker__id_number"
        )
    }
    for claim in claims:
        claim.worker_id, claim.name, claim.id_number = who[claim.engagement_id]


def _add_payments(
    as_of: dt.date,
    found: dict[CycleKey, dict[int, Claim]],
    projects: set[int],
    months: set[Month],
    some: Q,
) -> None:
    payments = (
        PaymentMatch.objects.filter(
            some,
            known_from__lte=as_of,
            engagement__project__in=projects,
            engagement__employer__in={employer for _, employer, _ in found},
            month__in=months,
        )
        .order_by("booked_on", "is_return", "pk")
        .values_list(
            *("engagement__project", "engagement__employer", "month", "engagement"),
            *("entry__reference", "booked_on", "amount", "is_return", "entry__return_reason"),
            "entry__feed_id",
        )
    )
    for project, employer, month, engagement, *payment in payments.iterator(_CHUNK):
        claim = found.get((project, employer, month), {}).get(engagement)
        if claim is not None:
            claim.payments.append(Payment(*payment))


def _add_cash(
    as_of: dt.date,
    found: dict[CycleKey, dict[int, Claim]],
    projects: set[int],
    months: set[Month],
    some: Q,
) -> None:
    """Wages in cash that the worker confirmed to have received."""
    received = (
        Confirmation.objects.filter(
            some,
            known_on(as_of),
            is_cash=True,
            verdict=Confirmation.Verdict.CONFIRMED,
            engagement__project__in=projects,
            engagement__employer__in={employer for _, employer, _ in found},
            worked_month__in=months,
        )
        .order_by("known_from", "pk")
        .values_list(
            *("engagement__project", "engagement__employer", "worked_month", "engagement"),
            *("known_from", "amount", "line__sheet__feed"),
        )
    )
    for project, employer, month, engagement, day, amount, feed in received:
        claim = found.get((project, employer, month), {}).get(engagement)
        if claim is not None:
            claim.payments.append(Payment(CASH, day, amount, False, "", feed))
