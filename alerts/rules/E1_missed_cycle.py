"""E1: the payday has passed and nothing of the sheet is paid: the missed pay cycle."""

import datetime as dt
from collections.abc import Sequence

from alerts.rules import arrears
from alerts.rules.base import PAYMENT, Finding, Fold, Rule, Scope, Values, same_cycle
from alerts.rules.evidence import Evidence
from wagewatch.bilingual import Text


class MissedCycle(Rule):
    code = "E1"
    title = Text("整期工资未发", "Missed pay cycle")
    stage = PAYMENT
    why = Text(
        "发薪日已过,工资支付表上的工资分文未发。",
        "The payday has passed and nothing of the pay sheet has been paid.",
    )
    law = ("Reg. 12", "Reg. 14", "Reg. 30", "Reg. 31")
    levels = arrears.LATENESS_LEVELS
    clears = Text(
        "该表应发工资从专用账户足额付至工人本人账户(部分发放后转为E2)。",
        "The sheet is paid in full from the dedicated account into the workers' own accounts "
        "(paid in part, it becomes E2).",
    )
    needs = ("payroll", "bank")
    responsible = ("employer", "general", "owner")
    params = arrears.LATENESS
    hides = (Fold(("E2",), same_cycle),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        owing = scope.once(arrears.overdue, as_of, scope)
        return arrears.judged(as_of, (cycle for cycle in owing if cycle.paid <= 0), values)

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        return arrears.evidence(as_of, findings)
