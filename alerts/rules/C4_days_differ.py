"""C4: the days on the pay sheet differ from the days attended."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef

from alerts.rules.base import (
    BLUE,
    REAL_NAME,
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
from alerts.rules.silence import incomplete
from payroll import attendance
from payroll.attendance import Stay
from payroll.changes import ATTENDANCE, PROJECTS, REGISTRATIONS, SHEETS
from payroll.models import AttendanceMonth, Cycle, SheetLine
from wagewatch import identity
from wagewatch.bilingual import Text
from wagewatch.known import known_on
from wagewatch.months import Month

COLUMNS = (
    *WORKER_COLUMNS,
    Column("row", "表中行号", "Row", "count"),
    Column("file", "文件", "File"),
    Column("days", "工资表出勤天数", "Days on the sheet"),
    Column("attended", "考勤天数", "Days attended", "count"),
    Column("differs", "相差", "Difference"),
)


class DaysDiffer(Rule):
    code = "C4"
    title = Text("工资表出勤天数与考勤不符", "Sheet and gate disagree on days")
    stage = REAL_NAME
    why = Text(
        "天数少记,工人少得工资;天数多记,可能虚列工资。",
        "Days left out cost the worker wages; days added may draw wages that nobody earned.",
    )
    law = ("Reg. 31", "Reg. 28")
    levels = Text("蓝色。", "Blue.")
    clears = Text(
        "更正工资支付表,或补传考勤,使两者相差不超过规定天数。",
        "A corrected sheet or late attendance brings the two within the days allowed.",
    )
    needs = ("attendance", "payroll")
    responsible = ("employer", "general")
    params = (Param("days", 3, "days", 0, 30, Text("允许相差天数", "Days they may differ")),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        cycles: dict[CycleKey, list[dict[str, Any]]] = defaultdict(list)
        rests_on = (SHEETS, ATTENDANCE, REGISTRATIONS, PROJECTS)
        for line in scope.of_months(
            rests_on, as_of, self._differing, itemgetter("month"), values["days"]
        ):
            cycles[(line["project"], line["employer"], line["month"])].append(line)
        gaps = incomplete(
            as_of,
            {
                (project, month)
                for (project, _, month), lines in cycles.items()
                if any(line["differs"] > 0 for line in lines)
            },
        )
        return [
            self._finding(key, lines, (key[0], key[2]) in gaps) for key, lines in cycles.items()
        ]

    def _finding(self, key: CycleKey, lines: list[dict[str, Any]], is_incomplete: bool) -> Finding:
        """Where attendance is incomplete, too many days on the sheet prove nothing; too few do."""
        proved = [line for line in lines if line["differs"] < 0]
        if is_incomplete and proved:
            lines = proved
        return Finding(
            *key,
            BLUE,
            max((key[2] + 1).first, min(line["received"] for line in lines)),
            workers=len({line["worker"] for line in lines}),
            data_missing=is_incomplete and not proved,
            people=frozenset(line["worker"] for line in lines),
            data={
                "lines": {line["pk"]: [line["attended"], line["differs"]] for line in lines},
                "received": min(line["received"] for line in lines),
                "sheet_days": sum(line["days"] for line in lines),
                "attended": sum(line["attended"] for line in lines),
            },
        )

    def _differing(
        self, as_of: dt.date, scope: Scope, months: Months, allowed: int
    ) -> list[dict[str, Any]]:
        """Ordinary lines of past months, with days, that differ from the attendance
        known by more than is allowed, both under their own employer and over the whole project."""
        lines = self._suspects(as_of, scope, months, allowed)
        stays = {(line["project"], line["worker"], line["month"]) for line in lines}
        attended = attendance.days_of(as_of, stays)
        sheets = _sheet_days(as_of, stays) if stays else {}
        found = []
        for line in lines:
            stay = (line["project"], line["worker"], line["month"])
            line["attended"] = attended[stay].get(line["engagement"], 0)
            line["differs"] = line["days"] - line["attended"]
            whole = sheets[stay] - sum(attended[stay].values())
            if abs(line["differs"]) > allowed and abs(whole) > allowed:
                found.append(line)
        return found

    def _suspects(
        self, as_of: dt.date, scope: Scope, months: Months, allowed: int
    ) -> list[dict[str, Any]]:
        """Lines that no settled summary of the month bears out. One pass over lines and summaries;
        project and month must have attendance at all (else C1)."""
        borne_out = AttendanceMonth.objects.filter(
            engagement=OuterRef("engagement"),
            month=OuterRef("worked_month"),
            settled_on__lte=as_of,
            days__gte=OuterRef("days") - allowed,
            days__lte=OuterRef("days") + allowed,
        )
        watched = Cycle.objects.filter(
            project=OuterRef("sheet__project"),
            month=OuterRef("sheet__month"),
            attended_people__gt=0,
        )
        rows = (
            SheetLine.objects.filter(
                ~Exists(borne_out),
                known_on(as_of, "sheet__"),
                scope.q("sheet__project"),
                Exists(watched),
                in_months("sheet__month", months),
                sheet__month__lt=Month.of(as_of),
                is_back_pay=False,
                days__isnull=False,
            )
            .order_by()
            .values_list(
                *("sheet__project", "sheet__employer", "sheet__month", "engagement__worker"),
                *("engagement", "pk", "days", "sheet__known_from"),
            )
        )
        names = ("project", "employer", "month", "worker", "engagement", "pk", "days", "received")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        lines = {
            row[0]: row[1:]
            for row in SheetLine.objects.filter(
                pk__in={pk for finding in findings for pk in finding.data["lines"]}
            ).values_list(
                *("pk", "engagement__worker__name", "engagement__worker__id_number", "row"),
                *("sheet__feed__filename", "days", "sheet__feed"),
            )
        }
        return [self._one(finding, lines) for finding in findings]

    def _one(self, finding: Finding, lines: dict[int, tuple[Any, ...]]) -> Evidence:
        data, made, rows = finding.data, Evidence(), []
        for pk, (attended, differs) in data["lines"].items():
            name, number, row, file, days, feed = lines[pk]
            made.feeds.add(feed)
            rows.append(
                {
                    "worker": name,
                    "id": identity.mask_id(number),
                    "row": row,
                    "file": file,
                    "days": plain(days),
                    "attended": attended,
                    "differs": f"{plain(differs):+}",
                }
            )
        made.fact("工资月份", "Month worked", finding.month, "month")
        made.fact("工资支付表收到日期", "Pay sheet received", data["received"], "date")
        made.fact("天数不符的工人", "Workers whose days differ", finding.workers, "count")
        made.step("", "工资表出勤天数", "Days on the sheet", plain(data["sheet_days"]), "count")
        made.step("-", "考勤天数", "Days attended", data["attended"], "count")
        made.step(
            "=", "合计相差", "Difference", plain(data["sheet_days"] - data["attended"]), "count"
        )
        made.table(COLUMNS, sorted(rows, key=lambda row: row["row"]))
        return made


def plain(days: Decimal) -> int | float:
    """Days as people write them: 22, or 21.5."""
    return int(days) if days == int(days) else float(days)


def _sheet_days(as_of: dt.date, stays: Collection[Stay]) -> dict[Stay, Decimal]:
    """Days that the known sheets of all employers on the project give for the month, added up."""
    found: dict[Stay, Decimal] = defaultdict(Decimal)
    rows = SheetLine.objects.filter(
        known_on(as_of, "sheet__"),
        sheet__project__in={project for project, _, _ in stays},
        sheet__month__in={month for _, _, month in stays},
        engagement__worker__in={worker for _, worker, _ in stays},
        is_back_pay=False,
        days__isnull=False,
    )
    for project, worker, month, days in rows.values_list(
        "sheet__project", "engagement__worker", "sheet__month", "days"
    ):
        found[(project, worker, month)] += days or 0
    return found
