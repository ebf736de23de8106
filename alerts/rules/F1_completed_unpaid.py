"""F1: the project is completed or suspended, and wages are unpaid."""

import datetime as dt
from collections.abc import Sequence

from alerts.rules import arrears, sites
from alerts.rules.base import (
    COMPLETION,
    RED,
    ZERO,
    Finding,
    Fold,
    Rule,
    Scope,
    Values,
    same_run,
)
from alerts.rules.evidence import Evidence
from payroll import coverage
from payroll.models import Cycle
from projects.labels import PROJECT_STATUS
from projects.models import ProjectStatus
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY

STOPPED = (ProjectStatus.COMPLETED, ProjectStatus.SUSPENDED)


class CompletedUnpaid(Rule):
    code = "F1"
    title = Text("完工或停工项目欠薪", "Completed or suspended with wages unpaid")
    stage = COMPLETION
    why = Text(
        "项目完工或停工后,工人离场、资金断流,所欠工资最难追回。",
        "When work has ended the workers leave and the money stops; what is owed then is hardest "
        "to get.",
    )
    law = ("Reg. 12", "Reg. 27", "Reg. 30", "Reg. 31")
    levels = Text("红色。", "Red.")
    clears = Text(
        "该单位在本项目的工资付清,或者项目复工。",
        "The company's wages on the project are paid, or work goes on again.",
    )
    needs = ("projects", "payroll", "bank")
    responsible = ("employer", "general", "owner")
    hides = (Fold(("E1", "E2", "E7", "F3"), same_run),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        stopped = {
            one.project_id: (one.status, one.complete_date or one.known_from)
            for one in scope.once(sites.known, as_of, scope)
            if one.status in STOPPED
        }
        groups: dict[tuple[int, int], list[Cycle]] = {}
        for cycle in scope.once(arrears.overdue, as_of, scope):
            if cycle.project_id in stopped:
                groups.setdefault((cycle.project_id, cycle.employer_id), []).append(cycle)
        reach = coverage.of(as_of, {project for project, _ in groups}) if groups else {}
        return [
            _finding(as_of, key, cycles, *stopped[key[0]], reach.get(key[0], coverage.NO_ACCOUNT))
            for key, cycles in groups.items()
        ]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        sheets = arrears.sheets(c for finding in findings for c in finding.data["cycles"])
        return [self._one(finding, sheets) for finding in findings]

    def _one(self, finding: Finding, sheets: dict[int, tuple[int, str]]) -> Evidence:
        data, made = finding.data, Evidence()
        made.fact("项目状态", "State of the project", Text.of(PROJECT_STATUS[data["state"]]))
        made.fact("完工或停工日期", "Completed or suspended on", data["stopped"], "date")
        made.fact("首个未发月份", "First month unpaid", finding.month, "month")
        made.fact("未发月数", "Months unpaid", len(data["cycles"]), "count")
        made.fact(
            "未发人数最多的月份人数", "Workers unpaid, highest month", finding.workers, "count"
        )
        made.fact("银行数据截至", "Bank data reach to", data["covered"], "date")
        arrears.add_cycles(made, data["cycles"], finding.amount, sheets)
        return made


def _finding(
    as_of: dt.date,
    key: tuple[int, int],
    cycles: list[Cycle],
    status: str,
    stopped: dt.date,
    covered: coverage.Coverage,
) -> Finding:
    seen = arrears.proved(cycles, covered)
    is_proved, cycles = bool(seen), seen or cycles
    stopped = min(stopped, as_of)  # the day of completion may be announced ahead
    return Finding(
        *key,
        cycles[0].month,
        RED,
        max(stopped, min(cycle.payday for cycle in cycles) + DAY),
        workers=max(cycle.unpaid_people for cycle in cycles),
        amount=sum((cycle.unpaid for cycle in cycles), ZERO),
        data_missing=not is_proved,
        last=cycles[-1].month,
        data={
            "cycles": cycles,
            "sums": [(cycle.month, cycle.unpaid, cycle.sheet_id) for cycle in cycles],
            "state": status,
            "stopped": stopped,
            "covered": covered.until,
        },
    )
