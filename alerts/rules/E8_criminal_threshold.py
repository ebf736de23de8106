"""E8: so much is unpaid for so long that Criminal Law 276-1 may apply."""

import datetime as dt
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from alerts.rules import arrears
from alerts.rules.base import PAYMENT, RED, ZERO, CycleKey, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll import claims, coverage
from payroll.claims import Claim
from payroll.models import Cycle
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.months import Month

COLUMNS = (
    *WORKER_COLUMNS,
    Column("months", "未发月份", "Months unpaid"),
    Column("oldest", "最早发薪日", "Oldest payday", "date"),
    Column("unpaid", "未发", "Unpaid", "money"),
    Column("old", "其中逾期超过规定月数", "Of it overdue for longer", "money"),
)


@dataclass
class Debt:
    """What one worker is owed by one employer on one project: (payday, claim, month), by month.
    `old` is the part that is overdue for longer than the months that the law asks for."""

    claims: list[tuple[dt.date, Claim, Month]] = field(default_factory=list)
    old: Decimal = ZERO
    reached: dt.date | None = None
    """The day on which the old part reached the sum for one worker."""

    @property
    def unpaid(self) -> Decimal:
        return sum((claim.unpaid for _, claim, _ in self.claims), ZERO)


class CriminalThreshold(Rule):
    code = "E8"
    title = Text("欠薪达到刑事立案标准数额", "Arrears reach the criminal threshold")
    stage = PAYMENT
    why = Text(
        "数额达到拒不支付劳动报酬罪的标准;经责令支付仍不支付的,应当移送公安机关。",
        "The sum reaches that of the crime of refusing to pay wages; when an order to pay is not "
        "obeyed, the case goes to the police.",
    )
    law = ("Criminal Law 276-1", "Reg. 30", "Reg. 31")
    levels = Text("红色。", "Red.")
    clears = Text(
        "工资付至规定数额以下。", "Wages are paid until less than the sums of the law is open."
    )
    needs = ("payroll", "bank")
    responsible = ("employer", "general", "owner")
    params = (
        Param("months", 3, "months", 1, 12, Text("一人欠薪超过月数", "Months, one worker")),
        Param("one", 5000, "CNY", 5000, 20000, Text("一人欠薪数额", "Sum, one worker")),
        Param("people", 10, "people", 10, 100, Text("多人欠薪人数", "Workers, several")),
        Param("sum", 30000, "CNY", 30000, 100000, Text("多人欠薪累计数额", "Sum, several")),
        Param(
            *("group_days", 1, "days", 1, 180),
            Text("多人欠薪自逾期第几日计", "Several: counted from day"),
        ),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        groups: dict[tuple[int, int], list[Cycle]] = {}
        for cycle in scope.once(arrears.overdue, as_of, scope):
            groups.setdefault((cycle.project_id, cycle.employer_id), []).append(cycle)
        groups = {key: cycles for key, cycles in groups.items() if _possible(as_of, cycles, values)}
        keys = {(*key, cycle.month) for key, cycles in groups.items() for cycle in cycles}
        owed = claims.of(as_of, keys, unpaid_only=True, named=False)
        reach = coverage.of(as_of, {project for project, _ in groups}) if groups else {}
        found = (
            _judged(as_of, key, cycles, owed, values, reach.get(key[0], coverage.NO_ACCOUNT))
            for key, cycles in groups.items()
        )
        return [finding for finding in found if finding]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        claims.name(
            [
                claim
                for finding in findings
                for debt in finding.data["debts"]
                for _, claim, _ in debt.claims
            ]
        )
        return [self._one(finding) for finding in findings]

    def _one(self, finding: Finding) -> Evidence:
        data, made = finding.data, Evidence()
        debts: list[Debt] = data["debts"]
        singles = sum(debt.reached is not None for debt in debts)
        made.fact("最早未发月份", "First month unpaid", finding.month, "month")
        made.fact("达到一人标准的人数", "Workers over the sum for one", singles, "count")
        made.fact("未发人数", "Workers unpaid", finding.workers, "count")
        if data["group"]:
            made.fact("达到多人标准日期", "Sum for several reached", data["group"], "date")
        made.fact("银行数据截至", "Bank data reach to", data["covered"], "date")
        sums: dict[Month, Decimal] = {}
        for debt in debts:
            for _, claim, month in debt.claims:
                sums[month] = sums.get(month, ZERO) + claim.unpaid
        for index, (month, unpaid) in enumerate(sorted(sums.items())):
            zh, en = f"{month} 未发", f"Unpaid for {month}"
            made.step("+" if index else "", zh, en, unpaid, "money")
        made.step("=", "未发合计", "Unpaid in all", finding.amount, "money")
        made.table(
            COLUMNS,
            (
                {
                    "worker": debt.claims[0][1].name,
                    "id": debt.claims[0][1].masked_id,
                    "months": ", ".join(str(month) for _, _, month in debt.claims),
                    "oldest": min(payday for payday, _, _ in debt.claims),
                    "unpaid": debt.unpaid,
                    "old": debt.old,
                }
                for debt in debts
            ),
        )
        made.feeds = arrears.feeds(claim for debt in debts for _, claim, _ in debt.claims)
        return made


def later(day: dt.date, months: int) -> dt.date:
    """The same day `months` calendar months later, or that month's last day."""
    month = Month.of(day) + months
    return month.first.replace(day=min(day.day, monthrange(month.year, month.number)[1]))


def _possible(as_of: dt.date, cycles: list[Cycle], values: Values) -> bool:
    """Whether the sums of the cycles alone leave the question open."""
    unpaid = sum((cycle.unpaid for cycle in cycles), ZERO)
    old = any(later(cycle.payday, values["months"]) < as_of for cycle in cycles)
    people = sum(cycle.unpaid_people for cycle in cycles)
    return (old and unpaid >= values["one"]) or (
        people >= values["people"] and unpaid >= values["sum"]
    )


def _judged(
    as_of: dt.date,
    key: tuple[int, int],
    cycles: list[Cycle],
    owed: dict[CycleKey, list[Claim]],
    values: Values,
    covered: coverage.Coverage,
) -> Finding | None:
    """By the months that bank data prove, if these reach a sum of the law; else by all of them,
    with data missing."""
    seen = arrears.proved(cycles, covered)
    found = _reached(as_of, key, seen, owed, values, covered)
    if found is None and len(seen) < len(cycles):
        found = _reached(as_of, key, cycles, owed, values, covered)
        if found is not None:
            found.data_missing = True
    return found


def _reached(
    as_of: dt.date,
    key: tuple[int, int],
    cycles: list[Cycle],
    owed: dict[CycleKey, list[Claim]],
    values: Values,
    covered: coverage.Coverage,
) -> Finding | None:
    debts: dict[int, Debt] = {}
    for cycle in cycles:
        for claim in owed[(*key, cycle.month)]:
            debt = debts.setdefault(claim.engagement_id, Debt())
            debt.claims.append((cycle.payday, claim, cycle.month))
    for debt in debts.values():
        _age(as_of, debt, values)
    group = _together(as_of, debts, values)
    chosen = [debt for debt in debts.values() if group or debt.reached]
    if not chosen:
        return None
    months = [month for debt in chosen for _, _, month in debt.claims]
    return Finding(
        *key,
        min(months),
        RED,
        min(day for day in (group, *(debt.reached for debt in chosen)) if day),
        workers=len(chosen),
        amount=sum((debt.unpaid for debt in chosen), ZERO),
        last=max(months),
        data={"debts": chosen, "group": group, "covered": covered.until},
    )


def _age(as_of: dt.date, debt: Debt, values: Values) -> None:
    """What is overdue for more than the months asked for, and when it became enough."""
    for payday, claim, _ in sorted(debt.claims, key=lambda part: part[0]):
        overdue_since = later(payday, values["months"])
        if overdue_since < as_of:
            debt.old += claim.unpaid
            if debt.reached is None and debt.old >= values["one"]:
                debt.reached = overdue_since + DAY


def _together(as_of: dt.date, debts: dict[int, Debt], values: Values) -> dt.date | None:
    """The day on which so many workers were owed so much together."""
    parts = sorted(
        (payday, engagement, claim.unpaid)
        for engagement, debt in debts.items()
        for payday, claim, _ in debt.claims
        if (as_of - payday).days >= values["group_days"]
    )
    people: set[int] = set()
    total = ZERO
    for payday, engagement, unpaid in parts:
        people.add(engagement)
        total += unpaid
        if len(people) >= values["people"] and total >= values["sum"]:
            return payday + values["group_days"] * DAY
    return None
