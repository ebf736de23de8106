"""The facts of every pay cycle (project x employer x month), as known on one day.

One INSERT ... SELECT for all projects, or for the few that changed, the same on both databases.
A *claim* is an engagement and a month worked: what is due on it stands on the sheet lines known,
what was paid on it in the payment matches known. Cycles are sums over claims and attendance.

The ledger of arrears is filled in the same step, from the same claims (claim_sql.py).
"""

import datetime as dt
from collections.abc import Collection
from contextlib import nullcontext
from typing import Any

from django.db import connection, transaction

from payroll import ledger, paydays
from payroll.claim_sql import AGREED, claims, joined, month_of, narrowed, of_months
from payroll.models import Cycle
from wagewatch import bulk
from wagewatch.months import Month


def compute(
    as_of: dt.date,
    project_ids: Collection[int] | None = None,
    months: Collection[Month] | None = None,
) -> int:
    """Refill Cycle, and the ledger of arrears, for these projects (all when None) as known on
    `as_of`; gives the number of cycles filled. `months`: the tables hold an earlier day, and only
    the cycles of these months differ (changes.Changes.months); the others must be marked as of the
    last such day before others see them (`stamp`). A handful of statements, whatever the number of
    rows."""
    if project_ids is not None and not project_ids:
        return 0
    with transaction.atomic(savepoint=False):
        bulk.for_analysis()
        if months is None:
            if project_ids is None:
                bulk.analyze_all()
            paydays.fill(project_ids)
        count = fill(as_of, project_ids, months)
        if project_ids is None and months is None:
            bulk.analyze(Cycle)
        ledger.fill(as_of, project_ids)
    return count


