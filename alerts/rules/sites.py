"""What several rules ask of projects on the same day: `scope.once(sites.known, as_of, scope)`.

A city has thousands of projects and accounts, not millions: they are read once a day judged. What
is given here is shared: nobody changes it.
"""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from alerts.rules.base import Scope
from payroll.models import BankEntry, Cycle
from projects.models import AccountStatus, AccountVersion, ProjectVersion
from wagewatch.known import known_on
from wagewatch.months import Month

Account = dict[str, Any]
_ACCOUNT = (
    *("account", "account__project", "account__number", "bank_name", "open_date", "close_date"),
    *("status", "known_from", "feed_id"),
)


def known(as_of: dt.date, scope: Scope) -> list[ProjectVersion]:
    """The projects as known on the day. One query."""
    return list(ProjectVersion.objects.filter(scope.q(), known_on(as_of)))


def active(as_of: dt.date, scope: Scope) -> list[ProjectVersion]:
    """Those of them that are under construction on the day."""
    return [one for one in scope.once(known, as_of, scope) if one.is_active(as_of)]


def contractors(as_of: dt.date, scope: Scope) -> dict[int, int]:
    """The general contractor of each project."""
    return {one.project_id: one.contractor_id for one in scope.once(known, as_of, scope)}


def accounts(as_of: dt.date, scope: Scope) -> dict[int, list[Account]]:
    """The dedicated accounts of each project as known on the day, in the order of their numbers.
    One query."""
    found: dict[int, list[Account]] = {}
    rows = AccountVersion.objects.filter(scope.q("account__project"), known_on(as_of))
    for row in rows.order_by("account__number").values(*_ACCOUNT):
        found.setdefault(row["account__project"], []).append(row)
    return found


def is_used(account: Account, as_of: dt.date) -> bool:
    """Neither closed on the day nor told to be: open or frozen."""
    ends = account["close_date"]
    return account["status"] != AccountStatus.CLOSED and (ends is None or ends > as_of)


def credits(as_of: dt.date, scope: Scope, month: Month) -> dict[int, dict[str, Any]]:
    """Per project the owner's credits known on the day (CNY): `in_month`, `before` its end and
    `after` it; the days of the `previous` one before its end and of the `next` one after it, and
    of the `last` of all. One query."""
    until, after = Q(booked_on__lte=month.last), Q(booked_on__gt=month.last)
    rows = (
        BankEntry.objects.owner_credits(as_of)
        .filter(scope.q("account__project"))
        .order_by()
        .values("account__project")
        .annotate(
            in_month=Sum("amount", filter=until & Q(booked_on__gte=month.first)),
            before=Sum("amount", filter=until),
            after=Sum("amount", filter=after),
            previous=Max("booked_on", filter=until),
            next=Min("booked_on", filter=after),
            last=Max("booked_on"),
        )
    )
    return {row["account__project"]: dict(row) for row in rows}


def sheets_past(field: str, as_of: dt.date, scope: Scope) -> dict[Month, int]:
    """Of how many sheets of each month the day (`sheet_due`, `payday`) has passed: what of
    `Scope.of_months` time alone changes. One query; none outside a run."""
    if scope.kept is None:
        return {}
    past = Cycle.objects.filter(scope.q(), sheet__isnull=False, **{f"{field}__lt": as_of})
    return dict(past.order_by().values_list("month").annotate(Count("pk")))


def histories(
    until: dt.date, projects: Collection[int]
) -> dict[int, list[tuple[dt.date, dt.date | None, str, Decimal | None]]]:
    """Every version of these projects known by a day: known from and until (the end is told even
    when it comes later), status, and labour cost a month (CNY). One query."""
    found: dict[int, list[tuple[dt.date, dt.date | None, str, Decimal | None]]] = {}
    rows = ProjectVersion.objects.filter(project__in=projects, known_from__lte=until)
    for project, *version in rows.values_list(
        "project", "known_from", "known_until", "status", "labour_cost_monthly"
    ):
        found.setdefault(project, []).append(tuple(version))  # type: ignore[arg-type]
    return found
