"""Do cycles and ledger agree to the cent with the sheets and payments that they were made from?

The raw rows are added up a second time, by another path than claim_sql.py: the sheet in force is
the last one received and not what `known_until` says, lines and payments are one stream of
movements in whole cents summed once, and the payday comes from the calendar. What differs is
stored, one row for each figure, and is an error of the product or of its data: nobody may be
accused or told a sum until it is explained.
"""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Sum

from payroll import cycles
from payroll.models import Arrear, Cycle, Difference, Reconciliation
from payroll.paydays import PayDays
from payroll.sql import insert
from projects.models import ProjectVersion
from wagewatch import bulk
from wagewatch.calendars import WorkingDays
from wagewatch.known import known_on
from wagewatch.months import Month

Key = tuple[int, int, Month]
Kind = Difference.Kind


@dataclass
class Figures:
    """Of one cycle, in cents: `due`, `paid`, `unpaid`, and the workers with something unpaid.
    `differing`: of those, how many have another sum or none in the ledger."""

    due: int = 0
    paid: int = 0
    unpaid: int = 0
    people: int = 0
    differing: int = 0


_RAW = """
WITH sheet AS (
    SELECT s.id, s.project_id, s.employer_id, ROW_NUMBER() OVER (
        PARTITION BY s.project_id, s.employer_id, s.month
        ORDER BY s.known_from DESC, s.version DESC) AS place
    FROM payroll_sheet s WHERE s.known_from <= %(day)s
),
movement AS (
    SELECT l.engagement_id, l.worked_month AS month,
           CASE WHEN l.is_back_pay THEN 0 ELSE {net} END AS ordinary,
           CASE WHEN l.is_back_pay THEN {net} ELSE 0 END AS back,
           CASE WHEN l.is_back_pay THEN 0 ELSE 1 END AS ordinary_lines, 1 AS lines, 0 AS paid
    FROM payroll_sheetline l JOIN sheet s ON s.id = l.sheet_id AND s.place = 1
    UNION ALL
    SELECT p.engagement_id, p.month, 0, 0, 0, 0, {amount}
    FROM payroll_paymentmatch p WHERE p.known_from <= %(day)s
    UNION ALL
    SELECT h.engagement_id, h.worked_month, 0, 0, 0, 0, {cash}
    FROM payroll_confirmation h
    WHERE h.is_cash AND h.verdict = 'confirmed' AND h.known_from <= %(day)s
      AND (h.known_until IS NULL OR h.known_until > %(day)s)
),
settled AS (
    SELECT engagement_id, month, SUM(paid) AS paid,
           CASE WHEN SUM(ordinary_lines) > 0 THEN SUM(ordinary) ELSE SUM(back) END AS due
    FROM movement GROUP BY engagement_id, month HAVING SUM(lines) > 0
)
SELECT e.project_id, e.employer_id, r.month, SUM(r.due), SUM(r.paid),
       SUM(CASE WHEN r.due > r.paid THEN r.due - r.paid ELSE 0 END),
       SUM(CASE WHEN r.due > r.paid THEN 1 ELSE 0 END),
       SUM(CASE WHEN r.due > r.paid AND COALESCE({owed}, 0) <> r.due - r.paid THEN 1 ELSE 0 END)
FROM settled r
JOIN projects_engagement e ON e.id = r.engagement_id
LEFT JOIN payroll_arrear a ON a.engagement_id = r.engagement_id AND a.month = r.month
GROUP BY e.project_id, e.employer_id, r.month
"""

# An account's matches: more than the entry (or of the other sign), of another project's worker, or
# of an entry that pays no wage.
_ACCOUNTS = """
WITH matched AS (
    SELECT p.entry_id, SUM({amount}) AS sum, MAX(CASE WHEN p.amount < 0 THEN 1 ELSE 0 END) AS minus,
           MIN(CASE WHEN p.amount < 0 THEN 1 ELSE 0 END) AS all_minus,
           COUNT(DISTINCT g.project_id) AS projects, MIN(g.project_id) AS project_id
    FROM payroll_paymentmatch p JOIN projects_engagement g ON g.id = p.engagement_id
    WHERE p.known_from <= %(day)s GROUP BY p.entry_id
)
SELECT b.account_id, c.project_id, COUNT(*), SUM(ABS(m.sum)),
       SUM(CASE WHEN b.kind NOT IN ('wage', 'return') OR b.known_from > %(day)s
                  OR m.projects > 1 OR m.project_id <> c.project_id
                  OR m.minus <> m.all_minus OR (m.minus = 1) <> b.is_return
                THEN 0
                WHEN ABS(m.sum) > {entry} THEN {entry} ELSE ABS(m.sum) END)
FROM matched m JOIN payroll_bankentry b ON b.id = m.entry_id
JOIN projects_account c ON c.id = b.account_id
GROUP BY b.account_id, c.project_id
"""


def check(as_of: dt.date, *, recompute: bool = False) -> Reconciliation:
    """Compare the raw rows with cycles and ledger, store the differences, and give the result.

    The tables must speak of `as_of` (the nightly evaluation sees to it); `recompute` makes them
    anew for another day, and puts them back. A number of queries that does not grow with the rows.
    """
    started = time.perf_counter()
    with transaction.atomic():
        bulk.for_analysis()
        mark = transaction.savepoint()
        if recompute:
            cycles.compute(as_of)
        result = _compare(as_of)
        if recompute:
            transaction.savepoint_rollback(mark)
        else:
            transaction.savepoint_commit(mark)
        made = Reconciliation.objects.create(
            as_of=as_of,
            cycles=result.cycles,
            entries=result.entries,
            workers=result.workers,
            owed=_yuan(result.owed),
            seconds=time.perf_counter() - started,
        )
        for difference in result.differences:
            difference.reconciliation = made
        insert(result.differences)
    return made


