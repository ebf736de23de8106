"""C1: no attendance received for three working days though the month before had it."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Sum

from alerts.rules import sites
from alerts.rules.base import (
    BLUE,
    REAL_NAME,
    YELLOW,
    Finding,
    Param,
    Rule,
    Scope,
    Values,
)
from alerts.rules.evidence import Column, Evidence
from alerts.rules.silence import last_attended
from payroll.models import Cycle
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.months import Month

COLUMNS = (
    Column("employer", "用工单位", "Employer"),
    Column("month", "月份", "Month", "month"),
    Column("people", "出勤人数", "Workers attended", "count"),
    Column("days", "出勤工日", "Days attended", "count"),
    Column("last", "最后出勤日", "Last day attended", "date"),
)


class AttendanceSilent(Rule):
    code = "C1"
    title = Text("考勤数据中断", "Attendance has fallen silent")
    stage = REAL_NAME
    why = Text(
        "考勤中断后无从核对工资表,也可能意味着停工或人员离场。",
        "Without attendance no pay sheet can be checked; it may also mean that work has stopped.",
    )
    law = ("Reg. 28",)
    levels = Text(
        "中断满3个工作日为蓝色,超过7个工作日为黄色。",
        "Blue from three silent working days, yellow over seven.",
    )
    clears = Text(
        "恢复上传考勤,或补传缺失日期,或项目停工、完工。",
        "Attendance resumes, the missing days arrive, or the project is no longer under way.",
    )
    needs = ("projects", "attendance")
    responsible = ("general",)
    params = (
        Param("days", 3, "workdays", 1, 30, Text("中断工作日", "Silent working days")),
        Param("yellow", 7, "workdays", 1, 60, Text("黄色", "Yellow over")),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        last = last_attended(as_of, scope)
        calendar = scope.once(WorkingDays.load)
        silent = [
            (project, one.contractor_id, last[project])
            for one in sites.active(as_of, scope)
            if (project := one.project_id) in last
            and (as_of - last[project]).days >= values["days"]
            and calendar.between(last[project], as_of) >= values["days"]
        ]
        attended = self._people({project for project, _, _ in silent}) if silent else {}
        return [
            finding
            for project, contractor, day in silent
            if (
                finding := self._finding(
                    as_of, values, calendar, attended, project, contractor, day
                )
            )
        ]

    def _people(self, projects: set[int]) -> dict[tuple[int, Month], int]:
        """Workers that attended, by project and month."""
        return {
            (project, month): people
            for project, month, people in Cycle.objects.filter(
                project__in=projects, last_attended__isnull=False
            )
            .order_by()
            .values_list("project", "month")
            .annotate(people=Sum("attended_people"))
        }

    def _finding(
        self,
        as_of: dt.date,
        values: Values,
        calendar: WorkingDays,
        attended: dict[tuple[int, Month], int],
        project: int,
        contractor: int,
        last: dt.date,
    ) -> Finding | None:
        """The silent month is the month of the last day, when the month before had attendance and
        enough of it is silent; else the month after."""
        month = Month.of(last)
        own = calendar.between(last, min(as_of, month.last))
        if (project, month - 1) in attended and own >= values["days"]:
            silent, since = month, calendar.add(last, values["days"])
        elif calendar.between(month.last, min(as_of, (month + 1).last)) >= values["days"]:
            silent, since = month + 1, calendar.add(month.last, values["days"])
        else:
            return None
        days = calendar.between(last, as_of)
        return Finding(
            project,
            contractor,
            silent,
            YELLOW if days > values["yellow"] else BLUE,
            since,
            workers=attended.get((project, month), 0),
            data={"last": last, "days": days, "allowed": values["days"]},
        )

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        cycles: dict[int, list[Cycle]] = {}
        for cycle in (
            Cycle.objects.filter(
                project__in={finding.project_id for finding in findings},
                last_attended__isnull=False,
            )
            .select_related("employer")
            .order_by("project", "month", "employer")
        ):
            cycles.setdefault(cycle.project_id, []).append(cycle)
        return [
            self._one(as_of, finding, cycles.get(finding.project_id, [])) for finding in findings
        ]

    def _one(self, as_of: dt.date, finding: Finding, cycles: list[Cycle]) -> Evidence:
        data, made = finding.data, Evidence()
        last: dt.date = data["last"]
        made.fact("最后一次出勤日期", "Last day attended", last, "date")
        made.fact("评估日期", "Day judged", as_of, "date")
        made.fact("中断月份", "Silent month", finding.month, "month")
        made.step("", "其间日历天数", "Days since", (as_of - last).days, "days")
        made.step(
            "-",
            "其中法定节假日和休息日",
            "Holidays and rest days among them",
            (as_of - last).days - data["days"],
            "days",
        )
        made.step("=", "无考勤工作日", "Silent working days", data["days"], "days")
        made.table(
            COLUMNS,
            (
                {
                    "employer": cycle.employer.name,
                    "month": cycle.month,
                    "people": cycle.attended_people,
                    "days": cycle.attended_days,
                    "last": cycle.last_attended,
                }
                for cycle in cycles
                if cycle.month >= Month.of(last - 31 * DAY)
            ),
        )
        return made
