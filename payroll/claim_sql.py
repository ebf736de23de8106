"""Claims in SQL: what is due, paid and open of each worker's wage of a month, as known on one day.

The one arithmetic that the facts of pay cycles (cycles.py) and the ledger of arrears (ledger.py)
both rest on. It is SQL because its core is a sum over sums (lines -> claims -> cycles), which the
ORM cannot express. Sums are rounded to two places at each step: SQLite adds decimals as floats.
"""

from collections.abc import Collection

from django.db import connection

# The places in braces keep to the projects, and to the cycles with arrears, that are asked for. A
# claim's due: its ordinary lines, and back pay only where it has none (SheetLine's docstring); an
# engagement has one project and employer. Its payments: bank entries, and cash that the worker
# confirmed to have received. The pay day of a month is the one on record when the month ended
# (paydays.PayDays says why). A sum that skips what it does not count, instead of adding zero, costs
# PostgreSQL nothing for most claims.
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
promised AS (
    SELECT MIN(s.project_id) AS project_id, MIN(s.employer_id) AS employer_id, l.engagement_id,
           l.worked_month AS month,
           COALESCE(SUM(CASE WHEN l.is_back_pay THEN NULL ELSE l.net END),
                    SUM(CASE WHEN l.is_back_pay THEN l.net END)) AS due
    FROM known_sheet s JOIN payroll_sheetline l ON l.sheet_id = s.id {l_cycles}
    GROUP BY l.engagement_id, l.worked_month
),
payment AS (
    SELECT p.engagement_id, p.month, p.amount, p.is_return, p.booked_on
    FROM payroll_paymentmatch p {p_projects}
    WHERE p.known_from <= %(day)s {p_claims}
    UNION ALL
    SELECT h.engagement_id, h.worked_month, h.amount, FALSE, h.known_from
    FROM payroll_confirmation h {h_projects}
    WHERE h.is_cash AND h.verdict = 'confirmed' AND h.known_from <= %(day)s
      AND (h.known_until IS NULL OR h.known_until > %(day)s) {h_claims}
),
settled AS (
    SELECT p.engagement_id, p.month, SUM(p.amount) AS paid,
           SUM(CASE WHEN p.is_return THEN -p.amount END) AS returned,
           MAX(CASE WHEN p.is_return THEN NULL ELSE p.booked_on END) AS last_paid_on
    FROM payment p
    GROUP BY p.engagement_id, p.month
),
claim AS (
    SELECT d.project_id, d.employer_id, d.engagement_id, d.month, ROUND(d.due, 2) AS due,
           ROUND(COALESCE(p.paid, 0), 2) AS paid, COALESCE(p.returned, 0) AS returned,
           CASE WHEN ROUND(d.due - COALESCE(p.paid, 0), 2) > 0
                THEN ROUND(d.due - COALESCE(p.paid, 0), 2) ELSE 0 END AS unpaid,
           p.last_paid_on
    FROM promised d LEFT JOIN settled p
      ON p.engagement_id = d.engagement_id AND p.month = d.month
)
"""
AGREED = "(g.place = 1 OR g.month <= {month}) AND (g.until IS NULL OR g.until > {month})"
"""Which row `g` of `agreed` tells the pay day of a month (an ordinal)."""
_OVERDUE = """
    JOIN payroll_cycle o ON o.project_id = s.project_id AND o.employer_id = s.employer_id
     AND o.month = l.worked_month AND o.unpaid > 0 AND o.payday < %(day)s"""


def claims(project_ids: Collection[int] | None, *, overdue: bool = False) -> str:
    """The expressions `known_project`, `agreed`, `known_sheet` and `claim` of a WITH, for the
    parameter `day`; of these projects, or all. `overdue`: only claims of cycles that stand in the
    table with something unpaid after their payday (a few lines of millions)."""
    known = "AND ({0}.engagement_id, {0}.{1}) IN (SELECT engagement_id, month FROM promised)"
    return _SQL.strip().format(
        v_projects=narrowed("v.project_id", project_ids),
        version_month=month_of("v.known_from"),
        s_projects=narrowed("s.project_id", project_ids),
        p_projects=joined("p", project_ids),
        h_projects=joined("h", project_ids),
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
