"""Claims of pay cycles, worker by worker: what is due, what was paid, what is open, on one day.

The same arithmetic as cycles.py, row by row, for the few cycles that someone looks at.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from payroll.models import PaymentMatch, SheetLine
from wagewatch import identity
from wagewatch.known import known_on
from wagewatch.months import Month

CycleKey = tuple[int, int, Month]
"""Project, employer, month worked."""

ZERO = Decimal("0.00")


@dataclass
class Line:
    row: int
    filename: str
    feed_id: int
    net: Decimal
    is_back_pay: bool
    version: int
    sheet_month: Month


@dataclass
class Payment:
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
    worker_id: int
    name: str
    id_number: str = field(repr=False)
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

    @property
    def unpaid(self) -> Decimal:
        return max(ZERO, self.due - self.paid)

    @property
    def line(self) -> Line:
        """The line that the claim rests on."""
        return next((line for line in self.lines if not line.is_back_pay), self.lines[0])


def of(as_of: dt.date, cycles: Collection[CycleKey]) -> dict[CycleKey, list[Claim]]:
    """The claims of these cycles as known on `as_of`, in the order of their sheets' rows. Two
    queries."""
    found: dict[CycleKey, dict[int, Claim]] = {key: {} for key in cycles}
    if not found:
        return {}
    projects = {project for project, _, _ in found}
    months = {month for _, _, month in found}
    lines = (
        SheetLine.objects.filter(
            known_on(as_of, "sheet__"), sheet__project__in=projects, worked_month__in=months
        )
        .order_by("sheet__month", "sheet", "row")
        .values_list(
            *("sheet__project", "sheet__employer", "worked_month", "engagement"),
            *("engagement__worker", "engagement__worker__name", "engagement__worker__id_number"),
            *("row", "sheet__feed__filename", "sheet__feed", "net", "is_back_pay"),
            *("sheet__version", "sheet__month"),
        )
    )
    if len(found) == 1:
        lines = lines.filter(sheet__employer=next(iter(found))[1])
    for project, employer, month, engagement, worker, name, number, *line in lines.iterator():
        claims = found.get((project, employer, month))
        if claims is not None:
            claim = claims.setdefault(engagement, Claim(engagement, worker, name, number))
            claim.lines.append(Line(*line))
    _add_payments(as_of, found, projects, months)
    return {key: list(claims.values()) for key, claims in found.items()}


def _add_payments(
    as_of: dt.date,
    found: dict[CycleKey, dict[int, Claim]],
    projects: set[int],
    months: set[Month],
) -> None:
    payments = (
        PaymentMatch.objects.filter(
            known_from__lte=as_of, engagement__project__in=projects, month__in=months
        )
        .order_by("booked_on", "is_return", "pk")
        .values_list(
            *("engagement__project", "engagement__employer", "month", "engagement"),
            *("entry__reference", "booked_on", "amount", "is_return", "entry__return_reason"),
            "entry__feed_id",
        )
    )
    for project, employer, month, engagement, *payment in payments.iterator():
        claim = found.get((project, employer, month), {}).get(engagement)
        if claim is not None:
            claim.payments.append(Payment(*payment))
