"""How far the bank data known on a day reach, and what the accounts hold."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
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

from payroll import statements
from payroll.models import BankEntry, BankStatement
from payroll.statements import StatementGap
from projects.models import Account, AccountStatus, AccountVersion
from wagewatch.known import known_on


@dataclass(frozen=True)
class Coverage:
    """`until`: the last day that every account in use is covered to; None when an account has
    never had bank data. `accounts` is how many are in use. `gaps`: the statements missing before
    `until`."""

    accounts: int
    until: dt.date | None
    gaps: tuple[StatementGap, ...] = ()

    def misses(self, day: dt.date, since: dt.date | None = None) -> bool:
        """An account exists and its bank data do not reach `day`, or, from `since` to `day`, a
        statement between is missing."""
        if self.accounts > 0 and (self.until is None or self.until < day):
            return True
        return since is not None and any(gap.within(since, day) for gap in self.gaps)


NO_ACCOUNT = Coverage(0, None)


def of(as_of: dt.date, project_ids: Collection[int]) -> dict[int, Coverage]:
    """The coverage of each project's dedicated accounts that are known and not closed on `as_of`
    (of the closed ones where there is no other), with their gaps.

    Statements and exports count; an entry that a notification tells of proves nothing of others.
    The number of queries does not grow with the projects.
    """
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
        )
        .values_list("project", "pk", "closed", "stated")
    )
    rows: dict[int, list[tuple[bool, dt.date | None]]] = {}
    numbers = []
    for project, account, closed, stated in accounts:
        numbers.append(account)
        rows.setdefault(project, []).append((closed, stated))
    missing: dict[int, list[StatementGap]] = defaultdict(list)
    for gap in statements.gaps_of(as_of, numbers):
        missing[gap.project_id].append(gap)
    return {
        project: replace(_joined(reaches), gaps=tuple(missing[project]))
        for project, reaches in rows.items()
    }


def gaps(as_of: dt.date, project_ids: Collection[int]) -> dict[int, list[StatementGap]]:
    """Per project, the statements of its dedicated accounts that are missing on `as_of`: days that
    no statement covers, or balances that do not meet."""
    accounts = Account.objects.filter(project__in=set(project_ids)).values_list("pk", flat=True)
    found: dict[int, list[StatementGap]] = {}
    for gap in statements.gaps_of(as_of, list(accounts)):
        found.setdefault(gap.project_id, []).append(gap)
    return found


def _joined(rows: list[tuple[bool, dt.date | None]]) -> Coverage:
    used = [reach for closed, reach in rows if not closed]
    if not used:
        return Coverage(len(rows), max((reach for _, reach in rows if reach), default=None))
    known = [reach for reach in used if reach is not None]
    return Coverage(len(used), min(known) if len(known) == len(used) else None)


def balances(
    as_of: dt.date, project_ids: Collection[int], at: dt.date | None = None
) -> dict[int, list[tuple[int, Decimal]]]:
    """Per project, (account, balance in CNY) of its dedicated accounts: the closing balance of the
    latest statement known and the entries after it; without one, the sum of the entries. With `at`
    the balance at the end of that day, as known on `as_of`. One query."""
    last = at or dt.date.max
    statement = BankStatement.objects.filter(
        account=OuterRef("pk"), known_from__lte=as_of, closing__isnull=False, to_date__lte=last
    ).order_by("-to_date", "-pk")
    signed = Case(When(is_credit=True, then=F("amount")), default=-F("amount"))
    moved = (
        BankEntry.objects.filter(
            account=OuterRef("pk"),
            known_from__lte=as_of,
            booked_on__gt=OuterRef("stated"),
            booked_on__lte=last,
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
