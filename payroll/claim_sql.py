"""Claims in SQL: what is due, paid and open of each worker's wage of a month, as known on one day.

The one arithmetic that the facts of pay cycles (cycles.py) and the ledger of arrears (ledger.py)
both rest on. It is SQL because its core is a sum over sums (lines -> claims -> cycles), which the
ORM cannot express. Sums are rounded to two places at each step: SQLite adds decimals as floats.
"""

from collections.abc import Collection

from django.db import connection

from wagewatch.months import Month

# The places in braces keep to the projects, and to the cycles with arrears, that are asked for. A
# claim's due: its ordinary lines, and back pay only where it has none (SheetLine's docstring); an
# engagement has one project and employer. Its payments: bank entries, and cash that the worker
# confirmed to have received; without a line they are no claim. The pay day of a month is the one on
# record when the month ended (paydays.PayDays says why).
#
# Lines and payments are summed in one pass, which sorts them once. A sum that skips what it does
# not count, instead of adding zero, costs PostgreSQL nothing for most claims. Without the hints
# SQLite writes each step down, and without the casts it joins by the month alone.
_SQL = """
known_project AS (
    SELECT v.project_id, v.contractor_id FROM projects_projectversion v
    WHERE v.known_from <= %(day)s AND (v.known_until IS NULL OR v.known_until > %(day)s)
      {v_projects}
),
agreed AS (
    SELECT v.project_id, v.pay_day, {version_month} AS month,
           ROW_NUMBER() OVER (PARTITION BY v.project_id ORDER BY v.known_from) AS place,
           LEAD({version_month}) OVER (PARTITION BY v.project_id ORDER BY v.known_from) AS until
    FROM projects_projectversion v WHERE v.known_from <= %(day)s {v_projects}
),
known_sheet AS (
    SELECT s.id, s.project_id, s.employer_id, s.month, s.people FROM payroll_sheet s
    WHERE s.known_from <= %(day)s AND (s.known_until IS NULL OR s.known_until > %(day)s)
      {s_projects}
),
owed AS {owed} (
    SELECT l.engagement_id, l.worked_month AS month, s.project_id, s.employer_id,
           l.net, l.is_back_pay
    FROM known_sheet s JOIN payroll_sheetline l ON l.sheet_id = s.id {l_months} {l_cycles}
),
movement AS NOT MATERIALIZED (
    SELECT o.engagement_id, o.month, o.project_id, o.employer_id,
           CASE WHEN o.is_back_pay THEN NULL ELSE o.net END AS due,
           CASE WHEN o.is_back_pay THEN o.net END AS back_pay,
           {no_sum} AS paid, {no_sum} AS returned, {no_day} AS paid_on
    FROM owed o
    UNION ALL
    SELECT p.engagement_id, p.month, NULL, NULL, NULL, NULL, p.amount,
           CASE WHEN p.is_return THEN -p.amount END,
           CASE WHEN p.is_return THEN NULL ELSE p.booked_on END
    FROM payroll_paymentmatch p {p_projects}
    WHERE p.known_from <= %(day)s {p_months} {p_claims}
    UNION ALL
    SELECT h.engagement_id, h.worked_month, NULL, NULL, NULL, NULL, h.amount, NULL, h.known_from
    FROM payroll_confirmation h {h_projects}
    WHERE h.is_cash AND h.verdict = 'confirmed' AND h.known_from <= %(day)s
      AND (h.known_until IS NULL OR h.known_until > %(day)s) {h_months} {h_claims}
),
summed AS NOT MATERIALIZED (
    SELECT engagement_id, month, CAST(MIN(project_id) AS bigint) AS project_id,
           CAST(MIN(employer_id) AS bigint) AS employer_id,
           ROUND(COALESCE(SUM(due), SUM(back_pay)), 2) AS due,
           ROUND(COALESCE(SUM(paid), 0), 2) AS paid,
           COALESCE(SUM(returned), 0) AS returned, MAX(paid_on) AS last_paid_on
    FROM movement GROUP BY engagement_id, month HAVING MIN(project_id) IS NOT NULL
),
claim AS NOT MATERIALIZED (
    SELECT project_id, employer_id, engagement_id, month, due, paid, returned,
           CASE WHEN due > paid THEN ROUND(due - paid, 2) ELSE 0 END AS unpaid, last_paid_on
    FROM summed
)
"""
AGREED = "(g.place = 1 OR g.month <= {month}) AND (g.until IS NULL OR g.until > {month})"
"""Which row `g` of `agreed` tells the pay day of a month (an ordinal)."""
_OVERDUE = """
    JOIN payroll_cycle o ON o.project_id = s.project_id AND o.employer_id = s.employer_id
     AND o.month = l.worked_month AND o.unpaid > 0 AND o.payday < %(day)s"""


def claims(
    project_ids: Collection[int] | None,
    *,
    months: Collection[Month] | None = None,
    overdue: bool = False,
) -> str:
    """The expressions `known_project`, `agreed`, `known_sheet` and `claim` of a WITH, for the
    parameter `day`; of these projects and months worked, or all. `overdue`: only claims of cycles
    that stand in the table with something unpaid after their payday (a few lines of millions)."""
    known = "AND ({0}.engagement_id, {0}.{1}) IN (SELECT engagement_id, month FROM owed)"
    postgres = connection.vendor == "postgresql"
    return _SQL.strip().format(
        owed="" if overdue else "NOT MATERIALIZED",
        no_sum="NULL::numeric" if postgres else "NULL",
        no_day="NULL::date" if postgres else "NULL",
        v_projects=narrowed("v.project_id", project_ids),
        version_month=month_of("v.known_from"),
        s_projects=narrowed("s.project_id", project_ids),
        p_projects=joined("p", project_ids),
        h_projects=joined("h", project_ids),
        l_months=of_months("l.worked_month", months),
        p_months=of_months("p.month", months),
        h_months=of_months("h.worked_month", months),
        l_cycles=_OVERDUE if overdue else "",
        p_claims=known.format("p", "month") if overdue else "",
        h_claims=known.format("h", "worked_month") if overdue else "",
    )


def month_of(column: str) -> str:
    """The ordinal of a date's month."""
    if connection.vendor == "postgresql":
        return f"(EXTRACT(YEAR FROM {column}) * 12 + EXTRACT(MONTH FROM {column}) - 1)"
    return (
        f"(CAST(strftime('%%Y', {column}) AS INTEGER) * 12"
        f" + CAST(strftime('%%m', {column}) AS INTEGER) - 1)"
    )


def narrowed(column: str, project_ids: Collection[int] | None) -> str:
    """The condition on a column of projects. The ids are integers and stand in the text, so that a
    city's worth of them is no limit of the driver."""
    return "" if project_ids is None else f"AND {column} IN ({_listed(project_ids)})"


def of_months(column: str, months: Collection[Month] | None) -> str:
    """The condition on a column of months, as with projects."""
    if months is None:
        return ""
    return f"AND {column} IN ({', '.join(str(month.ordinal) for month in sorted(months))})"


def joined(table: str, project_ids: Collection[int] | None) -> str:
    """Rows of an engagement, kept to the projects from the start."""
    if project_ids is None:
        return ""
    return (
        f"JOIN projects_engagement own ON own.id = {table}.engagement_id "
        f"AND own.project_id IN ({_listed(project_ids)})"
    )


def _listed(project_ids: Collection[int]) -> str:
    return ", ".join(str(int(pk)) for pk in sorted(project_ids))
