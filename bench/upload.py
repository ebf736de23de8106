"""A 200-line XLSX from upload to report: the median of 20 uploads, on PostgreSQL.

    WAGEWATCH_DATABASE_URL=postgres://postgres@127.0.0.1/postgres python bench/upload.py

Each upload is a corrected sheet of the same 200 workers (a new version), through
`payroll.ingest.receive`, `process` and `report`: what the page calls. Given for comparison: the
time python-calamine alone needs to read the same file.
"""

import datetime as dt
import io
import statistics
import time

from load import cards, credit_code, make_city, resident_ids
from scratch import database

LINES = 200
HEAD = [
    "项目编码",
    "统一社会信用代码",
    "所属月份",
    "姓名",
    "证件类型",
    "身份证号",
    "出勤天数",
    "应发",
    "扣除",
    "实发",
    "工资卡号",
]


def workbook(ids: list[str], numbers: list[str], run: int) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("工资支付表")
    sheet.append(HEAD)
    for n, (number, card) in enumerate(zip(ids, numbers, strict=True)):
        gross = 6000 + n + run
        sheet.append(
            [
                "P000000",
                credit_code(0),
                "2026-03",
                "张三",
                "01",
                number,
                22,
                gross,
                100,
                gross - 100,
                card,
            ]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def main() -> None:
    ids, numbers = resident_ids(LINES), cards(LINES)
    with database("upload"):
        from django.utils import timezone
        from python_calamine import CalamineWorkbook

        from payroll import ingest

        make_city(LINES, ids, numbers)
        times, reads = [], []
        for run in range(21):
            data = workbook(ids, numbers, run)
            start = time.perf_counter()
            CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
            reads.append(time.perf_counter() - start)
            start = time.perf_counter()
            feed = ingest.process(
                ingest.receive(
                    io.BytesIO(data),
                    f"工资支付表-{run}.xlsx",
                    received_on=dt.date(2026, 4, 3),
                    received_at=timezone.now(),
                )
            )
            report = ingest.report(feed)
            times.append(time.perf_counter() - start)
            assert report["status"] == "accepted" and report["accepted"] == LINES, report
    ours, read = statistics.median(times[1:]), statistics.median(reads[1:])
    print(
        f"{LINES}-line XLSX, upload to report: {ours * 1000:.0f} ms (aim 300), worst "
        f"{max(times[1:]) * 1000:.0f} ms; calamine alone {read * 1000:.1f} ms"
    )


if __name__ == "__main__":
    main()
