"""How far the bank data known on a day reach, and what the accounts hold."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import (
    Case,
    DateField,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from payroll.models import BankEntry, BankStatement
from projects.models import Account, AccountStatus, AccountVersion
from wagewatch.known import known_on


@dataclass(frozen=True)
class Coverage:
    """`until`: the last day that every account in use is covered to; None when an account has
    never had bank data. `accounts` is how many are in use."""

    accounts: int
    until: dt.date | None

    def misses(self, day: dt.date) -> bool:
        """An account exists and its bank data do not reach `day`."""
        return self.accounts > 0 and (self.until is None or self.until < day)


NO_ACCOUNT = Coverage(0, None)


def of(as_of: dt.date, project_ids: Collection[int]) -> dict[int, Coverage]:
    """The coverage of each project's dedicated accounts that are known and not closed on `as_of`
    (of the closed ones where there is no other). One query."""
    version = AccountVersion.objects.filter(known_on(as_of), account=OuterRef("pk"))
    accounts = (
        Account.objects.filter(Exists(version), project__in=set(project_ids))
        .annotate(
            closed=Exists(version.filter(status=AccountStatus.CLOSED)),
            stated=Subquery(
                BankStatement.objects.filter(account=OuterRef("pk"), known_from__lte=as_of)
                .order_by("-to_date")
                .values("to_date")[:1]
            ),
            booked=Subquery(
                BankEntry.objects.filter(account=OuterRef("pk"), known_from__lte=as_of)
                .order_by("-booked_on")
                .values("booked_on")[:1]
            ),
        )
        .values_list("project", "closed", "stated", "booked")
    )
    rows: dict[int, list[tuple[bool, dt.date | None]]] = {}
    for project, closed, stated, booked in accounts:
        reach = max((day for day in (stated, booked) if day), default=None)
        rows.setdefault(project, []).append((closed, reach))
    return {project: _joined(reaches) for project, reaches in rows.items()}


def _joined(rows: list[tuple[bool, dt.date | None]]) -> Coverage:
    used = [reach for closed, reach in rows if not closed]
    if not used:
        return Coverage(len(rows), max((reach for _, reach in rows if reach), default=None))
    known = [reach for reach in used if reach is not None]
    return Coverage(len(used), min(known) if len(known) == len(used) else None)


def balances(as_of: dt.date, project_ids: Collection[int]) -> dict[int, list[tuple[int, Decimal]]]:
    """Per project, (account, balance in CNY) of its dedicated accounts: the closing balance of the
    latest statement known and the entries after it; without one, the sum of the entries. One
    query."""
    statement = BankStatement.objects.filter(
        account=OuterRef("pk"), known_from__lte=as_of, closing__isnull=False
    ).order_by("-to_date", "-pk")
    signed = Case(When(is_credit=True, then=F("amount")), default=-F("amount"))
    moved = (
        BankEntry.objects.filter(
            account=OuterRef("pk"), known_from__lte=as_of, booked_on__gt=OuterRef("stated")
        )
        .order_by()
        .values("account")
        .annotate(moved=Sum(signed))
        .values("moved")
    )
    accounts = (
        Account.objects.filter(project__in=set(project_ids))
        .annotate(
            closing=Subquery(statement.values("closing")[:1]),
            stated=Coalesce(
                Subquery(statement.values("to_date")[:1]),
                Value(dt.date(1970, 1, 1), output_field=DateField()),
            ),
        )
        .annotate(moved=Subquery(moved, output_field=DecimalField()))
        .values_list("project", "pk", "closing", "moved")
    )
    found: dict[int, list[tuple[int, Decimal]]] = {}
    for project, account, closing, moved_by in accounts:
        held = Decimal(closing or 0) + Decimal(moved_by or 0)
        found.setdefault(project, []).append((account, held.quantize(Decimal("0.01"))))
    return found
