"""A5: people are at work on a project that has no construction permit on record."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Count, Min, Q

from alerts.rules import registers, sites
from alerts.rules.base import ORANGE, START_UP, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Evidence
from payroll.models import AttendanceDay, AttendanceMonth
from projects.models import Industry, ProjectStatus
from wagewatch.bilingual import Text

START_REPORT = (Industry.TRANSPORT, Industry.WATER)
"""Where the work may begin on a start report 开工报告 of the sector's authority instead."""


class NoPermit(Rule):
    code = "A5"
    title = Text("未办施工许可已有人施工", "Work under way without a construction permit")
    stage = START_UP
    why = Text(
        "施工许可以资金到位为前提;无证施工的项目资金没有审查过,欠薪风险最高。",
        "A permit is given only when funds are in place; nobody has checked those of a project "
        "that builds without one.",
    )
    law = ("Reg. 23",)
    levels = Text("橙色。", "Orange.")
    clears = Text(
        "登记了施工许可证号(交通、水利项目为开工报告批准文号)。",
        "A construction permit (in transport and water works: the start report) is on record.",
    )
    needs = ("projects", "attendance")
    responsible = ("owner",)
    params = (
        Param(
            "exempt",
            300_000,
            "money",
            0,
            10_000_000,
            Text("合同价低于此数不需许可", "Contracts below this need no permit"),
        ),
        Param(
            "reports",
            0,
            "count",
            0,
            1,
            Text("交通、水利开工报告也登记为许可(1为是)", "Start reports are on record (1: yes)"),
        ),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        without = [
            one
            for one in scope.once(sites.known, as_of, scope)
            if (not one.permit_number or (one.permit_date and one.permit_date > as_of))
            and (one.contract_amount is None or one.contract_amount >= values["exempt"])
            and one.status != ProjectStatus.COMPLETED
        ]
        seen = _seen(as_of, {one.project_id for one in without}) if without else {}
        told = registers.facts_told(as_of, permit_number__gt="") if seen else {}
        found = []
        for one in without:
            if one.project_id not in seen:
                continue
            first, people = seen[one.project_id]
            reported = one.industry in START_REPORT and not values["reports"]
            found.append(
                Finding(
                    one.project_id,
                    one.owner_id or one.contractor_id,
                    None,
                    ORANGE,
                    first,
                    workers=people,
                    data_missing=one.owner_id is None
                    or reported
                    or registers.silent(told, one.region_id, as_of),
                    data={
                        "first": first,
                        "permit": one.permit_date,
                        "start": one.start_date,
                        "status": one.status,
                        "industry": one.industry,
                        "reported": reported,
                        "feed": one.feed_id,
                    },
                )
            )
        return found

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        return [self._one(finding) for finding in findings]

    def _one(self, finding: Finding) -> Evidence:
        data, made = finding.data, Evidence()
        made.fact("首个出勤日期", "First day attended", data["first"], "date")
        made.fact("登记的开工日期", "Start on record", data["start"], "date")
        made.fact("许可日期(尚未到)", "Permit only from", data["permit"], "date")
        if data["reported"]:
            made.fact(
                "说明",
                "Note",
                Text(
                    "交通、水利项目可凭开工报告开工,请主管部门补报",
                    "Transport and water projects may have a start report instead; their regulator "
                    "is asked to report it",
                ),
            )
        made.step("", "出勤人数", "People seen at work", finding.workers, "count")
        made.step("=", "当日有效的施工许可", "Permits in force on the day", 0, "count")
        if data["feed"]:
            made.feeds.add(data["feed"])
        return made


def _seen(as_of: dt.date, projects: set[int]) -> dict[int, tuple[dt.date, int]]:
    """Per project the first day attended and the people seen, as known: from the month summaries,
    and where those are not settled yet from the days themselves. Two queries."""
    months = AttendanceMonth.objects.filter(
        engagement__project__in=projects, known_from__lte=as_of
    ).order_by()
    people, first = {}, {}
    for project, count, day in (
        months.values("engagement__project")
        .annotate(
            people=Count("engagement", distinct=True),
            first=Min("first_day", filter=Q(settled_on__lte=as_of)),
        )
        .values_list("engagement__project", "people", "first")
    ):
        people[project] = count
        if day:
            first[project] = day
    days = AttendanceDay.objects.filter(
        engagement__project__in=projects,
        known_from__lte=as_of,
        engagement__attendance_months__settled_on__gt=as_of,
    ).order_by()
    for project, day in (
        days.values("engagement__project")
        .annotate(first=Min("day"))
        .values_list("engagement__project", "first")
    ):
        first[project] = min(day, first.get(project, day))
    return {project: (first[project], people[project]) for project in first}