@dataclass
class _Result:
    cycles: int = 0
    entries: int = 0
    workers: int = 0
    owed: int = 0
    differences: list[Difference] = field(default_factory=list)


def _compare(as_of: dt.date) -> _Result:
    result = _Result()
    raw = _raw(as_of)
    held = {
        (cycle.project_id, cycle.employer_id, cycle.month): cycle
        for cycle in Cycle.objects.only("project", "employer", "month", *_HELD)
    }
    ledger: dict[Key, tuple[Decimal, int]] = {
        (project, employer, month): (owed, people)
        for project, employer, month, owed, people in Arrear.objects.order_by()
        .values_list("project", "employer", "month")
        .annotate(owed=Sum("unpaid"), people=Count("pk"))
    }
    overdue = _Overdue(as_of)
    for key in sorted({*raw, *held, *ledger}):
        figures = raw.get(key, Figures())
        if not overdue.known(key) and key not in held and key not in ledger:
            continue  # a project that no feed has named by that day has no cycle
        result.cycles += 1
        result.differences += _cycle(key, figures, held.get(key))
        owed = figures if overdue(key) else Figures()
        result.owed += owed.unpaid
        result.workers += owed.people
        result.differences += _ledger(key, owed, *ledger.get(key, (Decimal(0), 0)))
    _accounts(as_of, result)
    return result


_HELD = ("due", "paid", "unpaid", "unpaid_people")


class _Overdue:
    """Whether a cycle's payday has passed, by the calendar and the pay day on record."""

    def __init__(self, as_of: dt.date) -> None:
        self.as_of = as_of
        self.calendar = WorkingDays.load()
        known = ProjectVersion.objects.filter(known_on(as_of)).values_list("project", flat=True)
        self.pay_days = PayDays(as_of, list(known))
        self._seen: dict[tuple[Month, int], bool] = {}

    def known(self, key: Key) -> bool:
        return key[0] in self.pay_days

    def __call__(self, key: Key) -> bool:
        if not self.known(key):
            return False
        asked = (key[2], self.pay_days.of(key[0], key[2]))
        if asked not in self._seen:
            self._seen[asked] = self.calendar.payday(*asked) < self.as_of
        return self._seen[asked]


def _raw(as_of: dt.date) -> dict[Key, Figures]:
    with connection.cursor() as cursor:
        cursor.execute(
            _RAW.format(
                net=_cents("l.net"),
                amount=_cents("p.amount"),
                cash=_cents("h.amount"),
                owed=_cents("a.unpaid"),
            ),
            {"day": as_of.isoformat()},
        )
        return {
            (project, employer, Month(month)): Figures(*map(int, figures))
            for project, employer, month, *figures in cursor.fetchall()
        }


def _cents(column: str) -> str:
    """A sum as whole cents: exact on both databases."""
    return f"CAST(ROUND({column} * 100) AS BIGINT)"


def _yuan(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _cycle(key: Key, raw: Figures, held: Cycle | None) -> Iterator[Difference]:
    said = held or Cycle(due=Decimal(0), paid=Decimal(0), unpaid=Decimal(0), unpaid_people=0)
    yield from _differ(Kind.DUE, key, said.due, _yuan(raw.due))
    yield from _differ(Kind.PAID, key, said.paid, _yuan(raw.paid))
    yield from _differ(Kind.UNPAID, key, said.unpaid, _yuan(raw.unpaid))
    yield from _differ(Kind.PEOPLE, key, Decimal(said.unpaid_people), Decimal(raw.people))


def _ledger(key: Key, raw: Figures, owed: Decimal, people: int) -> Iterator[Difference]:
    yield from _differ(Kind.LEDGER, key, owed, _yuan(raw.unpaid))
    yield from _differ(Kind.LEDGER_PEOPLE, key, Decimal(people), Decimal(raw.people))
    yield from _differ(Kind.WORKERS, key, Decimal(raw.differing), Decimal(0))


def _differ(kind: str, key: Key, held: Decimal, raw: Decimal) -> Iterator[Difference]:
    if held != raw:
        project, employer, month = key
        yield Difference(
            kind=kind, project_id=project, employer_id=employer, month=month, held=held, raw=raw
        )


def _accounts(as_of: dt.date, result: _Result) -> None:
    """What is matched on each account against what its entries can bear."""
    statement = _ACCOUNTS.format(amount=_cents("p.amount"), entry=_cents("b.amount"))
    with connection.cursor() as cursor:
        cursor.execute(statement, {"day": as_of.isoformat()})
        rows: list[Any] = cursor.fetchall()
    for account, project, entries, matched, borne in sorted(rows):
        result.entries += entries
        if matched != borne:
            result.differences.append(
                Difference(
                    kind=Kind.ACCOUNT,
                    project_id=project,
                    account_id=account,
                    held=_yuan(int(matched)),
                    raw=_yuan(int(borne)),
                )
            )
