"""Loading pay sheets: ours against raw COPY and plain bulk_create, in one run, on PostgreSQL.

    WAGEWATCH_DATABASE_URL=postgres://postgres@127.0.0.1/postgres python bench/load.py [--lines N]

Ours is `manage.py load` of one CSV in a process of its own: receive, seal, read, check, resolve
workers, stage, commit, report; its peak memory is that process's. The peer figures write the very
rows that ours left, into the same table with the same indexes and foreign key, emptied before.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from scratch import database
from stdnum.cn import uscc

EMPLOYERS = 4
PER_SHEET = 200
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])


def resident_ids(count: int) -> list[str]:
    """Distinct numbers with right check digits; made up."""
    index = np.arange(count)
    birth = np.datetime64("1965-01-01") + (index // 900).astype("timedelta64[D]")
    text = np.char.replace(birth.astype(str), "-", "")
    serial = np.char.zfill((index % 900 + 100).astype(str), 3)
    body = np.char.add(np.char.add("330902", text), serial)
    digits = np.frombuffer("".join(body).encode(), dtype=np.uint8).reshape(-1, 17) - 48
    check = np.array(list("10X98765432"))[(digits * WEIGHTS).sum(axis=1) % 11]
    return list(np.char.add(body, check))


def cards(count: int) -> list[str]:
    """Distinct 19-digit card numbers with right Luhn digits; made up."""
    body = np.char.add("622848", np.char.zfill(np.arange(count).astype(str), 12))
    digits = (np.frombuffer("".join(body).encode(), dtype=np.uint8).reshape(-1, 18) - 48).astype(
        int
    )
    digits[:, ::-1][:, 0::2] *= 2
    total = np.where(digits > 9, digits - 9, digits).sum(axis=1)
    return list(np.char.add(body, ((10 - total % 10) % 10).astype(str)))


def credit_code(n: int) -> str:
    body = f"9133{n:013d}"
    return body + uscc.calc_check_digit(body)


def make_city(lines: int, ids: list[str], numbers: list[str]) -> None:
    """Projects, employers, workers, cards and engagements straight into the tables."""
    import datetime as dt

    from django.db import connection

    from projects.models import (
        Company,
        Engagement,
        Party,
        Project,
        ProjectVersion,
        Region,
        Worker,
        WorkerCard,
    )
    from wagewatch import bulk, vault

    region = Region.objects.get(code="330902")
    known = dt.date(2026, 1, 1)
    companies = Company.objects.bulk_create(
        Company(code=credit_code(n), name=f"Company {n}") for n in range(EMPLOYERS)
    )
    count = -(-lines // (EMPLOYERS * PER_SHEET))
    facts = {
        "region": region,
        "contractor": companies[0],
        "owner": companies[0],
        "start_date": known,
        "contract_date": known,
        "pay_day": 15,
    }
    projects = Project.objects.bulk_create(
        Project(code=f"P{n:06d}", name=f"Project {n}", **facts) for n in range(count)
    )
    ProjectVersion.objects.bulk_create(
        ProjectVersion(project=p, name=p.name, known_from=known, **facts) for p in projects
    )
    Party.objects.bulk_create(
        Party(project=p, company=c, role="sub", known_from=known)
        for p in projects
        for c in companies
    )
    sealed = vault.encrypt("330902196501011000")
    bulk.copy(
        Worker,
        ["id", "id_type", "id_number", "id_hash", "name", "phone"],
        ((n + 1, "01", sealed, vault.blind(i), "张三", b"") for n, i in enumerate(ids)),
    )
    bulk.copy(
        WorkerCard,
        ["worker", "number", "number_hash", "bank_name", "registered", "known_from"],
        ((n + 1, sealed, vault.blind(c), "", True, known) for n, c in enumerate(numbers)),
    )
    bulk.copy(
        Engagement,
        ["worker", "project", "employer", "team", "work_type", "registered", "known_from"],
        (
            (
                n + 1,
                projects[n // (EMPLOYERS * PER_SHEET)].pk,
                companies[n // PER_SHEET % EMPLOYERS].pk,
                "",
                "",
                True,
                known,
            )
            for n in range(lines)
        ),
    )
    bulk.analyze(Project, Company)
    with connection.cursor() as cursor:  # as autovacuum leaves tables that have stood a while
        for model in (Worker, WorkerCard, Engagement):
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")


def write_csv(path: Path, lines: int, ids: list[str], numbers: list[str]) -> None:
    head = (
        "projectCode,corpCode,payMonth,teamName,workerName,idCardType,idCardNumber,days,"
        "totalPayAmount,deductions,actualAmount,payRollBankCardNumber,confirmedDate,isBackPay\n"
    )
    codes = [credit_code(n) for n in range(EMPLOYERS)]
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        for n in range(lines):
            project, employer = n // (EMPLOYERS * PER_SHEET), n // PER_SHEET % EMPLOYERS
            gross = 6000 + n % 977
            file.write(
                f"P{project:06d},{codes[employer]},2026-03,班组,张三,01,{ids[n]},{20 + n % 7},"
                f"{gross}.00,100.50,{gross - 101}.50,{numbers[n]},2026-04-02,0\n"
            )


def load(path: Path) -> tuple[float, float]:
    """Seconds and peak memory (MB) of the real command."""
    root = Path(__file__).resolve().parent.parent
    start = time.perf_counter()
    done = subprocess.run(
        [
            sys.executable,
            "manage.py",
            "load",
            str(path),
            "--received-on",
            "2026-04-03",
            "--format",
            "json",
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"load failed: {done.stdout[:2000]} {done.stderr[-2000:]}")
    report = json.loads(done.stdout)[0]
    assert report["status"] == "accepted", report
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def peers(path: Path, lines: int) -> tuple[float, float]:
    """Seconds of raw COPY and of plain bulk_create for the rows that ours left."""
    from django.db import connection

    from payroll.models import SheetLine

    table = SheetLine._meta.db_table
    kept = io.BytesIO()
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY (SELECT * FROM {table} ORDER BY id) TO STDOUT") as stream:
            for block in stream:
                kept.write(block)
        assert SheetLine.objects.count() == lines
        cursor.execute(f"TRUNCATE {table} CASCADE")
        start = time.perf_counter()
        with cursor.copy(f"COPY {table} FROM STDIN") as stream:
            kept.seek(0)
            while block := kept.read(1 << 20):
                stream.write(block)
        raw = time.perf_counter() - start
    return raw, plain_bulk_create(path, lines)


def plain_bulk_create(path: Path, lines: int) -> float:
    """Seconds of what one writes first: csv, a dict of engagements (given), bulk_create; no checks.

    Measured on the first 100,000 lines and scaled.
    """
    import csv
    import itertools
    from decimal import Decimal

    from django.db import connection

    from payroll.models import Sheet, SheetLine
    from projects.models import Engagement
    from wagewatch import vault
    from wagewatch.months import Month

    part = min(lines, 100_000)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {SheetLine._meta.db_table} CASCADE")
    sheets = {
        (project, employer): pk
        for project, employer, pk in Sheet.objects.values_list(
            "project__code", "employer__code", "pk"
        )
    }
    known = dict(Engagement.objects.order_by("pk").values_list("worker__id_hash", "pk"))
    with path.open(encoding="utf-8") as file:
        head = list(itertools.islice(csv.DictReader(file), part))
    engagements = {row["idCardNumber"]: known[vault.blind(row["idCardNumber"])] for row in head}
    start = time.perf_counter()
    with path.open(encoding="utf-8") as file:
        rows = itertools.islice(csv.DictReader(file), part)
        SheetLine.objects.bulk_create(
            [
                SheetLine(
                    sheet_id=sheets[row["projectCode"], row["corpCode"]],
                    engagement_id=engagements[row["idCardNumber"]],
                    row=number,
                    worked_month=Month.parse(row["payMonth"]),
                    days=Decimal(row["days"]),
                    gross=Decimal(row["totalPayAmount"]),
                    deductions=Decimal(row["deductions"]),
                    net=Decimal(row["actualAmount"]),
                    card_hash=vault.blind(row["payRollBankCardNumber"]),
                    confirmed_on=row["confirmedDate"],
                    is_back_pay=row["isBackPay"] == "1",
                )
                for number, row in enumerate(rows, 2)
            ],
            batch_size=1000,
        )
    return (time.perf_counter() - start) * lines / part


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    lines = parser.parse_args().lines
    ids, numbers = resident_ids(lines), cards(lines)
    with database("load"):
        make_city(lines, ids, numbers)
        path = Path(os.environ["WAGEWATCH_DATA"]) / "payroll.csv"
        write_csv(path, lines, ids, numbers)
        del ids, numbers
        seconds, memory = load(path)
        raw, created = peers(path, lines)
    print(f"{lines:,} pay lines, {path.name}")
    print(f"ours, validated     {seconds:8.1f} s   peak {memory:,.0f} MB")
    print(f"raw COPY            {raw:8.1f} s   ours runs at {raw / seconds:.2f} of it (aim 0.4)")
    print(f"bulk_create         {created:8.1f} s   ours is {created / seconds:.1f} x (aim 3)")


if __name__ == "__main__":
    main()
