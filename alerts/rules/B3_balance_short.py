"""B3: shortly before a payday the accounts do not cover the unpaid sheets. A forecast."""

import datetime as dt
from collections.abc import Sequence

from alerts.rules import sites
from alerts.rules.base import (
    FUNDING,
    YELLOW,
    ZERO,
    Finding,
    Param,
    Rule,
    Scope,
    Values,
)
from alerts.rules.evidence import Column, Evidence
from payroll import coverage
from payroll.models import Cycle
from projects.models import Account
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY

COLUMNS = (
    Column("employer", "用工单位", "Employer"),
    Column("month", "工资月份", "Month worked", "month"),
    Column("people", "未发人数", "Workers unpaid", "count"),
    Column("due", "应发合计", "Due", "money"),
    Column("paid", "已发合计", "Paid", "money"),
    Column("unpaid", "未发合计", "Unpaid", "money"),
)


class BalanceShort(Rule):
    code = "B3"
    title = Text("专用账户余额不足以发放工资", "Account does not cover the coming wages")
    stage = FUNDING
    why = Text(
        "发薪日前余额不足,不补足就会欠薪;此时提醒还来得及。",
        "Short before the payday means arrears unless topped up; there is still time.",
    )
    law = ("Reg. 29", "Reg. 27")
    levels = Text("黄色。", "Yellow.")
    clears = Text(
        "账户余额足以覆盖未发工资,或工资已发放,或发薪日已过。",
        "The balance covers the unpaid sheets, or they are paid, or the payday has passed.",
    )
    needs = ("accounts", "bank", "payroll")
    responsible = ("owner", "general")
    params = (
        Param("days", 5, "days", 1, 20, Text("发薪日前天数", "Days before the payday")),
        Param("stale", 4, "days", 1, 31, Text("银行数据最多滞后", "Bank data at most this old")),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        unpaid: dict[int, list[Cycle]] = {}
        for cycle in Cycle.objects.filter(
            scope.q(), unpaid__gt=0, payday__lte=as_of + values["days"] * DAY
        ):
            unpaid.setdefault(cycle.project_id, []).append(cycle)
        unpaid = {
            project: cycles
            for project, cycles in unpaid.items()
            if any(cycle.payday >= as_of for cycle in cycles)
        }
        held = coverage.balances(as_of, unpaid) if unpaid else {}
        reach = coverage.of(as_of, unpaid) if unpaid else {}
        found = []
        parties = {one.project_id: one for one in scope.once(sites.known, as_of, scope)}
        for project, cycles in unpaid.items():
            balance = sum((amount for _, amount in held.get(project, [])), ZERO)
            needed = sum((cycle.unpaid for cycle in cycles), ZERO)
            if balance >= needed:
                continue
            covered = reach.get(project, coverage.NO_ACCOUNT)
            payday = max(cycle.payday for cycle in cycles)
            found.append(
                Finding(
                    project,
                    parties[project].owner_id or parties[project].contractor_id,
                    max(cycle.month for cycle in cycles),
                    YELLOW,
                    payday - values["days"] * DAY,
                    workers=sum(cycle.unpaid_people for cycle in cycles),
                    amount=needed - balance,
                    data_missing=covered.misses(as_of - values["stale"] * DAY),
                    data={
                        "payday": payday,
                        "unpaid": needed,
                        "balance": balance,
                        "covered": covered.until,
                        "accounts": held.get(project, []),
                    },
                )
            )
        return found

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        numbers = dict(
            Account.objects.filter(
                pk__in={pk for finding in findings for pk, _ in finding.data["accounts"]}
            ).values_list("pk", "number")
        )
        cycles: dict[int, list[Cycle]] = {}
        for cycle in (
            Cycle.objects.filter(project__in={f.project_id for f in findings}, unpaid__gt=0)
            .select_related("employer", "sheet")
            .order_by("project", "month", "employer")
        ):
            cycles.setdefault(cycle.project_id, []).append(cycle)
        return [self._one(finding, numbers, cycles[finding.project_id]) for finding in findings]

    def _one(self, finding: Finding, numbers: dict[int, str], cycles: list[Cycle]) -> Evidence:
        data, made = finding.data, Evidence()
        cycles = [cycle for cycle in cycles if cycle.payday <= data["payday"]]
        made.fact("发薪日", "Payday", data["payday"], "date")
        for pk, amount in data["accounts"]:
            made.fact(f"专用账户 {numbers[pk]} 余额", f"Balance of {numbers[pk]}", amount, "money")
        made.fact("银行数据截至", "Bank data reach to", data["covered"], "date")
        made.step("", "未发工资", "Unpaid sheets", data["unpaid"], "money")
        made.step("-", "账户余额", "Balance", data["balance"], "money")
        made.step("=", "缺口", "Shortfall", finding.amount, "money")
        made.table(
            COLUMNS,
            (
                {
                    "employer": cycle.employer.name,
                    "month": cycle.month,
                    "people": cycle.unpaid_people,
                    "due": cycle.due,
                    "paid": cycle.paid,
                    "unpaid": cycle.unpaid,
                }
                for cycle in cycles
            ),
        )
        made.feeds = {cycle.sheet.feed_id for cycle in cycles if cycle.sheet}
        return made
