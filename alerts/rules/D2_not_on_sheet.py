"""D2: a worker attended and is on no sheet of the month, once the sheet is due."""

import datetime as dt
from collections.abc import Sequence
from operator import itemgetter

from django.db.models import Exists, F, OuterRef

from alerts.rules import sites
from alerts.rules.base import (
    ORANGE,
    PAY_SHEET,
    CycleKey,
    Finding,
    Months,
    Rule,
    Scope,
    Values,
    in_months,
)
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll import attendance
from payroll.changes import ATTENDANCE, PROJECTS, REGISTRATIONS, SHEETS
from payroll.models import AttendanceMonth, Cycle, Sheet, SheetLine
from wagewatch import bulk
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.known import known_on
from wagewatch.months import Month

COLUMNS = (
    *WORKER_COLUMNS,
    Column("team", "班组", "Team"),
    Column("days", "出勤天数", "Days attended", "count"),
    Column("first", "首日", "First day", "date"),
    Column("last", "末日", "Last day", "date"),
)


class NotOnSheet(Rule):
    code = "D2"
    title = Text("有出勤工人未列入工资支付表", "Worked, but on no pay sheet")
    stage = PAY_SHEET
    why = Text(
        "工人出过勤却不在工资表上,这部分工资不会发放。",
        "The worker was on site and is not on the sheet, so nothing will be paid.",
    )
    law = ("Reg. 31", "Reg. 15")
    levels = Text("橙色。", "Orange.")
    clears = Text(
        "更正工资支付表列入该工人,或以补发列入。",
        "A corrected sheet or a back-pay line names the worker.",
    )
    needs = ("attendance", "payroll")
    responsible = ("employer", "general")

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        missing: dict[CycleKey, set[int]] = {}
        rests_on = (SHEETS, ATTENDANCE, REGISTRATIONS, PROJECTS)
        for project, employer, month, engagement in scope.of_months(
            rests_on,
            as_of,
            self._missing,
            itemgetter(2),
            standing=sites.sheets_past("sheet_due", as_of, scope),
        ):
            missing.setdefault((project, employer, month), set()).add(engagement)
        cycles = Cycle.objects.filter(project__in={key[0] for key in missing}, sheet__isnull=False)
        return [
            self._finding(cycle, missing[key])
            for cycle in (cycles if missing else ())
            if (key := (cycle.project_id, cycle.employer_id, cycle.month)) in missing
        ]

    def _finding(self, cycle: Cycle, missing: set[int]) -> Finding:
        received = cycle.sheet_received or cycle.sheet_due
        return Finding(
            cycle.project_id,
            cycle.employer_id,
            cycle.month,
            ORANGE,
            max(cycle.sheet_due + DAY, received),
            workers=len(missing),
            data={
                "sheet": cycle.sheet_id,
                "received": received,
                "due": cycle.sheet_due,
                "attended": cycle.attended_people,
                "on_sheet": cycle.sheet_people,
                "missing": sorted(missing),
            },
        )

    def _missing(
        self, as_of: dt.date, scope: Scope, months: Months
    ) -> list[tuple[int, int, Month, int]]:
        """(project, employer, month, engagement) of known attendance of registered workers, where
        a sheet of the project is known and was due, and no known sheet of the project names the
        worker for that month. Two queries: most are named by their own employer, and only the
        few left are looked for on the sheets of others. (The employer's own sheet is asked for by
        `find`: as a third condition here it would make the planner expect a single row.)"""
        lines = SheetLine.objects.filter(known_on(as_of, "sheet__"))
        own = lines.filter(engagement=OuterRef("engagement"), worked_month=OuterRef("month"))
        judged = Cycle.objects.filter(
            project=OuterRef("engagement__project"),
            month=OuterRef("month"),
            sheet__isnull=False,
            sheet_due__lt=as_of,
        )
        left = list(
            AttendanceMonth.objects.filter(
                scope.q("engagement__project"),
                ~Exists(own),
                Exists(judged),
                in_months("month", months),
                known_from__lte=as_of,
                month__lte=Month.of(as_of),
                engagement__registered=True,
                engagement__known_from__lte=as_of,
            ).values_list(
                *("engagement__project", "engagement__employer", "month", "engagement"),
                "engagement__worker",
            )
        )
        if not left:
            return []
        named = set(
            lines.filter(
                in_months("worked_month", months),
                sheet__project__in={row[0] for row in left},
                engagement__worker__in=bulk.listed({row[4] for row in left}),
            ).values_list("sheet__project", "worked_month", "engagement__worker")
        )
        return [row[:4] for row in left if (row[0], row[2], row[4]) not in named]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        people = attendance.of(
            as_of,
            {finding.cycle for finding in findings},
            {pk for finding in findings for pk in finding.data["missing"]},
        )
        sheets = {
            pk: (feed, filename)
            for pk, feed, filename in Sheet.objects.filter(
                pk__in={finding.data["sheet"] for finding in findings}
            ).values_list("pk", F("feed_id"), "feed__filename")
        }
        return [
            self._one(
                finding,
                [
                    person
                    for person in people[finding.cycle]
                    if person.engagement_id in finding.data["missing"]
                ],
                sheets[finding.data["sheet"]],
            )
            for finding in findings
        ]

    def _one(
        self, finding: Finding, people: list[attendance.Attended], sheet: tuple[int, str]
    ) -> Evidence:
        data, made = finding.data, Evidence()
        made.fact("工资月份", "Month worked", finding.month, "month")
        made.fact("工资支付表", "Pay sheet", sheet[1])
        made.fact("工资支付表收到日期", "Pay sheet received", data["received"], "date")
        made.fact("应报日期", "Sheet due", data["due"], "date")
        made.fact("表内人数", "Workers on the sheet", data["on_sheet"], "count")
        made.step("", "出勤人数", "Workers attended", data["attended"], "count")
        made.step(
            "-",
            "其中已列入本项目当月工资表",
            "Of them on a sheet of the month",
            data["attended"] - finding.workers,
            "count",
        )
        made.step("=", "未列入人数", "On no sheet", finding.workers, "count")
        made.table(COLUMNS, (person.row() for person in people))
        made.feeds = {sheet[0]} | {person.feed_id for person in people if person.feed_id}
        return made
