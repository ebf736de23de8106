"""The facts of every pay cycle (project x employer x month), as known on one day.

One INSERT ... SELECT for all projects, or for the few that changed, the same on both databases.
A *claim* is an engagement and a month worked: what is due on it stands on the sheet lines known,
what was paid on it in the payment matches known. Cycles are sums over claims and attendance.

The statement is written as SQL because its core is a sum over sums (lines -> claims -> cycles),
which the ORM cannot express. Sums are rounded to two places at each step: SQLite adds decimals
as floats.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min

from payroll.models import AttendanceMonth, Cycle, Payday, SheetLine
from wagewatch import bulk
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.months import Month

SHEET_DUE_DAYS = 5
"""The sheet is due this many days before the payday (rules.md)."""


def compute(
    as_of: dt.date, project_ids: Collection[int] | None = None, *, paydays: bool = True
) -> int:
    """Refill Cycle for these projects (all when None) as known on `as_of`; gives the number of
    cycles. A handful of statements, whatever the number of rows. `paydays`: see first to the rows
    of Payday; a replay that has done so once need not again."""
    if project_ids is not None and not project_ids:
        return 0
    statement, values = _statement(as_of, project_ids)
    with transaction.atomic():
        bulk.for_analysis()
        if paydays:
            ensure_paydays(project_ids)
        _empty(project_ids)
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            count = int(cursor.rowcount)
        if project_ids is None:
            bulk.analyze(Cycle)
    return count


def fill_paydays(first: Month, last: Month) -> None:
    """Payday rows for the months first..last by the calendar as it is known now; rows whose date
    has changed (a newly announced calendar) are corrected."""
    calendar = WorkingDays.load()
    held = {
        (payday.month, payday.pay_day): payday
        for payday in Payday.objects.filter(month__gte=first, month__lte=last)
    }
    made, changed = [], []
    for ordinal in range(first.ordinal, last.ordinal + 1):
        month = Month(ordinal)
        provisional = not calendar.is_announced((month + 1).year)
        for pay_day in range(1, 29):
            date = calendar.payday(month, pay_day)
            row = held.get((month, pay_day))
            if row is None:
                row = Payday(month=month, pay_day=pay_day)
                made.append(row)
            elif (row.date, row.provisional) != (date, provisional):
                changed.append(row)
            row.date, row.provisional = date, provisional
            row.sheet_due = date - SHEET_DUE_DAYS * DAY
    Payday.objects.bulk_create(made, ignore_conflicts=True)
    if changed:
        Payday.objects.bulk_update(changed, ["date", "sheet_due", "provisional"])


def ensure_paydays(project_ids: Collection[int] | None = None) -> None:
    """Paydays of every month that attendance or a sheet line of these projects is about. For a few
    projects those that are there are trusted: the whole city's turn corrects them."""
    attended, promised = AttendanceMonth.objects.all(), SheetLine.objects.all()
    if project_ids is not None:
        attended = attended.filter(engagement__project__in=project_ids)
        promised = promised.filter(sheet__project__in=project_ids)
    found = [
        month
        for rows, field in ((attended, "month"), (promised, "worked_month"))
        for month in rows.aggregate(first=Min(field), last=Max(field)).values()
        if month is not None
    ]
    if not found:
        return
    first, last = min(found), max(found)
    if project_ids is not None:
        there = set(Payday.objects.filter(pay_day=1).values_list("month", flat=True))
        if all(Month(ordinal) in there for ordinal in range(first.ordinal, last.ordinal + 1)):
            return
    fill_paydays(first, last)


def _empty(project_ids: Collection[int] | None) -> None:
    cycles = Cycle.objects.all()
    if project_ids is not None:
        cycles = cycles.filter(project__in=project_ids)
    cycles._raw_delete(cycles.db)


