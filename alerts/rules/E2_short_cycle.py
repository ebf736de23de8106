"""E2: the payday has passed and part of the sheet is unpaid."""

import datetime as dt
from collections.abc import Sequence

from alerts.rules import arrears
from alerts.rules.base import PAYMENT, Finding, Rule, Scope, Values
from alerts.rules.evidence import Evidence
from wagewatch.bilingual import Text


class ShortCycle(Rule):
    code = "E2"
    title = Text("工资未足额发放", "Pay cycle paid in part")
    stage = PAYMENT
    why = Text(
        "发薪日已过,有工人未发或少发工资。",
        "The payday has passed and some workers got nothing or less than their net wage.",
    )
    law = ("Reg. 12", "Reg. 14", "Reg. 30", "Reg. 31")
    levels = arrears.LATENESS_LEVELS
    clears = Text(
        "所列工人的差额从专用账户足额付至本人账户。",
        "What the listed workers are owed is paid from the dedicated account into their accounts.",
    )
    needs = ("payroll", "bank")
    responsible = ("employer", "general", "owner")
    params = arrears.LATENESS

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        owing = scope.once(arrears.overdue, as_of, scope)
        return arrears.judged(as_of, (cycle for cycle in owing if cycle.paid > 0), values)

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        return arrears.evidence(as_of, findings)
