"""E7: missed or short cycles in consecutive months."""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby

from alerts.rules import arrears
from alerts.rules.base import (
    ORANGE,
    PAYMENT,
    RED,
    ZERO,
    Finding,
    Fold,
    Param,
    Rule,
    Scope,
    Values,
    same_run,
)
from alerts.rules.evidence import Evidence
from payroll import coverage
from payroll.models import Cycle
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY


class RepeatedArrears(Rule):
    code = "E7"
    title = Text("连续拖欠工资", "Arrears in consecutive months")
    stage = PAYMENT
    why = Text(
        "同一单位在同一项目连续数月未发或未足额发放工资。",
        "One company on one project has missed or shortened the wages of months in a row.",
    )
    law = ("Reg. 12", "Reg. 30", "Reg. 31", "Reg. 47")
    levels = Text(
        "连续2个月为橙色,3个月及以上为红色。", "Orange for two months in a row, red for three."
    )
    clears = Text(
        "所列月份工资付清,不再连续拖欠。", "The months are paid so that no two in a row are open."
    )
    needs = ("payroll", "bank")
    responsible = ("employer", "general", "owner")
    params = (
        Param("months", 2, "months", 2, 6, Text("连续月数", "Months in a row")),
        Param("red", 3, "months", 2, 12, Text("红色月数", "Months to red")),
    )
    hides = (Fold(("E1", "E2"), same_run),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        cycles = scope.once(arrears.overdue, as_of, scope)
        runs = [run for run in _runs(cycles) if len(run) >= values["months"]]
        reach = coverage.of(as_of, {run[0].project_id for run in runs}) if runs else {}
        found = []
        for run in runs:
            covered = reach.get(run[0].project_id, coverage.NO_ACCOUNT)
            seen = _runs(arrears.proved(run, covered))
            parts = [part for part in seen if len(part) >= values["months"]]
            found += [_finding(part, covered, values) for part in parts]
            if not parts:
                found.append(_finding(run, covered, values, data_missing=True))
        return found

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        sheets = arrears.sheets(c for finding in findings for c in finding.data["cycles"])
        return [self._one(finding, sheets) for finding in findings]

    def _one(self, finding: Finding, sheets: dict[int, tuple[int, str]]) -> Evidence:
        run, made = finding.data["cycles"], Evidence()
        made.fact("首月", "First month", finding.month, "month")
        made.fact("末月", "Last month", finding.last, "month")
        made.fact("连续月数", "Months in a row", len(run), "count")
        made.fact(
            "未发人数最多的月份人数", "Workers unpaid, highest month", finding.workers, "count"
        )
        made.fact("银行数据截至", "Bank data reach to", finding.data["covered"], "date")
        arrears.add_cycles(made, run, finding.amount, sheets)
        return made


def _finding(
    run: list[Cycle], covered: coverage.Coverage, values: Values, data_missing: bool = False
) -> Finding:
    return Finding(
        run[0].project_id,
        run[0].employer_id,
        run[0].month,
        RED if len(run) >= values["red"] else ORANGE,
        run[values["months"] - 1].payday + DAY,
        workers=max(cycle.unpaid_people for cycle in run),
        amount=sum((cycle.unpaid for cycle in run), ZERO),
        data_missing=data_missing,
        last=run[-1].month,
        data={
            "cycles": run,
            "sums": [(cycle.month, cycle.unpaid, cycle.sheet_id) for cycle in run],
            "covered": covered.until,
        },
    )


def _runs(cycles: list[Cycle]) -> list[list[Cycle]]:
    """Runs of consecutive months of one employer on one project (rows in that order)."""
    numbered = enumerate(cycles)
    return [
        [cycle for _, cycle in run]
        for _, run in groupby(
            numbered,
            key=lambda pair: (
                pair[1].project_id,
                pair[1].employer_id,
                pair[1].month.ordinal - pair[0],
            ),
        )
    ]