def fill(
    as_of: dt.date,
    project_ids: Collection[int] | None = None,
    months: Collection[Month] | None = None,
) -> int:
    """Refill Cycle alone. The paydays must be there (paydays.fill)."""
    if project_ids is not None and not project_ids:
        return 0
    held = Cycle.objects.all()
    if project_ids is not None:
        held = held.filter(project__in=project_ids)
    if months is not None:
        if not months:
            return 0
        held = held.filter(month__in=months)
    held._raw_delete(held.db)
    statement, values = _statement(as_of, project_ids, months)
    few = project_ids is not None or months is not None
    with nullcontext() if few else bulk.grouping_by_sort(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def stamp(as_of: dt.date, project_ids: Collection[int] | None = None) -> None:
    """The cycles of these projects (all when None), filled for earlier days, hold as known on
    `as_of` too."""
    held = Cycle.objects.exclude(as_of=as_of)
    if project_ids is not None:
        held = held.filter(project__in=project_ids)
    held.update(as_of=as_of)


_SQL = """
INSERT INTO payroll_cycle (
    project_id, employer_id, month, as_of, payday, sheet_due, provisional,
    attended_people, attended_days, last_attended, sheet_id, sheet_received, sheet_people,
    due, disbursed, paid, paid_people, returned, unpaid, unpaid_people, last_paid_on)
WITH {claims},
first_sheet AS (
    SELECT s.project_id, s.employer_id, s.month, MIN(s.known_from) AS received
    FROM payroll_sheet s WHERE s.known_from <= %(day)s {s_projects} {s_months}
    GROUP BY s.project_id, s.employer_id, s.month
),
pay AS (
    SELECT project_id, employer_id, month, ROUND(SUM(due), 2) AS due, ROUND(SUM(paid), 2) AS paid,
           ROUND(SUM(returned), 2) AS returned, ROUND(SUM(unpaid), 2) AS unpaid,
           SUM(CASE WHEN unpaid > 0 THEN 1 ELSE 0 END) AS unpaid_people,
           SUM(CASE WHEN unpaid = 0 AND due > 0 THEN 1 ELSE 0 END) AS paid_people,
           MAX(last_paid_on) AS last_paid_on
    FROM claim GROUP BY project_id, employer_id, month
),
attended_month AS (
    SELECT a.engagement_id, a.month, a.days, a.last_day
    FROM payroll_attendancemonth a {a_projects} WHERE a.settled_on <= %(day)s {a_months}
    UNION ALL
    SELECT a.engagement_id, a.month, COUNT(*), MAX(t.day)
    FROM payroll_attendancemonth a {a_projects}
    JOIN payroll_attendanceday t ON t.engagement_id = a.engagement_id
     AND t.day >= a.first_day AND t.day <= a.last_day AND t.known_from <= %(day)s
    WHERE a.known_from <= %(day)s AND a.settled_on > %(day)s {a_months}
    GROUP BY a.engagement_id, a.month
),
work AS (
    SELECT e.project_id, e.employer_id, a.month, COUNT(*) AS people, SUM(a.days) AS days,
           MAX(a.last_day) AS last_day
    FROM attended_month a JOIN projects_engagement e ON e.id = a.engagement_id
    WHERE e.registered AND e.known_from <= %(day)s {e_projects}
    GROUP BY e.project_id, e.employer_id, a.month
),
credit AS (
    SELECT c.project_id, {entry_month} AS month, ROUND(SUM(b.amount), 2) AS disbursed
    FROM payroll_bankentry b JOIN projects_account c ON c.id = b.account_id
    WHERE b.kind = 'owner' AND b.known_from <= %(day)s {c_projects}
    GROUP BY c.project_id, {entry_month}
),
cycle AS (
    SELECT project_id, employer_id, month FROM work
    UNION SELECT s.project_id, s.employer_id, s.month FROM known_sheet s WHERE true {s_months}
    UNION SELECT project_id, employer_id, month FROM pay
)
SELECT k.project_id, k.employer_id, k.month, {day}, d.date, d.sheet_due, d.provisional,
       COALESCE(w.people, 0), COALESCE(w.days, 0), w.last_day, s.id, f.received,
       COALESCE(s.people, 0), COALESCE(p.due, 0), COALESCE(c.disbursed, 0), COALESCE(p.paid, 0),
       COALESCE(p.paid_people, 0), COALESCE(p.returned, 0), COALESCE(p.unpaid, 0),
       COALESCE(p.unpaid_people, 0), p.last_paid_on
FROM cycle k
JOIN known_project v ON v.project_id = k.project_id
JOIN agreed g ON g.project_id = k.project_id AND {agreed}
JOIN payroll_payday d ON d.month = k.month AND d.pay_day = g.pay_day
LEFT JOIN work w
  ON w.project_id = k.project_id AND w.employer_id = k.employer_id AND w.month = k.month
LEFT JOIN known_sheet s
  ON s.project_id = k.project_id AND s.employer_id = k.employer_id AND s.month = k.month
LEFT JOIN first_sheet f ON s.id IS NOT NULL
  AND f.project_id = k.project_id AND f.employer_id = k.employer_id AND f.month = k.month
LEFT JOIN pay p
  ON p.project_id = k.project_id AND p.employer_id = k.employer_id AND p.month = k.month
LEFT JOIN credit c ON c.project_id = k.project_id AND c.month = k.month
"""


def _statement(
    as_of: dt.date, project_ids: Collection[int] | None, months: Collection[Month] | None
) -> tuple[str, dict[str, Any]]:
    statement = _SQL.format(
        claims=claims(project_ids, months=months),
        agreed=AGREED.format(month="k.month"),
        s_months=of_months("s.month", months),
        a_months=of_months("a.month", months),
        s_projects=narrowed("s.project_id", project_ids),
        e_projects=narrowed("e.project_id", project_ids),
        c_projects=narrowed("c.project_id", project_ids),
        a_projects=joined("a", project_ids),
        entry_month=month_of("b.booked_on"),
        day="%(day)s::date" if connection.vendor == "postgresql" else "%(day)s",
    )
    return statement, {"day": as_of.isoformat()}
