"""The outlook of every project of a large city, on PostgreSQL.

    WAGEWATCH_DATABASE_URL=postgres://postgres@127.0.0.1/postgres \
        python bench/forecast.py [--projects N]

The city is made by generate_series: two employers a project, five months of pay cycles with their
sheets, half of the employers without a sheet of the last month (ten workers each, half of them with
an agreed rate), an owner that pays on the 12th. Facts are written as they are on the day asked;
measured is what `refresh` does with them, and the processor time of this process in it.
"""

import argparse
import datetime as dt
import statistics
import time

from scratch import database

CITY = """
INSERT INTO projects_company (id, code, name, address)
SELECT i, 'C' || lpad(i::text, 17, '0'), '示例公司' || i, ''
FROM generate_series(1, %(projects)s * 3) i;

INSERT INTO projects_project (id, code, name, region_id, industry, owner_id, contractor_id,
  approval_number, permit_number, contract_date, pay_day, government_funded, start_date, status)
SELECT i, '330902' || lpad(i::text, 8, '0'), '示例工程' || i, '330902', 'housing', i * 3 - 2,
  i * 3 - 1, '', '', '2025-01-01', 15, false, '2025-01-10', '003'
FROM generate_series(1, %(projects)s) i;

INSERT INTO projects_projectversion (project_id, name, region_id, industry, owner_id,
  contractor_id, approval_number, permit_number, contract_date, pay_day, government_funded,
  start_date, status, known_from)
SELECT id, name, region_id, industry, owner_id, contractor_id, '', '', contract_date, pay_day,
  false, start_date, status, '2025-01-02' FROM projects_project;

INSERT INTO projects_account (id, number, project_id, bank_code, bank_name, open_date, status)
SELECT i, '19' || lpad(i::text, 15, '0'), i, '', '', '2025-01-02', 'open'
FROM generate_series(1, %(projects)s) i;

INSERT INTO projects_accountversion (account_id, bank_code, bank_name, open_date, status,
  known_from)
SELECT id, '', '', open_date, status, '2025-01-02' FROM projects_account;

INSERT INTO payroll_bankstatement (account_id, feed_id, reference, to_date, closing, known_from)
SELECT id, 1, '', '2026-04-09', id %% 90000, '2026-04-10' FROM projects_account;

INSERT INTO payroll_bankentry (account_id, reference, is_return, kind, booked_on, amount,
  is_credit, counterparty_name, counterparty_masked, purpose, return_reason, end_to_end, batch,
  implied, feed_id, known_from)
SELECT a.id, 'O' || a.id || '-' || m, false, 'owner', (date '2025-10-12' + m * interval '1 month'),
  90000 + a.id %% 9000, true, '', '', '', '', '', '', false, 1, '2026-04-01'
FROM projects_account a, generate_series(0, 5) m;

INSERT INTO projects_worker (id, id_type, id_number, id_hash, name, phone)
SELECT i, '01', 'x', md5('w' || i)::uuid, '工人' || i, 'x'
FROM generate_series(1, %(projects)s * 10) i;

INSERT INTO projects_engagement (id, worker_id, project_id, employer_id, team, work_type,
  entry_date, registered, known_from, unit_price)
SELECT i, i, p, p * 3, '', '', '2025-02-01', true, '2025-02-01',
  CASE WHEN p %% 2 = 0 THEN 300 END
FROM generate_series(1, %(projects)s * 10) i, LATERAL (SELECT 1 + (i - 1) / 10 AS p) x;

INSERT INTO payroll_attendancemonth (engagement_id, month, days, first_day, last_day, known_from,
  settled_on)
SELECT id, %(month)s, 22, '2026-03-02', '2026-03-31', '2026-03-03', '2026-04-01'
FROM projects_engagement;

INSERT INTO payroll_feed (id, kind, filename, size, sha256, file, channel, received_at,
  received_on, status, rows, accepted, issues_total, progress)
VALUES (1, 'payroll', 'sheet.xlsx', 1, '0', '', 'command', now(), '2026-04-05', 'accepted',
  0, 0, 0, 0);

INSERT INTO payroll_sheet (id, project_id, employer_id, month, version, feed_id, people, gross,
  deductions, net, known_from)
SELECT row_number() OVER (), p, p * 3 - 1 + e, %(month)s - m, 1, 1, 10, 0, 0, 50000, '2026-04-05'
FROM generate_series(1, %(projects)s) p, generate_series(0, 1) e, generate_series(0, 4) m
WHERE m > 0 OR e = 0;

INSERT INTO payroll_cycle (project_id, employer_id, month, as_of, payday, sheet_due, provisional,
  attended_people, attended_days, last_attended, sheet_id, sheet_people, due, disbursed, paid,
  paid_people, returned, unpaid, unpaid_people)
SELECT p, p * 3 - 1 + e, %(month)s - m, '2026-04-10', date '2026-04-15' - m * interval '1 month',
  date '2026-04-10' - m * interval '1 month', false, 10, 220, date '2026-03-31' - m * 30,
  s.id, 10, COALESCE(s.net, 0), 0, CASE WHEN m > 0 THEN 50000 ELSE 0 END, 0, 0,
  CASE WHEN m > 0 THEN 0 ELSE COALESCE(s.net, 0) END, 0
FROM generate_series(1, %(projects)s) p CROSS JOIN generate_series(0, 1) e
CROSS JOIN generate_series(0, 4) m
LEFT JOIN payroll_sheet s ON s.project_id = p AND s.employer_id = p * 3 - 1 + e
  AND s.month = %(month)s - m;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=10_000)
    arguments = parser.parse_args()
    with database("forecast"):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from alerts import forecast
        from alerts.models import Forecast
        from wagewatch.months import Month

        values = {"projects": arguments.projects, "month": Month.parse("2026-03").ordinal}
        with connection.cursor() as cursor:
            for statement in CITY.split(";\n"):
                if statement.strip():
                    cursor.execute(statement, values)
            cursor.execute("VACUUM ANALYZE")
        day = dt.date(2026, 4, 10)
        asked, used, kept = [], [], []
        for _ in range(3):
            started, busy = time.perf_counter(), time.process_time()
            with CaptureQueriesContext(connection) as queries:
                made = forecast.coming(day)
            asked.append(time.perf_counter() - started)
            used.append(time.process_time() - busy)
            started = time.perf_counter()
            forecast.refresh(day)
            kept.append(time.perf_counter() - started)
        short = Forecast.objects.filter(shortfall__gt=0).count()
        print(
            f"{len(made):,} projects, {short:,} short: outlooks in "
            f"{statistics.median(asked):.2f} s "
            f"({statistics.median(used):.2f} s of ours, {len(queries)} queries), "
            f"with keeping them {statistics.median(kept):.2f} s"
        )


if __name__ == "__main__":
    main()
