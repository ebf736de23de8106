"""D4: a full month worked, and a gross wage below the region's minimum wage in force."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef, Q

from alerts.rules.base import (
    ORANGE,
    PAY_SHEET,
    ZERO,
    CycleKey,
    Finding,
    Months,
    Param,
    Rule,
    Scope,
    Values,
    in_months,
)
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll import attendance
from payroll.attendance import Stay
from payroll.changes import ATTENDANCE, SHEETS
from payroll.models import AttendanceMonth, SheetLine
from projects.minimum_wages import MinimumWages
from projects.models import MinimumWage
from wagewatch import identity
from wagewatch.bilingual import Text
from wagewatch.known import known_on
from wagewatch.months import Month

COLUMNS = (
    *WORKER_COLUMNS,
    Column("row", "表中行号", "Row", "count"),
    Column("file", "文件", "File"),
    Column("attended", "考勤天数", "Days attended", "count"),
    Column("gross", "当月应发合计(含补发)", "Gross for the month, back pay included", "money"),
    Column("minimum", "最低工资标准", "Minimum wage", "money"),
    Column("short", "差额", "Short by", "money"),
)


class BelowMinimum(Rule):
    code = "D4"
    title = Text("出满勤而应发低于最低工资", "Full month worked, gross below the minimum wage")
    stage = PAY_SHEET
    why = Text(
        "出满勤的工人应发工资不得低于项目所在地最低工资标准;地区和月份没有标准在册的,不作判断。",
        "Who works a full month earns at least the minimum wage where the project stands; without "
        "a value on record for region and month nothing is judged.",
    )
    law = ("Inspection 26(2)",)
    levels = Text("橙色。", "Orange.")
    clears = Text(
        "更正工资支付表,或以补发补足差额;或者更正考勤、最低工资标准。",
        "A corrected sheet or back pay makes up the difference; or attendance or the minimum wage "
        "on record is corrected.",
    )
    needs = ("attendance", "payroll")
    responsible = ("employer", "general")
    params = (
        Param("days", 21, "days", 15, 31, Text("出满勤天数", "Days attended in a full month")),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        table = MinimumWages.known_on(as_of)
        found = scope.of_months(
            (SHEETS, ATTENDANCE),
            as_of,
            self._suspects,
            itemgetter("month"),
            *(values["days"], table.highest),
        )
        lines = [dict(line) for line in found]
        stays = {(line["project"], line["worker"], line["month"]) for line in lines}
        attended = attendance.days_of(as_of, stays)
        gross = _gross(as_of, stays) if stays else {}
        cycles: dict[CycleKey, list[dict[str, Any]]] = defaultdict(list)
        for line in lines:
            stay = (line["project"], line["worker"], line["month"])
            minimum = table.of(line["region"], line["month"])
            line["attended"] = attended[stay].get(line["engagement"], 0)
            if minimum is None or line["attended"] < values["days"]:
                continue
            line["gross"], line["minimum"] = gross[stay], minimum
            if line["gross"] < minimum.monthly:
                cycles[(line["project"], line["employer"], line["month"])].append(line)
        return [_finding(key, mine, values["days"]) for key, mine in cycles.items()]

    def _suspects(
        self, as_of: dt.date, scope: Scope, months: Months, days: int, highest: Decimal
    ) -> list[dict[str, Any]]:
        """Ordinary lines of past months below the highest minimum wage of all, of workers whose
        month is full by its summary, or whose summary tells of later days."""
        full = AttendanceMonth.objects.filter(
            Q(days__gte=days) | Q(settled_on__gt=as_of),
            engagement=OuterRef("engagement"),
            month=OuterRef("worked_month"),
        )
        rows = (
            SheetLine.objects.filter(
                Exists(full),
                known_on(as_of, "sheet__"),
                scope.q("sheet__project"),
                in_months("sheet__month", months),
                gross__lt=highest,
                sheet__month__lt=Month.of(as_of),
                is_back_pay=False,
            )
            .order_by()
            .values_list(
                *("sheet__project", "sheet__project__region", "sheet__employer", "sheet__month"),
                *("engagement__worker", "engagement", "pk", "sheet__known_from"),
            )
        )
        names = ("project", "region", "employer", "month", "worker", "engagement", "pk", "received")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        lines = {
            row[0]: row[1:]
            for row in SheetLine.objects.filter(
                pk__in={line["pk"] for finding in findings for line in finding.data["lines"]}
            ).values_list(
                *("pk", "engagement__worker__name", "engagement__worker__id_number", "row"),
                *("sheet__feed__filename", "sheet__feed"),
            )
        }
        regions = dict(
            MinimumWage.objects.filter(
                pk__in={finding.data["minimum"] for finding in findings}
            ).values_list("pk", "region__name_zh")
        )
        return [self._one(finding, lines, regions) for finding in findings]

    def _one(
        self, finding: Finding, lines: dict[int, tuple[Any, ...]], regions: dict[int, str]
    ) -> Evidence:
        data, made, rows = finding.data, Evidence(), []
        for line in data["lines"]:
            name, number, row, file, feed = lines[line["pk"]]
            made.feeds.add(feed)
            rows.append(
                {
                    "worker": name,
                    "id": identity.mask_id(number),
                    "row": row,
                    "file": file,
                    "attended": line["attended"],
                    "gross": line["gross"],
                    "minimum": data["monthly"],
                    "short": data["monthly"] - line["gross"],
                }
            )
        made.fact("工资月份", "Month worked", finding.month, "month")
        made.fact("工资支付表收到日期", "Pay sheet received", data["received"], "date")
        made.fact("适用地区", "Region", regions.get(data["minimum"]))
        made.fact("最低工资标准(月)", "Minimum wage (month)", data["monthly"], "money")
        made.fact("自何日起执行", "In force from", data["valid_from"], "date")
        made.fact("依据文件", "Document it rests on", data["document"])
        if data["reported"]:
            note = Text(
                "该标准尚待与公布文本核对", "The value is yet to be confirmed with the text"
            )
            made.fact("说明", "Note", note)
        made.fact("出满勤天数", "Days of a full month", data["days"], "days")
        due = data["monthly"] * len(rows)
        made.step("", f"最低工资 × {len(rows)} 人", f"Minimum wage x {len(rows)}", due, "money")
        made.step("-", "所列工人应发合计", "Gross of the workers listed", data["gross"], "money")
        made.step("=", "差额合计", "Short by", finding.amount, "money")
        made.table(COLUMNS, sorted(rows, key=lambda row: row["row"]))
        return made


def _finding(key: CycleKey, lines: list[dict[str, Any]], days: int) -> Finding:
    minimum: MinimumWage = lines[0]["minimum"]  # of the project's region: the same for all
    received = min(line["received"] for line in lines)
    gross = sum((line["gross"] for line in lines), ZERO)
    return Finding(
        *key,
        ORANGE,
        max((key[2] + 1).first, received),
        workers=len(lines),
        amount=minimum.monthly * len(lines) - gross,
        data={
            "lines": [
                {"pk": line["pk"], "attended": line["attended"], "gross": line["gross"]}
                for line in sorted(lines, key=lambda line: int(line["pk"]))
            ],
            "received": received,
            "gross": gross,
            "days": days,
            "minimum": minimum.pk,
            "monthly": minimum.monthly,
            "valid_from": minimum.valid_from,
            "document": minimum.document,
            "reported": minimum.standing == MinimumWage.Standing.REPORTED,
        },
    )


def _gross(as_of: dt.date, stays: Collection[Stay]) -> dict[Stay, Decimal]:
    """What the known sheets of the project promise the worker for the month: lines of every
    employer, and back pay."""
    found: dict[Stay, Decimal] = defaultdict(lambda: ZERO)
    rows = SheetLine.objects.filter(
        known_on(as_of, "sheet__"),
        sheet__project__in={project for project, _, _ in stays},
        worked_month__in={month for _, _, month in stays},
        engagement__worker__in={worker for _, worker, _ in stays},
    )
    for project, worker, month, gross in rows.values_list(
        "sheet__project", "engagement__worker", "worked_month", "gross"
    ):
        found[(project, worker, month)] += Decimal(gross).quantize(ZERO)
    return found
