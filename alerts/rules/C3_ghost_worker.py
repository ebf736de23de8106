"""C3: on a pay sheet with days, and not one attendance day in the month (ghost worker)."""

import datetime as dt
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef

from alerts.rules.base import (
    ORANGE,
    REAL_NAME,
    ZERO,
    CycleKey,
    Finding,
    Fold,
    Months,
    Rule,
    Scope,
    Values,
    in_months,
    same_cycle,
)
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from alerts.rules.silence import SILENT_DAYS, last_attended
from payroll.changes import ATTENDANCE, PROJECTS, REGISTRATIONS, SHEETS
from payroll.models import AttendanceMonth, Cycle, SheetLine
from wagewatch import identity
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.known import known_on
from wagewatch.months import Month

COLUMNS = (
    *WORKER_COLUMNS,
    Column("row", "表中行号", "Row", "count"),
    Column("file", "文件", "File"),
    Column("days", "工资表出勤天数", "Days on the sheet", "count"),
    Column("attended", "考勤天数", "Days attended", "count"),
    Column("net", "实发", "Net", "money"),
)


def _same_workers(mine: Finding, other: Finding) -> bool:
    """The other is about nobody else."""
    return same_cycle(mine, other) and other.people <= mine.people


class GhostWorker(Rule):
    code = "C3"
    title = Text("工资表人员无考勤(疑似虚列)", "On the pay sheet, never on site")
    stage = REAL_NAME
    why = Text(
        "工资表上有出勤天数,当月却没有任何考勤记录,可能虚列人员套取工资。",
        "The sheet claims days worked, the gate saw none: wages may be drawn in a false name.",
    )
    law = ("Reg. 28", "Reg. 55(3)")
    levels = Text("橙色。", "Orange.")
    clears = Text(
        "补传该工人当月考勤,或更正工资支付表。",
        "The worker's attendance of the month arrives, or the sheet is corrected.",
    )
    needs = ("attendance", "payroll")
    responsible = ("employer", "general")
    hides = (Fold(("C4",), _same_workers),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        cycles: dict[CycleKey, list[tuple[Any, ...]]] = {}
        rests_on = (SHEETS, ATTENDANCE, REGISTRATIONS, PROJECTS)
        for row in scope.of_months(rests_on, as_of, self._ghosts, itemgetter(2)):
            cycles.setdefault(row[:3], []).append(row)
        if not cycles:
            return []
        last = last_attended(as_of, Scope(frozenset(key[0] for key in cycles)))
        calendar = scope.once(WorkingDays.load)
        return [
            Finding(
                *key,
                ORANGE,
                max((key[2] + 1).first, ghosts[0][7]),
                workers=len(ghosts),
                amount=sum((ghost[5] for ghost in ghosts), ZERO).quantize(ZERO),
                data_missing=_incomplete(calendar, last.get(key[0]), key[2]),
                people=frozenset(ghost[3] for ghost in ghosts),
                data={
                    "lines": sorted(ghost[4] for ghost in ghosts),
                    "received": ghosts[0][7],
                    "last": last.get(key[0]),
                },
            )
            for key, ghosts in cycles.items()
        ]

    def _ghosts(self, as_of: dt.date, scope: Scope, months: Months) -> list[tuple[Any, ...]]:
        """(project, employer, month, worker, line, net, sheet, received) of ordinary lines of
        known sheets of past months with days, of workers with no day of attendance on
        the project in that month, where the project has attendance. Two queries: most have
        attendance under their own employer, and only the few left are looked for elsewhere on the
        project."""
        known = AttendanceMonth.objects.filter(known_from__lte=as_of)
        own = known.filter(engagement=OuterRef("engagement"), month=OuterRef("worked_month"))
        watched = Cycle.objects.filter(
            project=OuterRef("sheet__project"),
            month=OuterRef("sheet__month"),
            attended_people__gt=0,
        )
        left = list(
            SheetLine.objects.filter(
                known_on(as_of, "sheet__"),
                scope.q("sheet__project"),
                ~Exists(own),
                Exists(watched),
                in_months("sheet__month", months),
                sheet__month__lt=Month.of(as_of),
                is_back_pay=False,
                days__gt=0,
            )
            .order_by()
            .values_list(
                *("sheet__project", "sheet__employer", "sheet__month", "engagement__worker"),
                *("pk", "net", "sheet", "sheet__known_from"),
            )
        )
        if not left:
            return []
        seen = set(
            known.filter(
                in_months("month", months),
                engagement__project__in={row[0] for row in left},
                engagement__worker__in={row[3] for row in left},
            ).values_list("engagement__project", "month", "engagement__worker")
        )
        return [row for row in left if (row[0], row[2], row[3]) not in seen]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        lines: dict[CycleKey, list[dict[str, Any]]] = {finding.cycle: [] for finding in findings}
        feeds: dict[CycleKey, int] = {}
        rows = (
            SheetLine.objects.filter(pk__in={pk for f in findings for pk in f.data["lines"]})
            .order_by("sheet_id", "row")
            .values_list(
                *("sheet__project", "sheet__employer", "sheet__month", "sheet__feed"),
                *("engagement__worker__name", "engagement__worker__id_number", "row"),
                *("sheet__feed__filename", "days", "net"),
            )
        )
        for project, employer, month, feed, name, number, row, file, days, net in rows:
            key = (project, employer, month)
            feeds[key] = feed
            lines[key].append(
                {
                    "worker": name,
                    "id": identity.mask_id(number),
                    "row": row,
                    "file": file,
                    "days": days,
                    "attended": 0,
                    "net": net,
                }
            )
        return [self._one(finding, lines[finding.cycle], feeds) for finding in findings]

    def _one(
        self, finding: Finding, lines: list[dict[str, Any]], feeds: dict[CycleKey, int]
    ) -> Evidence:
        data, made = finding.data, Evidence()
        made.fact("工资月份", "Month worked", finding.month, "month")
        made.fact("工资支付表收到日期", "Pay sheet received", data["received"], "date")
        made.fact("无考勤人数", "Workers without attendance", finding.workers, "count")
        made.fact("项目最后出勤日", "Project's last day attended", data["last"], "date")
        for index, line in enumerate(lines[:20]):
            made.step("+" if index else "", line["worker"], line["worker"], line["net"], "money")
        if len(lines) > 20:
            rest = sum((line["net"] for line in lines[20:]), ZERO)
            made.step("+", "其余工人", "All others", rest, "money")
        made.step("=", "涉及工资合计", "Wages concerned", finding.amount, "money")
        made.table(COLUMNS, lines)
        made.feeds = {feeds[finding.cycle]} if finding.cycle in feeds else set()
        return made


def _incomplete(calendar: WorkingDays, last: dt.date | None, month: Month) -> bool:
    """The project's attendance ends before the month does, by the silence that C1 speaks of."""
    if last is None or last >= month.last:
        return last is None
    first = max(last, month.first - DAY)
    return calendar.between(first, month.last) >= SILENT_DAYS
