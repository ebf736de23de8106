"""D1: people worked and no pay sheet came by the day it was due."""

import datetime as dt
from collections.abc import Sequence

from alerts.rules.base import (
    ORANGE,
    PAY_SHEET,
    YELLOW,
    Finding,
    Fold,
    Rule,
    Scope,
    Values,
    same_cycle,
)
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll import attendance
from payroll.models import Cycle
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY

COLUMNS = (
    *WORKER_COLUMNS,
    Column("team", "班组", "Team"),
    Column("days", "出勤天数", "Days attended", "count"),
    Column("first", "首日", "First day", "date"),
    Column("last", "末日", "Last day", "date"),
)


class NoSheet(Rule):
    code = "D1"
    title = Text("有出勤而未报送工资支付表", "Worked, but no pay sheet")
    stage = PAY_SHEET
    why = Text(
        "没有工资支付表,总包无法代发,工人必然拿不到工资。",
        "Without a pay sheet the general contractor cannot pay, so nobody will be paid.",
    )
    law = ("Reg. 31", "Reg. 56(1)")
    levels = Text(
        "应报日后为黄色,过了发薪日为橙色。", "Yellow past the due day, orange past the payday."
    )
    clears = Text("收到该月工资支付表。", "The month's pay sheet is received.")
    needs = ("attendance", "payroll")
    responsible = ("employer", "general")
    hides = (Fold(("D2", "D3"), same_cycle),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        cycles = Cycle.objects.filter(
            scope.q(), attended_people__gt=0, sheet__isnull=True, sheet_due__lt=as_of
        )
        return [
            Finding(
                cycle.project_id,
                cycle.employer_id,
                cycle.month,
                ORANGE if as_of > cycle.payday else YELLOW,
                cycle.sheet_due + DAY,
                workers=cycle.attended_people,
                data={
                    "due": cycle.sheet_due,
                    "payday": cycle.payday,
                    "attended": cycle.attended_days,
                    "days": (as_of - cycle.sheet_due).days,
                },
            )
            for cycle in cycles
        ]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        people = attendance.of(as_of, {finding.cycle for finding in findings})
        return [self._one(as_of, finding, people[finding.cycle]) for finding in findings]

    def _one(self, as_of: dt.date, finding: Finding, people: list[attendance.Attended]) -> Evidence:
        data, made = finding.data, Evidence()
        made.fact("工资月份", "Month worked", finding.month, "month")
        made.fact("应报日期", "Sheet due", data["due"], "date")
        made.fact("发薪日", "Payday", data["payday"], "date")
        made.fact("出勤人数", "Workers attended", finding.workers, "count")
        made.fact("出勤工日", "Days attended in all", data["attended"], "count")
        made.fact("已收到的工资支付表", "Pay sheets received", 0, "count")
        made.step("", "评估日期", "Day judged", as_of, "date")
        made.step("-", "应报日期", "Sheet due", data["due"], "date")
        made.step("=", "逾期天数", "Days late", data["days"], "days")
        made.table(COLUMNS, (person.row() for person in people))
        made.feeds = {person.feed_id for person in people if person.feed_id}
        return made
