"""The ledger of arrears: what each worker is owed for each month, since when, and by whom.

`Arrear` holds it as known on the day last judged; `fill` is part of computing the cycles. `on`
gives the same rows for any day, past ones too, without touching the table. Both read the one
arithmetic of claim_sql.py.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from payroll import paydays
from payroll.claim_sql import AGREED, claims
from payroll.models import Arrear
from wagewatch import bulk
from wagewatch.calendars import DAY

ZERO = Decimal("0.00")
_FIELDS = (
    *("project_id", "employer_id", "contractor_id", "engagement_id", "worker_id"),
    *("month", "as_of", "payday", "due", "paid", "unpaid"),
)


@dataclass(frozen=True)
class Age:
    """A class of ageing: days after the payday, from and to (inclusive)."""

    key: str
    label: Any
    least: int
    most: int

    def q(self, as_of: dt.date) -> Q:
        return Q(payday__lte=as_of - self.least * DAY, payday__gte=as_of - self.most * DAY)


AGES = (
    Age("week", _("Up to 7 days"), 0, 7),
    Age("month", _("8 to 30 days"), 8, 30),
    Age("quarter", _("31 to 90 days"), 31, 90),
    Age("older", _("Over 90 days"), 91, 40_000),
)
"""In step with rule E1: yellow from day 1, orange from day 8, red from day 31."""

_SELECT = """
WITH {claims}
SELECT {key} c.project_id, c.employer_id, v.contractor_id, c.engagement_id, e.worker_id, c.month,
       {day} AS as_of, {payday} AS payday, c.due, c.paid, c.unpaid
FROM claim c
JOIN known_project v ON v.project_id = c.project_id
{paydays}
JOIN projects_engagement e ON e.id = c.engagement_id
WHERE c.unpaid > 0 AND {payday} < %(day)s
"""
_BY_CALENDAR = f"""JOIN agreed g ON g.project_id = c.project_id
 AND {AGREED.format(month="c.month")}
JOIN payroll_payday d ON d.month = c.month AND d.pay_day = g.pay_day"""
_BY_CYCLE = """JOIN payroll_cycle d ON d.project_id = c.project_id
 AND d.employer_id = c.employer_id AND d.month = c.month"""


def _select(project_ids: Collection[int] | None, *, key: str = "", overdue: bool = False) -> str:
    """The statement of the rows; `overdue` where the cycles in the table are of that day."""
    day = "%(day)s::date" if connection.vendor == "postgresql" else "%(day)s"
    return _SELECT.format(
        claims=claims(project_ids, overdue=overdue),
        key=key,
        day=day,
        payday="d.payday" if overdue else "d.date",
        paydays=_BY_CYCLE if overdue else _BY_CALENDAR,
    )


def fill(as_of: dt.date, project_ids: Collection[int] | None = None) -> int:
    """Refill Arrear for these projects (all when None) from the cycles just computed for `as_of`;
    gives the number of rows. Reads the claims of overdue cycles alone. A handful of statements."""
    if project_ids is not None and not project_ids:
        return 0
    held = Arrear.objects.all()
    if project_ids is not None:
        held = held.filter(project__in=project_ids)
    held._raw_delete(held.db)
    columns = ", ".join(_FIELDS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO payroll_arrear ({columns}) {_select(project_ids, overdue=True)}",
            {"day": as_of.isoformat()},
        )
        count = int(cursor.rowcount)
    if project_ids is None:
        bulk.analyze(Arrear)
    return count


def on(as_of: dt.date, project_ids: Collection[int] | None = None) -> list[Arrear]:
    """The rows of the ledger as known on `as_of`, whatever day the table speaks of; not stored. In
    the order of paydays. A number of queries that does not grow with the rows."""
    if project_ids is not None and not project_ids:
        return []
    paydays.fill(project_ids)
    statement = _select(project_ids, key="NULL AS id,") + "ORDER BY d.date, c.engagement_id"
    return list(Arrear.objects.raw(statement, {"day": as_of.isoformat()}))


def totals(rows: "QuerySet[Arrear]", as_of: dt.date) -> dict[str, Any]:
    """`owed` and `workers` of these rows, `rows`, and the sum of each class of ageing under
    `ages`: they add up to `owed`. Two queries."""
    sums = rows.order_by().aggregate(
        owed=Sum("unpaid", default=ZERO), rows=Count("pk"), **_by_age(as_of)
    )
    people = rows.order_by().values("worker").distinct().count()
    return {
        "owed": sums["owed"],
        "rows": sums["rows"],
        "workers": people,
        "ages": [(age, sums[age.key]) for age in AGES],
    }


def _by_age(as_of: dt.date) -> dict[str, Any]:
    return {age.key: Sum("unpaid", filter=age.q(as_of), default=ZERO) for age in AGES}


def grouped(rows: "QuerySet[Arrear]", by: tuple[str, ...], as_of: dt.date) -> Any:
    """The rows' totals by the fields `by`: owed, workers, oldest payday and each class of ageing.
    A queryset of dicts, to be ordered and paged."""
    return (
        rows.order_by()
        .values(*by)
        .annotate(
            owed=Sum("unpaid"),
            workers=Count("worker", distinct=True),
            oldest=Min("payday"),
            **_by_age(as_of),
        )
    )
