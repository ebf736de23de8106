"""Reading and checking a pay sheet as XLSX: ours against python-calamine alone, in one run.

    python bench/xlsx.py [--rows 100000]

Ours is the reader and all column checks (no database: projects and companies are given).
"""

import argparse
import datetime as dt
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from load import cards, credit_code, resident_ids

HEADINGS = (
    "projectCode,corpCode,payMonth,teamName,workerName,idCardType,idCardNumber,days,"
    "totalPayAmount,deductions,actualAmount,payRollBankCardNumber,confirmedDate,isBackPay"
)


def write(path: Path, rows: int) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet()
    sheet.append(HEADINGS.split(","))
    codes = [credit_code(n) for n in range(4)]
    for n, (number, card) in enumerate(zip(resident_ids(rows), cards(rows), strict=True)):
        gross = 6000 + n % 977
        sheet.append(
            [f"P{n // 800:06d}", codes[n // 200 % 4], "2026-03", "班组", "张三", "01", number,
             20 + n % 7, gross, 100.5, gross - 100.5, card, "2026-04-02", "0"]
        )  # fmt: skip
    book.save(path)


def calamine(path: Path) -> int:
    from python_calamine import CalamineWorkbook

    return len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()) - 1


class Everything:
    """Lookups that know every project and company."""

    member = None

    def projects(self, codes: Any) -> dict[str, Any]:
        return {code: SimpleNamespace(pk=int(code[1:]) + 1) for code in codes}

    def companies(self, codes: Any) -> dict[str, int]:
        return {code: n for n, code in enumerate(codes, start=1)}

    def employers(self, projects: Any) -> set[tuple[int, int]]:
        return {(project, employer) for project in projects for employer in range(1, 5)}

    def speaks_for(self, project: int, employer: int) -> bool:
        return True


def ours(path: Path) -> int:
    from payroll import feeds
    from payroll.checks import payroll as checks
    from payroll.checks.issues import Issues

    issues, totals, rows = Issues(), checks.Totals(), 0
    feed = SimpleNamespace(received_on=dt.date(2026, 4, 9))
    with path.open("rb") as file:
        source = feeds.Source(file, path.name)
        for chunk in feeds.detect(source).read(source, issues):
            checks.check(chunk, issues, Everything(), feed, totals)
            rows += len(chunk.frame)
    assert not issues.errors, issues.items[:3]
    return rows


def best(read: Callable[[Path], int], path: Path, rows: int) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        assert read(path) == rows
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    import os
    import sys

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    with tempfile.TemporaryDirectory(prefix="wagewatch-bench-") as data:
        os.environ |= {"WAGEWATCH_DATA": data, "DJANGO_SETTINGS_MODULE": "wagewatch.settings"}
        import django

        django.setup()
        path = Path(data) / "sheet.xlsx"
        write(path, rows)
        alone = best(calamine, path, rows)
        checked = best(ours, path, rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows:,} rows of XLSX")
    print(f"calamine alone     {alone:6.2f} s")
    ratio = f"{checked / alone:.1f} x (aim 3)"
    print(f"read and checked   {checked:6.2f} s = {ratio}, peak {peak:,.0f} MB")


if __name__ == "__main__":
    main()
