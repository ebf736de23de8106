"""F3: a worker has left the site, and a month later wages of what was worked are open."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models.functions import Coalesce

from alerts.rules import arrears
from alerts.rules.base import (
    COMPLETION,
    YELLOW,
    ZERO,
    CycleKey,
    Finding,
    Param,
    Rule,
    Scope,
    Values,
)
from alerts.rules.evidence import Column, Evidence
from payroll import claims, coverage
from payroll.claims import Claim
from payroll.models import Cycle
from projects.models import Engagement
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.months import Month

COLUMNS = (
    *arrears.WORKER_COLUMNS,
    Column("left_on", "退场日期", "Left", "date"),
    Column("days", "退场天数", "Days since", "days"),
    *(column for column in arrears.COLUMNS if column not in arrears.WORKER_COLUMNS),
)


class ExitUnsettled(Rule):
    code = "F3"
    title = Text("退场工人工资未结清", "Wages open after the worker left")
    stage = COMPLETION
    why = Text(
        "工人退场后难以追讨;退场满30日仍有已出勤月份的工资未付。",
        "Who has left the site can hardly claim; thirty days after the exit wages of months "
        "worked are still open.",
    )
    law = ("Reg. 12", "Reg. 28", "Reg. 30")
    levels = Text("黄色。", "Yellow.")
    clears = Text("所列工人的工资付清。", "The wages of the workers listed are paid.")
    needs = ("workers", "payroll", "bank")
    responsible = ("employer", "general")
    params = (Param("days", 30, "days", 1, 180, Text("退场后天数", "Days after the exit")),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        left = self._left(as_of, scope, values["days"])
        if not left:
            return []
        employers = {(project, employer) for project, employer, _ in left.values()}
        cycles: dict[CycleKey, Cycle] = {
            (cycle.project_id, cycle.employer_id, cycle.month): cycle
            for cycle in scope.once(arrears.overdue, as_of, scope)
            if (cycle.project_id, cycle.employer_id) in employers
        }
        owed = claims.of(as_of, cycles, unpaid_only=True, named=False)
        reach = coverage.of(as_of, {key[0] for key in cycles}) if cycles else {}
        found = []
        for key, cycle in cycles.items():
            mine = [
                (claim, left[claim.engagement_id][2])
                for claim in owed[key]
                if claim.engagement_id in left and key[2] <= Month.of(left[claim.engagement_id][2])
            ]
            if mine:
                covered = reach.get(key[0], coverage.NO_ACCOUNT)
                found.append(_finding(as_of, cycle, mine, values["days"], covered))
        return found

    def _left(self, as_of: dt.date, scope: Scope, days: int) -> dict[int, tuple[int, int, dt.date]]:
        """Project, employer and exit of the engagements that ended long enough ago, by what was
        on record on the day, where the employer owes wages on the project."""
        owing = scope.once(arrears.overdue, as_of, scope)
        owe = {(cycle.project_id, cycle.employer_id) for cycle in owing}
        if not owe:
            return {}
        return {
            pk: (project, employer, exit_date)
            for pk, project, employer, exit_date in Engagement.objects.annotate(
                told=Coalesce("facts_from", "known_from")
            )
            .filter(
                scope.q(),
                project__in={project for project, _ in owe},
                employer__in={employer for _, employer in owe},
                known_from__lte=as_of,
                told__lte=as_of,
                exit_date__lte=as_of - days * DAY,
            )
            .values_list("pk", "project", "employer", "exit_date")
            if exit_date is not None and (project, employer) in owe
        }

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        claims.name([claim for finding in findings for claim, _ in finding.data["mine"]])
        return [self._one(as_of, finding) for finding in findings]

    def _one(self, as_of: dt.date, finding: Finding) -> Evidence:
        data, made = finding.data, Evidence()
        mine: list[tuple[Claim, dt.date]] = data["mine"]
        due = sum((claim.due for claim, _ in mine), ZERO)
        returned = sum((claim.returned for claim, _ in mine), ZERO)
        paid = sum((claim.paid for claim, _ in mine), ZERO) + returned
        over = finding.amount - (due - paid + returned)
        made.fact("工资月份", "Month worked", finding.month, "month")
        made.fact("发薪日", "Payday", data["payday"], "date")
        made.fact("最早退场日期", "First exit", min(day for _, day in mine), "date")
        made.fact("未结清的退场工人", "Workers who left unpaid", finding.workers, "count")
        made.fact("银行数据截至", "Bank data reach to", data["covered"], "date")
        made.step("", "所列工人应发", "Due to the workers listed", due, "money")
        made.step("-", "银行已发", "Paid by the bank", paid, "money")
        made.step("+", "退汇", "Returned", returned, "money")
        if over:
            made.step("+", "多发、不能抵扣", "Overpaid, not set off", over, "money")
        made.step("=", "仍未发", "Still unpaid", finding.amount, "money")
        made.table(COLUMNS, (_row(as_of, claim, day) for claim, day in mine))
        made.feeds = arrears.feeds(claim for claim, _ in mine)
        return made


def _row(as_of: dt.date, claim: Claim, left_on: dt.date) -> dict[str, Any]:
    return arrears.row(claim) | {"left_on": left_on, "days": (as_of - left_on).days}


def _finding(
    as_of: dt.date,
    cycle: Cycle,
    mine: list[tuple[Claim, dt.date]],
    days: int,
    covered: coverage.Coverage,
) -> Finding:
    first = min(day for _, day in mine)
    return Finding(
        cycle.project_id,
        cycle.employer_id,
        cycle.month,
        YELLOW,
        max(first + days * DAY, cycle.payday + DAY),
        workers=len(mine),
        amount=sum((claim.unpaid for claim, _ in mine), ZERO),
        data_missing=covered.misses(cycle.payday, since=cycle.month.first),
        last=cycle.month,
        data={"mine": mine, "payday": cycle.payday, "covered": covered.until},
    )
