"""What other departments tell of the demo's projects: their own columns, and some that differ.

The registries of the made-up city are HRSS's; here the investment approval platform adds approval
numbers, and the sector departments their permits. Where they differ nothing is overwritten.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from projects.models import Project, Source

DAY = dt.timedelta(days=1)


def files(projects: list[Project]) -> Iterator[tuple[str, Source, bytes]]:
    """(name, source, CSV) for the projects in order of their codes: every sixth has another
    contract price, every seventh another day of start, every ninth another permit number."""
    approvals = [
        {
            "项目编码": one.code,
            "立项代码": f"2025-{one.region_id[:6]}-{number:04d}",
            "合同价": _other(one.contract_amount) if number % 6 == 0 else "",
            "政府投资": "是" if one.government_funded else "否",
        }
        for number, one in enumerate(projects)
    ]
    yield "investment-approval.csv", Source.REFORM, _csv(approvals)
    permits = [
        {
            "项目编码": one.code,
            "施工许可证号": f"{one.permit_number[:-1]}2" if number % 9 == 4 else one.permit_number,
            "发证日期": one.permit_date,
            "开工日期": one.start_date + 30 * DAY if one.start_date and number % 7 == 3 else "",
        }
        for number, one in enumerate(projects)
        if one.industry in ("housing", "municipal")
    ]
    if permits:
        yield "housing-permits.csv", Source.HOUSING, _csv(permits)


def _other(amount: Decimal | None) -> str:
    return str((amount or Decimal(0)) * Decimal("1.05"))


def _csv(rows: Sequence[Mapping[str, object]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("gb18030")
