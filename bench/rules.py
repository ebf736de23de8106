"""All rules over one month of a made-up city, against one sequential scan of the same rows.

    WAGEWATCH_DATABASE_URL=postgres://postgres@127.0.0.1/postgres \
        python bench/rules.py [--workers N]

The city is made by generate_series: projects of 200 workers (two employers each), a month of
attendance days, sheets, payments; about one cycle in twenty-five is not paid at all, one in
twenty-five is paid in part, some workers are on no sheet, some never came, some sheets are revised.
Ours is everything that `evaluate` does: pay cycles, all rules, evidence, warnings, history. The
first round opens every warning; the second, a day later, finds them again and renews their
evidence.
"""

import argparse
import datetime as dt
import resource
import statistics
import time
from collections.abc import Callable

from scratch import database

PER_PROJECT = 200
ROUNDS = 3

CITY = """
INSERT INTO projects_company (id, code, name, address)
SELECT i, 'C' || lpad(i::text, 17, '0'), '示例公司' || i, ''
FROM generate_series(1, %(projects)s * 3) i;

INSERT INTO projects_project (id, code, name, region_id, industry, owner_id, contractor_id,
  approval_number, permit_number, permit_date, contract_date, contract_amount, deposit_ratio,
  labour_cost_monthly, disbursement_cycle_days, pay_day, government_funded, start_date, status)
SELECT i, '330902' || lpad(i::text, 8, '0'), '示例工程' || i,
  (ARRAY['330902', '330903', '330921', '330922'])[1 + i %% 4], 'housing', i * 3 - 2, i * 3 - 1,
  '', CASE WHEN i %% 50 = 4 THEN '' ELSE 'P' || i END, '2025-01-01', '2025-01-01', 48000000, 0.015,
  CASE WHEN i %% 50 = 5 THEN NULL WHEN i %% 50 = 6 THEN 1200000 ELSE 900000 END,
  CASE WHEN i %% 50 = 7 THEN 60 ELSE 30 END, 15, false, '2025-01-10', '003'
FROM generate_series(1, %(projects)s) i;

INSERT INTO projects_projectversion (project_id, name, region_id, industry, owner_id,
  contractor_id, approval_number, permit_number, permit_date, contract_date, contract_amount,
  deposit_ratio, labour_cost_monthly, disbursement_cycle_days, pay_day, government_funded,
  start_date, status, known_from)
SELECT id, name, region_id, industry, owner_id, contractor_id, '', permit_number, permit_date,
  contract_date, contract_amount, deposit_ratio, labour_cost_monthly, disbursement_cycle_days,
  pay_day, false, start_date, status, '2025-01-02' FROM projects_project;

INSERT INTO projects_security (project_id, kind, form, amount, issuer, valid_from, valid_to,
  known_from)
SELECT i, k, 'bank guarantee', 720000, '', '2025-01-02',
  CASE WHEN i %% 50 = 8 THEN date '2026-05-01' ELSE '2027-01-01' END, '2025-06-02'
FROM generate_series(1, %(projects)s) i, unnest(ARRAY['deposit', 'guarantee']) k
WHERE i %% 50 <> CASE k WHEN 'deposit' THEN 9 ELSE 10 END;

INSERT INTO projects_noticeboard (project_id, date, photo_reference, known_from)
SELECT i, '2025-01-12', '', '2025-06-02' FROM generate_series(1, %(projects)s) i
WHERE i %% 50 <> 11;

INSERT INTO projects_account (id, number, project_id, bank_code, bank_name, open_date, status)
SELECT i, '19' || lpad(i::text, 15, '0'), i, '', '', '2025-01-02', 'open'
FROM generate_series(1, %(projects)s) i WHERE i %% 100 > 0;

INSERT INTO projects_accountversion (account_id, bank_code, bank_name, open_date, status,
  known_from)
SELECT id, '', '', open_date, CASE WHEN id %% 50 = 12 THEN 'frozen' ELSE status END, '2025-01-02'
FROM projects_account;

INSERT INTO projects_worker (id, id_type, id_number, id_hash, name, phone)
SELECT i, '01', %(sealed)s, md5('w' || i)::uuid, '工人' || i, %(sealed)s
FROM generate_series(1, %(workers)s) i;

INSERT INTO projects_workercard (worker_id, number, number_hash, bank_name, registered, known_from)
SELECT i, %(sealed)s, md5('c' || i)::uuid, '', true, '2025-01-02'
FROM generate_series(1, %(workers)s) i;

INSERT INTO projects_engagement (id, worker_id, project_id, employer_id, team, work_type,
  entry_date, contract_date, registered, known_from)
SELECT i, i, p, p * 3 - 1 + i %% 2, '', '', '2025-02-01',
  CASE WHEN i %% 3000 = 5 THEN date '2026-03-10' ELSE '2025-02-01' END, true, '2025-02-01'
FROM generate_series(1, %(workers)s) i, LATERAL (SELECT 1 + (i - 1) / %(per)s AS p) x;

INSERT INTO payroll_attendanceday (engagement_id, day, punches, feed_id, known_from)
SELECT i, d::date, 2, 1, d::date + 1
FROM generate_series(timestamp '2026-03-01', '2026-03-31', '1 day') d,
     generate_series(1, %(workers)s) i
WHERE extract(isodow FROM d) < 7 AND i %% 2000 <> 7;

INSERT INTO payroll_attendanceday (engagement_id, day, punches, feed_id, known_from)
SELECT i, d::date, 2, 1, d::date + 1
FROM generate_series(timestamp '2026-04-15', '2026-04-20', '1 day') d,
     generate_series(1, %(workers)s, 50) i WHERE (1 + (i - 1) / %(per)s) %% 50 > 0;

INSERT INTO payroll_attendancemonth (engagement_id, month, days, first_day, last_day, known_from,
  settled_on)
SELECT engagement_id, extract(year FROM day) * 12 + extract(month FROM day) - 1, count(*),
  min(day), max(day), min(known_from), max(known_from)
FROM payroll_attendanceday GROUP BY 1, 2;

INSERT INTO payroll_feed (id, kind, filename, size, sha256, file, channel, received_at,
  received_on, status, rows, accepted, issues_total, progress)
SELECT i, 'payroll', 'sheet' || i || '.xlsx', 1, lpad(i::text, 64, '0'), '', 'command', now(),
  '2026-04-05', 'accepted', 0, 0, 0, 0
FROM generate_series(1, %(projects)s * 2) i;

INSERT INTO payroll_sheet (id, project_id, employer_id, month, version, feed_id, people, gross,
  deductions, net, known_from)
SELECT i, (i + 1) / 2, ((i + 1) / 2) * 3 - 1 + i %% 2, %(month)s, 1, i, %(per)s / 2, 0, 0, 0,
  '2026-04-05'
FROM generate_series(1, %(projects)s * 2) i WHERE i %% 50 <> 3;

INSERT INTO payroll_sheet (id, project_id, employer_id, month, version, feed_id, people, gross,
  deductions, net, known_from, known_until)
SELECT id + 100000000, project_id, employer_id, month, 0, feed_id, people, 0, 0, 0, '2026-04-03',
  known_from FROM payroll_sheet WHERE id %% 50 = 5;

INSERT INTO payroll_sheetline (sheet_id, engagement_id, row, worked_month, days, gross,
  deductions, net, card_hash, is_back_pay, third_code, confirmed_on)
SELECT s.id, e.id, 5 + e.id %% 100, s.month, CASE WHEN e.id %% 2000 = 31 THEN 20 ELSE 26 END,
  g.wage, 0, g.wage + CASE WHEN s.version = 0 AND e.id %% 200 = 33 THEN 100 ELSE 0 END,
  md5('c' || CASE WHEN e.id %% 4000 IN (11, 13, 15) THEN e.id / 4000 * 4000 + 11 ELSE e.id END)
    ::uuid, false, '', CASE WHEN e.id %% 1000 <> 35 THEN date '2026-04-02' END
FROM payroll_sheet s
JOIN projects_engagement e ON e.project_id = s.project_id AND e.employer_id = s.employer_id,
LATERAL (SELECT CASE WHEN e.id %% 4000 = 37 THEN 2000 ELSE 5000 + e.id %% 3000 END AS wage) g
WHERE e.id %% 2500 <> 9;

INSERT INTO payroll_bankentry (id, account_id, reference, is_return, kind, booked_on, amount,
  is_credit, counterparty_name, counterparty_masked, purpose, return_reason,
  end_to_end, implied, feed_id, known_from)
SELECT l.id, s.project_id, 'R' || l.id, false, 'wage', '2026-04-15', l.net, false, '', '', '', '',
  '', false, s.feed_id, '2026-04-16'
FROM payroll_sheetline l JOIN payroll_sheet s ON s.id = l.sheet_id AND s.known_until IS NULL
JOIN projects_account a ON a.id = s.project_id
WHERE s.id %% 25 > 0 AND (s.id %% 25 > 1 OR l.engagement_id %% 40 > 0);

INSERT INTO payroll_bankentry (account_id, reference, is_return, kind, booked_on, amount,
  is_credit, counterparty_name, counterparty_masked, purpose, return_reason,
  end_to_end, implied, feed_id, known_from)
SELECT id, 'O' || id, false, 'owner', CASE WHEN id %% 50 = 1 THEN date '2026-03-01'
  ELSE '2026-04-10' END, 1000000, true, '', '', '', '', '', false, 1, '2026-04-11'
FROM projects_account;

INSERT INTO payroll_bankentry (account_id, reference, is_return, kind, booked_on, amount,
  is_credit, counterparty_name, counterparty_masked, purpose, return_reason,
  end_to_end, implied, feed_id, known_from)
SELECT id, 'M' || id || '-' || n, false, 'owner', date '2026-04-10' - n * 30, 1000000, true, '', '',
  '', '', '', false, 1, date '2026-04-11' - n * 30
FROM projects_account, generate_series(1, 12) n WHERE id %% 50 <> 1;

INSERT INTO payroll_bankentry (account_id, reference, is_return, kind, booked_on, amount,
  is_credit, counterparty_name, counterparty_hash, counterparty_masked, purpose, return_reason,
  end_to_end, implied, feed_id, known_from)
SELECT id, 'D' || id || '-' || n, false, 'debit', date '2026-04-12' - n * 30,
  CASE WHEN n %% 3 > 0 THEN 12 ELSE 8000 END, false, '示例建材',
  CASE WHEN n %% 3 > 0 THEN NULL ELSE md5('m' || id)::uuid END, '', '', '', '', false, 1,
  date '2026-04-13' - n * 30
FROM projects_account, generate_series(1, 12) n WHERE id %% 50 = 13 OR n %% 3 > 0;

INSERT INTO payroll_bankentry (account_id, reference, is_return, kind, booked_on, amount,
  is_credit, counterparty_name, counterparty_masked, purpose, return_reason,
  end_to_end, implied, returns_id, feed_id,
  known_from)
SELECT account_id, reference, true, 'return', '2026-04-10', amount, true, '', '', '', '账号不符',
  '', false, id, feed_id, '2026-04-17'
FROM payroll_bankentry WHERE kind = 'wage' AND id %% 3000 = 17;

INSERT INTO payroll_paymentmatch (entry_id, engagement_id, month, amount, booked_on, is_return,
  method, known_from)
SELECT b.id, l.engagement_id, l.worked_month, CASE WHEN b.is_return THEN -b.amount ELSE b.amount
  END, b.booked_on, b.is_return, 'account', b.known_from
FROM payroll_bankentry b JOIN payroll_sheetline l ON l.id = COALESCE(b.returns_id, b.id)
WHERE b.kind IN ('wage', 'return');

INSERT INTO payroll_bankstatement (account_id, feed_id, reference, to_date, known_from)
SELECT id, 1, '', '2026-04-19', '2026-04-19' FROM projects_account;
"""