# The narrowed() places keep to the projects asked for. A claim's due: its ordinary lines, and back
# pay only where it has none (SheetLine's docstring); an engagement has one project and employer.
# Its payments: bank entries, and cash that the worker confirmed to have received.
_SQL = """
INSERT INTO payroll_cycle (
    project_id, employer_id, month, as_of, payday, sheet_due, provisional,
    attended_people, attended_days, last_attended, sheet_id, sheet_received, sheet_people,
    due, disbursed, paid, paid_people, returned, unpaid, unpaid_people, last_paid_on)
WITH known_project AS (
    SELECT v.project_id, v.pay_day FROM projects_projectversion v
    WHERE v.known_from <= %(day)s AND (v.known_until IS NULL OR v.known_until > %(day)s)
      {v_projects}
),
known_sheet AS (
    SELECT s.id, s.project_id, s.employer_id, s.month, s.people FROM payroll_sheet s
    WHERE s.known_from <= %(day)s AND (s.known_until IS NULL OR s.known_until > %(day)s)
      {s_projects}
),
first_sheet AS (
    SELECT s.project_id, s.employer_id, s.month, MIN(s.known_from) AS received
    FROM payroll_sheet s WHERE s.known_from <= %(day)s {s_projects}
    GROUP BY s.project_id, s.employer_id, s.month
),
promised AS (
    SELECT MIN(s.project_id) AS project_id, MIN(s.employer_id) AS employer_id, l.engagement_id,
           l.worked_month AS month,
           CASE WHEN MIN(CASE WHEN l.is_back_pay THEN 1 ELSE 0 END) = 1 THEN SUM(l.net)
                ELSE SUM(CASE WHEN l.is_back_pay THEN 0 ELSE l.net END) END AS due
    FROM known_sheet s JOIN payroll_sheetline l ON l.sheet_id = s.id
    GROUP BY l.engagement_id, l.worked_month
),
payment AS (
    SELECT p.engagement_id, p.month, p.amount, p.is_return, p.booked_on
    FROM payroll_paymentmatch p {p_projects}
    WHERE p.known_from <= %(day)s
    UNION ALL
    SELECT h.engagement_id, h.worked_month, h.amount, FALSE, h.known_from
    FROM payroll_confirmation h {h_projects}
    WHERE h.is_cash AND h.verdict = 'confirmed' AND h.known_from <= %(day)s
      AND (h.known_until IS NULL OR h.known_until > %(day)s)
),
settled AS (
    SELECT p.engagement_id, p.month, SUM(p.amount) AS paid,
           SUM(CASE WHEN p.is_return THEN -p.amount ELSE 0 END) AS returned,
           MAX(CASE WHEN p.is_return THEN NULL ELSE p.booked_on END) AS last_paid_on
    FROM payment p
    GROUP BY p.engagement_id, p.month
),
claim AS (
    SELECT d.project_id, d.employer_id, d.month, ROUND(d.due, 2) AS due,
           ROUND(COALESCE(p.paid, 0), 2) AS paid, COALESCE(p.returned, 0) AS returned,
           CASE WHEN ROUND(d.due - COALESCE(p.paid, 0), 2) > 0
                THEN ROUND(d.due - COALESCE(p.paid, 0), 2) ELSE 0 END AS unpaid,
           p.last_paid_on
    FROM promised d LEFT JOIN settled p
      ON p.engagement_id = d.engagement_id AND p.month = d.month
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
    FROM payroll_attendancemonth a {a_projects} WHERE a.settled_on <= %(day)s
    UNION ALL
    SELECT a.engagement_id, a.month, COUNT(*), MAX(t.day)
    FROM payroll_attendancemonth a {a_projects}
    JOIN payroll_attendanceday t ON t.engagement_id = a.engagement_id
     AND t.day >= a.first_day AND t.day <= a.last_day AND t.known_from <= %(day)s
    WHERE a.known_from <= %(day)s AND a.settled_on > %(day)s
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
    UNION SELECT project_id, employer_id, month FROM known_sheet
    UNION SELECT project_id, employer_id, month FROM pay
)
SELECT k.project_id, k.employer_id, k.month, {day}, d.date, d.sheet_due, d.provisional,
       COALESCE(w.people, 0), COALESCE(w.days, 0), w.last_day, s.id, f.received,
       COALESCE(s.people, 0), COALESCE(p.due, 0), COALESCE(c.disbursed, 0), COALESCE(p.paid, 0),
       COALESCE(p.paid_people, 0), COALESCE(p.returned, 0), COALESCE(p.unpaid, 0),
       COALESCE(p.unpaid_people, 0), p.last_paid_on
FROM cycle k
JOIN known_project v ON v.project_id = k.project_id
JOIN payroll_payday d ON d.month = k.month AND d.pay_day = v.pay_day
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
    as_of: dt.date, project_ids: Collection[int] | None
) -> tuple[str, dict[str, Any] | list[Any]]:
    """The statement and its values; project ids are integers and stand in the text, so that a
    city's worth of them is no limit of the driver."""
    chosen = "" if project_ids is None else ", ".join(str(int(pk)) for pk in sorted(project_ids))
    postgres = connection.vendor == "postgresql"

    def narrowed(column: str) -> str:
        return f"AND {column} IN ({chosen})" if chosen else ""

    def joined(table: str) -> str:
        """Rows of an engagement, kept to the projects from the start."""
        return (
            f"JOIN projects_engagement own ON own.id = {table}.engagement_id "
            f"AND own.project_id IN ({chosen})"
            if chosen
            else ""
        )

    statement = _SQL.format(
        v_projects=narrowed("v.project_id"),
        s_projects=narrowed("s.project_id"),
        e_projects=narrowed("e.project_id"),
        c_projects=narrowed("c.project_id"),
        p_projects=joined("p"),
        h_projects=joined("h"),
        a_projects=joined("a"),
        entry_month=(
            "(EXTRACT(YEAR FROM b.booked_on) * 12 + EXTRACT(MONTH FROM b.booked_on) - 1)"
            if postgres
            else "(CAST(strftime('%%Y', b.booked_on) AS INTEGER) * 12"
            " + CAST(strftime('%%m', b.booked_on) AS INTEGER) - 1)"
        ),
        day="%(day)s::date" if postgres else "%(day)s",
    )
    return statement, {"day": as_of.isoformat()}