SCAN = (
    "SELECT count(*), sum(net), max(card_hash::text) FROM payroll_sheetline",
    "SELECT count(*), max(day) FROM payroll_attendanceday WHERE punches > 0",
    "SELECT count(*), sum(amount) FROM payroll_paymentmatch",
)


def make(workers: int) -> None:
    from django.db import connection, transaction
    from django.db.models import BooleanField, CharField

    from payroll.models import BankEntry, BankStatement, Feed, Sheet, SheetLine
    from wagewatch import vault
    from wagewatch.months import Month

    values = {
        "workers": workers,
        "projects": workers // PER_PROJECT,
        "per": PER_PROJECT,
        "month": Month.parse("2026-03").ordinal,
        "sealed": vault.encrypt("330902198001011232"),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # Rows of one generator need no check of each reference to another.
        cursor.execute("SET LOCAL session_replication_role = replica")
        # Columns not named are empty.
        for model in (Feed, Sheet, SheetLine, BankEntry, BankStatement):
            for column in model._meta.concrete_fields:
                if isinstance(column, (CharField, BooleanField)):
                    empty = "false" if isinstance(column, BooleanField) else "''"
                    cursor.execute(
                        f"ALTER TABLE {model._meta.db_table} "
                        f"ALTER COLUMN {column.column} SET DEFAULT {empty}"
                    )
        # The entry's key is its line's: entries made without one must start above them.
        for statement in CITY.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
            if "payroll_sheetline (" in statement:
                cursor.execute(
                    "SELECT setval('payroll_bankentry_id_seq',"
                    " (SELECT max(id) FROM payroll_sheetline) + 1)"
                )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def timed(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def scan() -> None:
    """Each table once, from the first row to the last, by one process."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in SCAN:
            cursor.execute(statement)
            cursor.fetchall()


def settings(**values: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for name, value in values.items():
            cursor.execute(f"SET {name} = {value}")


def by_part(as_of: dt.date) -> dict[str, float]:
    """Seconds of the cycles and of each rule's finding, alone."""
    from alerts.rules import catalogue
    from alerts.rules.base import Scope
    from payroll import cycles

    parts = {"cycles": timed(lambda: cycles.compute(as_of))}
    for code, rule in catalogue().items():
        if rule.follows:  # asked of what the others found
            continue
        parts[code] = statistics.median(
            timed(lambda rule=rule: rule.find(as_of, Scope(), rule.defaults)) for _ in range(3)
        )
    return parts


def of_ledger(as_of: dt.date) -> dict[str, float]:
    """Seconds of the ledger of arrears: filling it, checking it, its totals and pages; and of the
    standing of all companies."""
    from alerts import scoring
    from payroll import ledger, reconciliation
    from payroll.models import Arrear
    from wagewatch.paging import paged

    rows = Arrear.objects.filter(project__region__code__startswith="3309")
    first = paged(rows.select_related("worker", "project"), ("payday", "engagement_id"), {})

    def page(after: str) -> object:
        return paged(
            rows.select_related("worker", "project"),
            ("payday", "engagement_id"),
            {"after": after},
        )

    return {
        "fill": timed(lambda: ledger.fill(as_of)),
        "check": timed(lambda: reconciliation.check(as_of)),
        "totals": timed(lambda: ledger.totals(rows, as_of)),
        "by project": timed(lambda: list(ledger.grouped(rows, ("project",), as_of)[:50])),
        "page": timed(lambda: page(first.following)),
        "standings": timed(lambda: scoring.compute(as_of)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=100_000)
    arguments = parser.parse_args()
    with database("rules"):
        from collections import Counter

        from alerts import engine
        from alerts.models import Warning
        from payroll.models import AttendanceDay, PaymentMatch, SheetLine
        from projects.models import Project

        make(arguments.workers)
        models = (SheetLine, AttendanceDay, PaymentMatch)
        print(", ".join(f"{m.objects.count():,} {m.__name__}" for m in models))
        settings(max_parallel_workers_per_gather="0")
        scan()
        base = statistics.median(timed(scan) for _ in range(7))
        settings(max_parallel_workers_per_gather="2")
        print(f"one sequential scan of these rows  {base:7.3f} s")
        first = dt.date(2026, 4, 18)
        print(f"first evaluation                   {timed(lambda: engine.evaluate(first)):7.3f} s")
        took = [timed(lambda n=n: engine.evaluate(first + dt.timedelta(n))) for n in range(1, 4)]
        ours = statistics.median(took)
        print(f"all rules, a day later             {ours:7.3f} s = {ours / base:.1f} scans")
        last = first + dt.timedelta(3)
        again = timed(lambda: engine.evaluate(last))
        print(f"the same day again                 {again:7.3f} s = {again / base:.1f} scans")
        ids = list(Project.objects.order_by("pk").values_list("pk", flat=True)[7:18])
        one = statistics.median(timed(lambda pk=pk: engine.evaluate(last, [pk])) for pk in ids)
        print(f"one project of {PER_PROJECT} workers          {one * 1000:7.1f} ms")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"memory of this process, peak       {peak:5d} MB")
        opened = Counter(Warning.objects.open().values_list("rule", flat=True))
        print("open:", ", ".join(f"{rule} {count}" for rule, count in sorted(opened.items())))
        parts = by_part(last)
        print("parts:", ", ".join(f"{name} {took * 1000:.0f} ms" for name, took in parts.items()))
        parts = of_ledger(last)
        print("ledger:", ", ".join(f"{name} {took * 1000:.0f} ms" for name, took in parts.items()))


if __name__ == "__main__":
    main()
